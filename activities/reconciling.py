"""Holding the ledger against the provider, the bookings, the documents and the workflows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from temporalio import activity

from domain.ledger import Difference, DifferenceKind, EntryKind, Fact, compare
from domain.payments import ProviderPayment, ProviderRefund, RefundStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when money moved that is looked at."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Findings:
    """What was compared, and what does not agree."""

    span: Span
    checked: dict[str, int]
    differences: tuple[Difference, ...]


class Statement(Protocol):
    """What the provider says has moved. Blocking calls, made in the payments' threads."""

    def payments_between(self, since: datetime, until: datetime) -> Iterator[ProviderPayment]:
        """Every payment that was begun in that time, page by page."""

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[ProviderRefund]:
        """Every refund that was asked for in that time, page by page."""

    def payment(self, payment_id: str) -> ProviderPayment | None:
        """One payment, or None if the provider does not know it."""

    def refund_of_id(self, refund_id: str) -> ProviderRefund | None:
        """One refund, or None if the provider does not know it."""


class Ledger(Protocol):
    """Our books."""

    async def facts(self, references: Iterable[str], span: Span) -> list[Fact]:
        """The sums of the online movements with these references, and of all that were posted in that time."""

    async def bookings_of(self, order_ids: Iterable[str]) -> dict[str, int]:
        """Whose orders these are."""

    async def disagreements(self, span: Span) -> list[Difference]:
        """Bookings that moved in that time whose ledger differs from their rows or their documents."""

    async def open_bookings(self, span: Span) -> list[tuple[int, int]]:
        """Open bookings that moved in that time, with the versions of their rows."""

    async def file(self, findings: Findings) -> int:
        """Keep the result; answers its number."""


class Stories(Protocol):
    """The workflows of bookings."""

    async def version(self, booking_id: int) -> int | None:
        """The version that the workflow is at; None when it has ended or does not answer."""


class ReconcileActivities:
    """One comparison of everything that should be equal."""

    def __init__(self, statement: Statement, ledger: Ledger, stories: Stories) -> None:
        self._statement = statement
        self._ledger = ledger
        self._stories = stories

    @activity.defn
    def fetch_statement(self, span: Span) -> list[Fact]:
        """What the provider says has moved: captured payments and processed refunds. ``reference`` is its id."""
        payments = _heard(self._statement.payments_between(span.since, span.until))
        refunds = _heard(self._statement.refunds_between(span.since, span.until))
        facts = [_capture(payment) for payment in payments if payment.captured]
        return facts + [_refund(refund) for refund in refunds if refund.status == RefundStatus.PROCESSED]

    @activity.defn
    def look_up(self, missing: list[Fact]) -> list[Fact]:
        """Movements that we know of and that the statement of the time does not have: asked for one by one."""
        found = []
        for fact in missing:
            activity.heartbeat(fact.reference)
            found += self._asked_for(fact)
        return found

    @activity.defn
    async def posted(self, span: Span, references: list[str]) -> list[Fact]:
        """What the ledger says about these movements, and everything it posted in that time."""
        return await self._ledger.facts(references, span)

    @activity.defn
    async def compare_books(self, span: Span, posted: list[Fact], provider: list[Fact]) -> Findings:
        """Every difference between ledger, provider, bookings, documents and workflows."""
        owners = await self._ledger.bookings_of([fact.order_id for fact in provider if fact.order_id])
        differences = compare(posted, [fact.of(owners.get(fact.order_id or "")) for fact in provider])
        differences += await self._ledger.disagreements(span)
        opened = await self._ledger.open_bookings(span)
        differences += await self._behind(opened)
        checked = {"ledger": len(posted), "provider": len(provider), "workflows": len(opened)}
        return Findings(span, checked, tuple(differences))

    @activity.defn
    async def file_findings(self, findings: Findings) -> int:
        """Keep the result for the admin."""
        return await self._ledger.file(findings)

    async def _behind(self, opened: Sequence[tuple[int, int]]) -> list[Difference]:
        found = []
        for booking_id, row in opened:
            activity.heartbeat(booking_id)
            version = await self._stories.version(booking_id)
            if version is not None and version != row:
                detail = f"the row is at version {row}, its workflow at {version}"
                found.append(Difference(DifferenceKind.ROW_AND_WORKFLOW, f"v{row}", booking_id, detail))
        return found

    def _asked_for(self, fact: Fact) -> list[Fact]:
        if fact.kind is EntryKind.CAPTURE:
            payment = self._statement.payment(fact.reference)
            return [_capture(payment)] if payment and payment.captured else []
        refund = self._statement.refund_of_id(fact.reference)
        return [_refund(refund)] if refund and refund.status == RefundStatus.PROCESSED else []


def _heard(movements: Iterator[T]) -> Iterator[T]:
    """The same, with a sign of life after each: many pages take longer than the server believes in silence."""
    for number, movement in enumerate(movements):
        activity.heartbeat(number)
        yield movement


def _capture(payment: ProviderPayment) -> Fact:
    return Fact(EntryKind.CAPTURE, payment.payment_id, payment.amount, None, payment.order_id)


def _refund(refund: ProviderRefund) -> Fact:
    return Fact(EntryKind.REFUND, refund.refund_id, -refund.amount)
