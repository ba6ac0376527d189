"""The log of mails: one row per identity, one row per attempt."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.listings import newest_first
from adapters.postgres.sql_format import INSTANT
from domain.account_emails import ACCOUNT_EMAIL_CATEGORIES, AccountEmail, AccountEmailSlug, Mail
from domain.emails import BookingEmail
from domain.kind import BookingKind

_SENT = text("SELECT 1 FROM notifications WHERE identity = :identity AND resend = :resend AND sent_at IS NOT NULL")
# Whoever it is for has left; answers go to an address that was typed, and are known by the question.
_GONE = """
    EXISTS (SELECT FROM erasures WHERE kind = :booking_kind AND person_id = :person)
    OR CAST(:question AS text) IS NOT NULL
        AND EXISTS (SELECT FROM erasures WHERE kind = :booking_kind AND CAST(:question AS text) = ANY(documents))
"""
_ASKER_HAS_LEFT = text(
    "SELECT EXISTS (SELECT FROM erasures WHERE kind = :kind AND CAST(:question AS text) = ANY(documents))"
)
# What has come to its end waits no longer, and no crash can fall between the two.
_RECORD = Prepared(
    f"""
    WITH reader AS MATERIALIZED (SELECT ({_GONE}) AS gone),
    left_outbox AS (
        DELETE FROM outbox WHERE booking_id = :booking AND version = CAST(:version AS integer)
            AND slug = :kind AND person_id = :person
    ),
    mail AS (
        INSERT INTO notifications
            (identity, resend, booking_kind, booking_id, kind, mail, message_id, sent_at, refused_at)
        SELECT :identity, :resend, :booking_kind, :booking, :kind,
            CASE WHEN NOT reader.gone THEN CAST(:mail AS jsonb) END, :message_id,
            CASE WHEN CAST(:message_id AS text) IS NOT NULL THEN now() END, CASE WHEN :for_good THEN now() END
        FROM reader
        ON CONFLICT (identity, resend) DO UPDATE SET
            message_id = coalesce(excluded.message_id, notifications.message_id),
            sent_at = coalesce(notifications.sent_at, excluded.sent_at), refused_at = excluded.refused_at
        RETURNING id
    )
    INSERT INTO notification_logs (notification_id, booking_id, notification_category_id, recipient_email, subject,
        attachments, timestamp, status, error)
    SELECT mail.id, :booking, (SELECT id FROM notification_categories WHERE name = :category),
        CASE WHEN reader.gone THEN '' ELSE :recipient END, :subject,
        CAST(:attachments AS text[]), now(), CASE WHEN CAST(:error AS text) IS NULL THEN 'sent' ELSE 'failed' END,
        CASE WHEN reader.gone AND CAST(:error AS text) IS NOT NULL THEN 'erased' ELSE CAST(:error AS text) END
    FROM mail, reader
    """  # noqa: S608 - a constant of ours
)
# The person a mail is for, if it is somebody of ours: their address may have changed since, or they may have left.
_STORED = text(
    """
    SELECT n.mail, coalesce(nullif(n.mail ->> 'person_id', ''), b.customer_id) AS person_id,
        u.email,
        (SELECT coalesce(max(s.resend), 0) FROM notifications AS s
            WHERE s.identity = n.identity AND s.sent_at IS NOT NULL) AS resends
    FROM notification_logs AS l JOIN notifications AS n ON n.id = l.notification_id
        LEFT JOIN bookings AS b ON b.id = n.booking_id
        LEFT JOIN users AS u ON u.deleted_at IS NULL
            AND u.id = coalesce(nullif(n.mail ->> 'person_id', ''), b.customer_id)
    WHERE l.id = :id AND n.booking_kind = :booking_kind
    """
)
LOGS = newest_first(f"""
    SELECT l.id, l.booking_id, c.name AS notification_category, l.notification_category_id, l.recipient_email,
        l.subject, l.attachments, {INSTANT.format("l.timestamp")} AS timestamp,
        l.status, l.error
    FROM notification_logs AS l LEFT JOIN notification_categories AS c ON c.id = l.notification_category_id
        JOIN notifications AS n ON n.id = l.notification_id
    WHERE n.booking_kind = :booking_kind
        AND (CAST(:category AS text) IS NULL OR lower(c.name) = lower(:category) OR c.id::text = :category)
        AND (CAST(:recipient AS text) IS NULL OR lower(l.recipient_email) = lower(:recipient))
        AND (CAST(:since AS date) IS NULL OR l.timestamp >= CAST(:since AS timestamp) AT TIME ZONE :zone)
        AND (CAST(:until AS date) IS NULL
            OR l.timestamp < (CAST(:until AS timestamp) + interval '1 day') AT TIME ZONE :zone)
