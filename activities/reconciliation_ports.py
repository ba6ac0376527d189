"""What a comparison of the books is about, and who is asked for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from activities.signalling import Signals
from domain.billing.ledger import Difference, Fact
from domain.billing.provider import PaymentEvent, ProviderDispute, ProviderPayment, ProviderRefund
from domain.billing.transfers import ProviderTransfer


@dataclass(frozen=True, slots=True)
class Span:
    """The time whose movements are compared."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """What was compared, and what differs; ``kinds`` is what was compared of each kind of booking."""

    span: Span
    checked: dict[str, int]
    differences: tuple[Difference, ...]
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartFindings:
    """The same of a part of the time; ``silent``: so many workflows have not answered, in the parts before as well."""

    checked: dict[str, int]
    differences: tuple[Difference, ...]
    kinds: dict[str, dict[str, int]]
    silent: int = 0


class ProviderStatement(Protocol):
    """The provider's record of payments, refunds and disputes. Blocking calls, made in the payments' threads."""

    def payments_between(self, since: datetime, until: datetime) -> Iterator[ProviderPayment]:
        """Every payment that was begun in that time, page by page."""

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[ProviderRefund]:
        """Every refund that was requested in that time, page by page."""

    def disputes_between(self, since: datetime, until: datetime) -> Iterator[ProviderDispute]:
        """Every dispute that began in that time, page by page."""

    def payment(self, payment_id: str) -> ProviderPayment | None:
        """One payment, or None if the provider does not know it."""

    def refund_of_id(self, refund_id: str) -> ProviderRefund | None:
        """One refund, or None if the provider does not know it."""

    def dispute_of_id(self, dispute_id: str) -> ProviderDispute | None:
        """One dispute, or None if the provider does not know it."""


class TransferStatement(Protocol):
    """The provider's record of what was passed on to payees. Blocking calls, as above."""

    def transfers_between(self, since: datetime, until: datetime) -> Iterator[ProviderTransfer]:
        """Every transfer that was made in that time, with its reversals, page by page."""

    def transfer(self, transfer_id: str) -> ProviderTransfer | None:
        """One transfer with its reversals, or None if the provider does not know it."""


class Ledger(Protocol):
    """Our ledger."""

    async def facts(self, references: Iterable[str], span: Span) -> list[Fact]:
        """The sums of the online movements with these references, and of all that were posted in that time."""

    async def bookings_of(self, order_ids: Iterable[str], payment_ids: Iterable[str]) -> dict[str, int]:
        """The booking of each order and payment."""

    async def orders_of(self, booking_ids: Iterable[int]) -> list[PaymentEvent]:
        """The orders of these bookings."""

    async def transfers_of(self, booking_id: int) -> list[str]:
        """The transfers of a booking."""

    async def book_fees(self, fees: Iterable[Fact]) -> None:
        """Add what the provider keeps of these payments."""

    async def kinds_of(self, booking_ids: Iterable[int]) -> dict[int, str]:
        """The kind of each booking."""

    async def disagreements(self, span: Span) -> list[Difference]:
        """Bookings that changed in that time whose ledger differs from their rows or their documents."""

    async def open_bookings(self, span: Span) -> list[tuple[str, int, int]]:
        """Open bookings that changed in that time: kind, id, and the version of their rows."""

    async def workflow_problems(self) -> list[tuple[int, str, str]]:
        """Open bookings whose workflow is missing or fails: id, problem, detail."""

    async def file(self, findings: Findings) -> int:
        """Store the result; answers its number."""


class BookingWorkflows(Signals, Protocol):
    """The workflows of bookings."""

    async def version(self, kind: str, booking_id: int) -> int | None:
        """The version of the workflow's state; None when it has ended or does not answer."""
