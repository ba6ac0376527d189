"""Mail, books and hints in memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from domain.kinds.vehicle_service.requests import RecordInvoice
from domain.kinds.vehicle_service.settling import OwedDocument
from domain.notices import Attachment, Notice
from domain.payments import Hint


class FakePost:
    """A mail server and its log in one."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []
        self.attempts: list[tuple[Notice, str | None]] = []
        self._down = False

    @contextmanager
    def down(self) -> Iterator[None]:
        """For this long nothing can be sent."""
        self._down = True
        try:
            yield
        finally:
            self._down = False

    def subject(self, notice: Notice) -> str:
        return f"{notice.kind} {notice.sequence}"

    async def send(self, notice: Notice, attachments: Sequence[Attachment] = ()) -> str:
        if self._down:
            raise ConnectionError("the mail server sleeps")
        self.sent.append(notice)
        return f"<{notice.booking_id}.{notice.kind}.{notice.sequence}@test>"

    async def was_sent(self, notice: Notice) -> bool:
        identity = (notice.booking_id, notice.kind, notice.sequence)
        return any((mail.booking_id, mail.kind, mail.sequence) == identity for mail in self.sent)

    async def record(
        self, notice: Notice, subject: str, attachments: list[str], message_id: str | None, error: str | None
    ) -> None:
        self.attempts.append((notice, error))

    def kinds(self, booking_id: int) -> list[str]:
        """What this booking's customer got, in order of arrival."""
        return [str(notice.kind) for notice in self.sent if notice.booking_id == booking_id]


class FakeBooks:
    """Numbers documents 1..n."""

    def __init__(self) -> None:
        self.issued: dict[tuple[int, str, str], RecordInvoice] = {}

    async def issue(self, booking_id: int, owed: OwedDocument) -> RecordInvoice:
        key = (booking_id, owed.kind, owed.leg)
        if key not in self.issued:
            number = f"T-{len(self.issued) + 1:06d}"
            self.issued[key] = RecordInvoice(
                owed.kind, len(self.issued) + 1, owed.leg, number, owed.amount, owed.invoice_number
            )
        return self.issued[key]

    async def pdf(self, number: str) -> bytes:
        return b"%PDF-1.7 " + number.encode()


class FakeHints:
    """An inbox of hints whose signals got lost, and the orders that customers may be paying."""

    def __init__(self) -> None:
        self.waiting: list[Hint] = []
        self.open: list[Hint] = []

    async def undelivered(self) -> list[Hint]:
        return list(self.waiting)

    async def delivered(self, row: int) -> None:
        self.waiting = [hint for hint in self.waiting if hint.row != row]

    async def open_orders(self) -> list[Hint]:
        return list(self.open)

    async def forget_old(self) -> int:
        return 0