""")  # noqa: S608 - constants of ours
_MAILS: TypeAdapter[Mail] = TypeAdapter(BookingEmail | AccountEmail)


class StoredEmail:
    """A mail that was sent or tried before, and whom it would reach today."""

    def __init__(self, row: Any) -> None:
        self.mail: Mail | None = None if row.mail is None else _MAILS.validate_python(row.mail)
        self.person_id: str | None = row.person_id
        self.email: str | None = row.email
        self.resends: int = row.resends


class EmailLogRows:
    """Which mails left, in PostgreSQL."""

    def __init__(self, database: Database, kinds: Mapping[str, BookingKind[Any]]) -> None:
        self._database = database
        self._kinds = kinds

    async def was_sent(self, mail: Mail) -> bool:
        """That very mail was handed to the mail server before."""
        known = {"identity": mail.identity, "resend": mail.resend}
        async with self._database.read.connect() as connection:
            return (await connection.execute(_SENT, known)).first() is not None

    async def asker_has_left(self, mail: Mail) -> bool:
        """The question that this mail answers was erased with whoever asked it."""
        question = _question(mail)
        if question is None:
            return False
        async with self._database.read.connect() as connection:
            asked = {"kind": mail.kind, "question": question}
            return bool((await connection.execute(_ASKER_HAS_LEFT, asked)).scalar_one())

    async def record(
        self,
        mail: Mail,
        subject: str,
        attachments: list[str],
        message_id: str | None,
        error: str | None,
        *,
        for_good: bool = False,
        version: int | None = None,
    ) -> None:
        """One attempt. The mail of a ``version`` is removed from the outbox, unless it has to be tried again.

        Of who has left meanwhile neither the address nor the mail is kept.
        """
        row = {
            "identity": mail.identity,
            "resend": mail.resend,
            "booking_kind": mail.kind,
            "booking": mail.booking_id if isinstance(mail, BookingEmail) else None,
            "kind": str(mail.slug),
            "mail": orjson.dumps(_MAILS.dump_python(mail, mode="json")).decode(),
            "category": self._category(mail),
            "recipient": mail.to,
            "subject": subject,
            "attachments": attachments,
            "message_id": message_id,
            "error": error,
            "for_good": for_good,
            "person": mail.person_id,
            "question": _question(mail),
            "version": version if error is None or for_good else None,
        }
        await self._database.row(_RECORD, **row)

    def _category(self, mail: Mail) -> str:
        """The name that the log shows."""
        if isinstance(mail, AccountEmail):
            return ACCOUNT_EMAIL_CATEGORIES[mail.slug]
        return self._kinds[mail.kind].emails[mail.slug].category


def _question(mail: Mail) -> str | None:
    """The id of the question that it answers."""
    is_answer = mail.slug is AccountEmailSlug.QUERY_RESPONSE
    return mail.key.rpartition("-")[0] if is_answer and isinstance(mail, AccountEmail) else None


async def stored(connection: AsyncConnection, kind: str, log_id: int) -> StoredEmail | None:
    """The mail behind a row of the log; None when there is no such row, or it is another kind's."""
    row = (await connection.execute(_STORED, {"id": log_id, "booking_kind": kind})).first()
    return StoredEmail(row) if row else None
