"""Mail, books and hints in memory."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol

from domain.account_emails import Mail, Recipient
from domain.billing.due_documents import DueDocument
from domain.billing.provider import PaymentEvent
from domain.commands import RecordInvoice
from domain.emails import Attachment, BookingEmail
from kinds.vehicle_service.domain.reminders import DueService


class Waiting(Protocol):
    """An outbox."""

    def remove_sent(self, mail: BookingEmail, version: int) -> None: ...


class FakeMailServer:
    """A mail server and its log in one."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.attempts: list[tuple[Mail, str | None]] = []
        self.outbox: Waiting | None = None
        self._down = False

    @contextmanager
    def down(self) -> Iterator[None]:
        """For this long nothing can be sent."""
        self._down = True
        try:
            yield
        finally:
            self._down = False

    def subject(self, mail: Mail) -> str:
        return mail.identity

    async def send(self, mail: Mail, attachments: Sequence[Attachment] = ()) -> str:
        if self._down:
            raise ConnectionError("the mail server sleeps")
        self.sent.append(mail)
        return f"<{mail.identity}@test>"

    async def asker_has_left(self, mail: Mail) -> bool:
        return False

    async def was_sent(self, mail: Mail) -> bool:
        return any((each.identity, each.resend) == (mail.identity, mail.resend) for each in self.sent)

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
        self.attempts.append((mail, error))
        if self.outbox and version is not None and (error is None or for_good):
            assert isinstance(mail, BookingEmail)
            self.outbox.remove_sent(mail, version)

    def kinds(self, booking_id: int) -> list[str]:
        """What this booking's customer got, in order of arrival."""
        return [str(mail.slug) for mail in self.of(booking_id)]

    def of(self, booking_id: int) -> list[BookingEmail]:
        """The mails of this booking, in order of arrival; those of accounts belong to none."""
        return [mail for mail in self.sent if isinstance(mail, BookingEmail) and mail.booking_id == booking_id]


class FakePeople:
    """People by mail address and phone."""

    def __init__(self) -> None:
        self.people: dict[str, Recipient] = {}
        self.left: set[str] = set()
        self.unknown: set[str] = set()
        self.looked_for: list[str] = []

    async def find(self, email: str | None, phone: str | None) -> Recipient | None:
        return self.people.get(email or phone or "")

    async def contact(
        self, person_id: str, mentioned: Collection[str] = (), about: str = ""
    ) -> tuple[Recipient | None, dict[str, str]]:
        self.looked_for.append(person_id)
        names = {each: f"Name of {each}" for each in mentioned}
        if person_id in self.unknown:
            raise LookupError(f"there is no person {person_id}")
        if person_id in self.left:
            return None, names
        known = {person.person_id: person for person in self.people.values()}
        return known.get(person_id, Recipient(person_id, "Asha Rao", "asha@example.com")), names

    async def contact_before(self, change: str) -> Recipient:
        raise LookupError(f"there is no change {change}")


class FakePastVisits:
    """What is due, whatever the moment; ``EmailLog`` and PostgreSQL know what was reminded of."""

    def __init__(self) -> None:
        self.waiting: list[DueService] = []

    async def due(self, now: datetime, after: tuple[int, int], limit: int) -> list[DueService]:
        ahead = [due for due in self.waiting if (due.booking_id, due.months) > after]
        return sorted(ahead, key=lambda due: (due.booking_id, due.months))[:limit]


class FakeDocuments:
    """Numbers documents 1..n; nobody hears of them while it ``loses_answers``."""

    def __init__(self) -> None:
        self.loses_answers = False
        self.issued: dict[tuple[int, str, str, int], RecordInvoice] = {}

    async def issue(self, booking_id: int, owed: DueDocument) -> RecordInvoice:
        key = (booking_id, owed.kind, owed.leg, owed.sequence)
        if key not in self.issued:
            number = f"T-{len(self.issued) + 1:06d}"
            self.issued[key] = RecordInvoice(
                owed.kind, len(self.issued) + 1, owed.leg, number, owed.amount, owed.invoice_number
            )
        if self.loses_answers:
            raise ConnectionError("the answer was lost")
        return self.issued[key]

    async def unrecorded(self, booking_id: int, known: Sequence[str]) -> list[RecordInvoice]:
        of_booking = [record for key, record in self.issued.items() if key[0] == booking_id]
        return [record for record in of_booking if record.number not in known]

    async def pdf(self, number: str) -> bytes:
        return b"%PDF-1.7 " + number.encode()


class FakeUploads:
    """Everything that was uploaded is named by something."""

    async def remove(self) -> int:
        return 0


class FakeExpiredRows:
    """Nothing is ever past its time."""

    async def purge_expired(self) -> dict[str, int]:
        return {}


class FakeHints:
    """An inbox of hints whose signals got lost, and the orders that customers may be paying."""

    def __init__(self) -> None:
        self.waiting: list[PaymentEvent] = []
        self.open: list[PaymentEvent] = []
        self.over: list[PaymentEvent] = []

    async def undelivered(self, but: Collection[int] = ()) -> list[PaymentEvent]:
        return [hint for hint in self.waiting if hint.row not in but]

    async def delivered(self, row: int) -> None:
        self.waiting = [hint for hint in self.waiting if hint.row != row]

    async def parked(self, row: int) -> None:
        self.waiting = [hint for hint in self.waiting if hint.row != row]

    async def open_orders(self) -> list[PaymentEvent]:
        return list(self.open)

    async def orders_to_look_at(self) -> list[PaymentEvent]:
        return list(self.over)

    async def looked_at(self, order_id: str, looks: int, seen: str) -> None:
        self.over = [hint for hint in self.over if hint.order_id != order_id]

    async def missed(self, order_id: str) -> None:
        self.over.sort(key=lambda hint: hint.order_id == order_id)

    async def paid_without_webhook(self, latest: int, after: timedelta) -> int:
        return 0
