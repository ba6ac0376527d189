"""Comparison of the ledger with the provider, the bookings, the documents and the workflows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol, TypeVar

from temporalio import activity

from activities.heartbeats import heartbeats
from domain.billing.ledger import Difference, DifferenceKind, EntryKind, Fact, compare
from domain.billing.provider import ProviderPayment, ProviderRefund, RefundStatus

T = TypeVar("T")

SILENT_AT_MOST = 10
"""When so many workflows do not answer, nobody works on them: each of the others would be waited for as well."""


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


class ProviderStatement(Protocol):
    """The provider's record of payments and refunds. Blocking calls, made in the payments' threads."""

    def payments_between(self, since: datetime, until: datetime) -> Iterator[ProviderPayment]:
        """Every payment that was begun in that time, page by page."""

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[ProviderRefund]:
        """Every refund that was requested in that time, page by page."""

    def payment(self, payment_id: str) -> ProviderPayment | None:
        """One payment, or None if the provider does not know it."""

    def refund_of_id(self, refund_id: str) -> ProviderRefund | None:
        """One refund, or None if the provider does not know it."""


class Ledger(Protocol):
    """Our ledger."""

    async def facts(self, references: Iterable[str], span: Span) -> list[Fact]:
        """The sums of the online movements with these references, and of all that were posted in that time."""

    async def bookings_of(self, order_ids: Iterable[str]) -> dict[str, int]:
        """The booking of each order."""

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


class BookingWorkflows(Protocol):
    """The workflows of bookings."""

    async def version(self, kind: str, booking_id: int) -> int | None:
        """The version of the workflow's state; None when it has ended or does not answer."""


class ReconciliationActivities:
    """The steps of one comparison."""

    def __init__(self, statement: ProviderStatement, ledger: Ledger, workflows: BookingWorkflows) -> None:
        self._statement = statement
        self._ledger = ledger
        self._workflows = workflows

    @activity.defn
    def fetch_statement(self, span: Span) -> list[Fact]:
        """Captured payments and processed refunds at the provider. ``reference`` is its id."""
        payments = _with_heartbeats(self._statement.payments_between(span.since, span.until))
        refunds = _with_heartbeats(self._statement.refunds_between(span.since, span.until))
        facts = [_capture(payment) for payment in payments if payment.captured]
        return facts + [_refund(refund) for refund in refunds if refund.status == RefundStatus.PROCESSED]

    @activity.defn
    def fetch_missing(self, missing: list[Fact]) -> list[Fact]:
        """Movements of the ledger that the statement does not have, fetched one by one."""
        found = []
        for fact in missing:
            activity.heartbeat(fact.reference)
            found += self._fetch(fact)
        return found

    @activity.defn
    async def fetch_ledger(self, span: Span, references: list[str]) -> list[Fact]:
        """The ledger's sums of these movements, and of everything that was posted in that time."""
        async with heartbeats():
            return await self._ledger.facts(references, span)

    @activity.defn
    async def compare_books(self, span: Span, posted: list[Fact], provider: list[Fact]) -> Findings:
        """Every difference between ledger, provider, bookings, documents and workflows."""
        async with heartbeats():
            owners = await self._ledger.bookings_of([fact.order_id for fact in provider if fact.order_id])
            known = [fact.of(owners.get(fact.order_id or "")) for fact in provider]
            differences = compare(posted, known)
            differences += await self._ledger.disagreements(span)
            opened = await self._ledger.open_bookings(span)
            differences += await self._version_differences(opened)
            compared: dict[str, list[int | None]] = {
                "ledger": [fact.booking_id for fact in posted],
                "provider": [fact.booking_id for fact in known],
                "workflows": [booking_id for _, booking_id, _ in opened],
            }
            bookings: set[int | None] = {each.booking_id for each in differences}.union(*compared.values())
            kinds = await self._ledger.kinds_of(number for number in bookings if number is not None)
        of_kind = [replace(each, booking_kind=_kind(kinds, each.booking_id)) for each in differences]
        checked = {what: len(numbers) for what, numbers in compared.items()}
        return Findings(span, checked, tuple(of_kind), _by_kind(compared, kinds))

    @activity.defn
    async def store_result(self, findings: Findings) -> int:
        """Store the result for the admin."""
        return await self._ledger.file(findings)

    async def _version_differences(self, opened: Sequence[tuple[str, int, int]]) -> list[Difference]:
        problems = await self._ledger.workflow_problems()
        found = [Difference(DifferenceKind.ROW_AND_WORKFLOW, problem, of, detail) for of, problem, detail in problems]
        known, silent = {booking_id for booking_id, _, _ in problems}, 0
        for kind, booking_id, row in opened:
            if booking_id in known or silent == SILENT_AT_MOST:
                continue
            version = await self._workflows.version(kind, booking_id)
            if version is None:
                silent += 1
                detail = "its workflow has ended or does not answer"
                found.append(Difference(DifferenceKind.ROW_AND_WORKFLOW, "silent", booking_id, detail))
            elif version != row:
                detail = f"the row is at version {row}, its workflow at {version}"
                found.append(Difference(DifferenceKind.ROW_AND_WORKFLOW, f"v{row}", booking_id, detail))
        return found

    def _fetch(self, fact: Fact) -> list[Fact]:
        if fact.kind is EntryKind.CAPTURE:
            payment = self._statement.payment(fact.reference)
            return [_capture(payment)] if payment and payment.captured else []
        refund = self._statement.refund_of_id(fact.reference)
        return [_refund(refund)] if refund and refund.status == RefundStatus.PROCESSED else []


def _kind(kinds: Mapping[int, str], booking_id: int | None) -> str:
    return "" if booking_id is None else kinds.get(booking_id, "")


def _by_kind(compared: Mapping[str, list[int | None]], kinds: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """How much was compared of each kind; a refund at the provider does not say whose it is."""
    counts = {what: Counter(_kind(kinds, number) for number in numbers) for what, numbers in compared.items()}
    return {kind: {what: counts[what][kind] for what in compared} for kind in sorted(set(kinds.values()))}


def _with_heartbeats(movements: Iterator[T]) -> Iterator[T]:
    """The same, with a heartbeat after each: many pages take longer than the heartbeat timeout."""
    for number, movement in enumerate(movements):
        activity.heartbeat(number)
        yield movement


def _capture(payment: ProviderPayment) -> Fact:
    return Fact(EntryKind.CAPTURE, payment.payment_id, payment.amount, None, payment.order_id)


def _refund(refund: ProviderRefund) -> Fact:
    return Fact(EntryKind.REFUND, refund.refund_id, -refund.amount)
