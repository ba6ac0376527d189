"""The log of mails: one row per identity, one row per attempt."""

from sqlalchemy import text

from adapters.postgres.engine import Database
from domain.notices import CATEGORY_NAMES, Notice

_SENT = text(
    "SELECT 1 FROM notifications WHERE booking_id = :booking AND kind = :kind AND sequence = :sequence "
    "AND sent_at IS NOT NULL"
)
_RECORD = text(
    """
    WITH attempt AS (
        INSERT INTO notification_logs (booking_id, notification_category_id, recipient_email, subject, attachments,
            timestamp, status, error)
        SELECT :booking, (SELECT id FROM notification_categories WHERE name = :category), :recipient, :subject,
            CAST(:attachments AS text[]), now(), CASE WHEN CAST(:error AS text) IS NULL THEN 'sent' ELSE 'failed' END,
            CAST(:error AS text)
    )
    INSERT INTO notifications (booking_id, kind, sequence, message_id, sent_at)
    VALUES (:booking, :kind, :sequence, :message_id,
        CASE WHEN CAST(:message_id AS text) IS NOT NULL THEN now() END)
    ON CONFLICT (booking_id, kind, sequence) DO UPDATE SET message_id = coalesce(excluded.message_id,
        notifications.message_id), sent_at = coalesce(notifications.sent_at, excluded.sent_at)
    """
)


class NoticeRows:
    """Which mails left, in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def was_sent(self, notice: Notice) -> bool:
        """That very mail was handed to the mail server before."""
        async with self._database.read.connect() as connection:
            return (await connection.execute(_SENT, _identity(notice))).first() is not None

    async def record(
        self, notice: Notice, subject: str, attachments: list[str], message_id: str | None, error: str | None
    ) -> None:
        """One attempt."""
        row = {
            **_identity(notice),
            "category": CATEGORY_NAMES[notice.kind],
            "recipient": notice.to,
            "subject": subject,
            "attachments": attachments,
            "message_id": message_id,
            "error": error,
        }
        async with self._database.write.begin() as connection:
            await connection.execute(_RECORD, row)


def _identity(notice: Notice) -> dict[str, object]:
    return {"booking": notice.booking_id, "kind": str(notice.kind), "sequence": notice.sequence}
