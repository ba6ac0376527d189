"""Comparison of the ledger with the provider, the bookings, the documents and the workflows."""

import asyncio
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from temporalio import activity

from activities.heartbeats import heartbeats
from activities.provider_movements import ProviderMovements
from activities.reconciliation_ports import (
    BookingWorkflows,
    Findings,
    Ledger,
    PartFindings,
    ProviderStatement,
    Span,
    TransferStatement,
)
from activities.signalling import report
from domain.billing.ledger import (
    Difference,
    DifferenceKind,
    EntryKind,
    Fact,
    compare,
    fees_to_book,
    without_foreign_fees,
)
from domain.billing.provider import PaymentEvent

__all__ = ["Findings", "PartFindings", "ReconciliationActivities", "Span"]

T = TypeVar("T")
_AT_PROVIDER = (DifferenceKind.NOT_IN_LEDGER, DifferenceKind.NOT_AT_PROVIDER, DifferenceKind.OTHER_AMOUNT)
_PASSED_ON = ("trf_", "rvrsl_")
_TOLD_AT_MOST = 200
"""Bookings that are told of a difference: more at once is a fault of another sort, for a person to look at."""

SILENT_AT_MOST = 10
"""When so many workflows do not answer, nobody works on them: each of the others would be waited for as well."""


class ReconciliationActivities:
    """The steps of one comparison."""

    def __init__(
        self,
        statement: ProviderStatement,
        ledger: Ledger,
        workflows: BookingWorkflows,
        transfers: TransferStatement | None = None,
    ) -> None:
        """``transfers``: where a kind passes money on."""
        self._movements = ProviderMovements(statement, ledger, transfers)
        self._ledger = ledger
        self._workflows = workflows

    @activity.defn
    async def compare_part(self, part: Span, whole: Span, silent: int) -> PartFindings:
        """Every difference of what began, was posted or changed in a part of the ``whole`` time.

        All of it stays here: neither the payloads nor what is in memory grows with the time that is compared. A
        movement that began in another part, or before, is asked for by its id; its fee is compared where it began.
        """
        async with heartbeats() as tell:
            tell("the provider's lists")
            first = part.since == whole.since
            listed = await asyncio.to_thread(self._movements.listed, part, whole.until if first else None)
            begun, known = {fact.reference for fact in listed}, {_key(fact) for fact in listed}
            tell("the ledger")
            posted = await self._ledger.facts(begun, part)
            posted = [fact for fact in posted if fact.kind is not EntryKind.FEE or fact.reference in begun]
            provider = list(listed)
            for fact in posted:
                if _key(fact) not in known:
                    tell(fact.reference)
                    provider += await self._movements.missed(fact)
            tell("bookings")
            return await self._compared(part, posted, provider, listed=known, problems=first, silent=silent)

    @activity.defn
    def fetch_statement(self, span: Span) -> list[Fact]:
        """What the provider has captured, kept as its fee, refunded, and taken for lost disputes.

        ``reference`` is the provider's id. A dispute is decided long after it began.
        """
        return self._movements.listed(span, span.until, _with_heartbeats)

    @activity.defn
    def fetch_missing(self, missing: list[Fact]) -> list[Fact]:
        """Movements of the ledger that the statement does not have, fetched one by one."""
        found = []
        for fact in missing:
            activity.heartbeat(fact.reference)
            found += self._movements.fetch(fact)
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
            found = await self._compared(span, posted, provider)
        return Findings(span, found.checked, found.differences, found.kinds)

    @activity.defn
    async def report_differences(self, differences: list[Difference]) -> int:
        """Have each booking whose money differs fetch its orders and disputes; answers how many bookings.

        What a webhook and every poll have missed is put right so, before it counts as a difference.
        """
        at_provider = [each for each in differences if each.kind in _AT_PROVIDER and each.booking_id is not None]
        bookings = list(dict.fromkeys(each.booking_id for each in at_provider if each.booking_id))[:_TOLD_AT_MOST]
        events = await self._ledger.orders_of(bookings)
        kinds = {event.booking_id: event.kind for event in events}
        disputes = [each for each in at_provider if each.reference.startswith("disp_") and each.booking_id in kinds]
        events += [PaymentEvent(d.booking_id, dispute_id=d.reference, kind=kinds[d.booking_id]) for d in disputes]
        moved = [each for each in at_provider if each.reference.startswith(_PASSED_ON) and each.booking_id in kinds]
        events += [PaymentEvent(d.booking_id, transfer_id=d.reference, kind=kinds[d.booking_id]) for d in moved]
        for event in events:
            activity.heartbeat(event.booking_id)
            try:
                await report(self._workflows, event)
            except Exception as fault:
                activity.logger.warning("booking %s was not told of a difference: %s", event.booking_id, fault)
        return len(bookings)

    @activity.defn
    async def store_result(self, findings: Findings) -> int:
        """Store the result for the admin."""
        return await self._ledger.file(findings)

    async def _compared(
        self,
        span: Span,
        posted: list[Fact],
        provider: list[Fact],
        *,
        listed: Container[tuple[EntryKind, str]] | None = None,
        problems: bool = True,
        silent: int = 0,
    ) -> PartFindings:
        """``listed``: the movements that are counted, for the others are in another part; ``problems``: tell of
        workflows that are known to be broken as well."""
        known = without_foreign_fees(posted, await self._with_bookings(posted, provider))
        if fees := fees_to_book(posted, known):
            await self._ledger.book_fees(fees)
            posted = [*posted, *fees]
        differences = compare(posted, known)
        differences += await self._ledger.disagreements(span)
        opened = await self._ledger.open_bookings(span)
        of_workflows, silent = await self._version_differences(opened, silent, problems=problems)
        differences += of_workflows
        compared: dict[str, list[int | None]] = {
            "ledger": [fact.booking_id for fact in posted if listed is None or _key(fact) in listed],
            "provider": [fact.booking_id for fact in known if listed is None or _key(fact) in listed],
            "workflows": [booking_id for _, booking_id, _ in opened],
        }
        bookings: set[int | None] = {each.booking_id for each in differences}.union(*compared.values())
        kinds = await self._ledger.kinds_of(number for number in bookings if number is not None)
        of_kind = [replace(each, booking_kind=_kind(kinds, each.booking_id)) for each in differences]
        checked = {what: len(numbers) for what, numbers in compared.items()}
        return PartFindings(checked, tuple(of_kind), _by_kind(compared, kinds), silent)

    async def _version_differences(
        self, opened: Sequence[tuple[str, int, int]], silent: int, *, problems: bool
    ) -> tuple[list[Difference], int]:
        known = await self._ledger.workflow_problems()
        kind, found = DifferenceKind.ROW_AND_WORKFLOW, list[Difference]()
        if problems:
            found += [Difference(kind, problem, of, detail) for of, problem, detail in known]
        troubled = {booking_id for booking_id, _, _ in known}
        for of_kind, booking_id, row in opened:
            if booking_id in troubled or silent >= SILENT_AT_MOST:
                continue
            version = await self._workflows.version(of_kind, booking_id)
            if version is None:
                silent += 1
                found.append(Difference(kind, "silent", booking_id, "its workflow has ended or does not answer"))
            elif version != row:
                detail = f"the row is at version {row}, its workflow at {version}"
                found.append(Difference(kind, f"v{row}", booking_id, detail))
        return found, silent

    async def _with_bookings(self, posted: Iterable[Fact], provider: Sequence[Fact]) -> list[Fact]:
        """The provider's facts with the bookings that they belong to: by order, by payment, or by our own entry."""
        owners = await self._ledger.bookings_of(
            {fact.order_id for fact in provider if fact.order_id},
            {fact.payment_id for fact in provider if fact.payment_id},
        )
        booked = {(fact.kind, fact.reference): fact.booking_id for fact in posted}
        return [
            fact.of(
                owners.get(fact.order_id or "")
                or owners.get(fact.payment_id or "")
                or booked.get((fact.kind, fact.reference))
            )
            for fact in provider
        ]


def _key(fact: Fact) -> tuple[EntryKind, str]:
    return fact.kind, fact.reference


def _kind(kinds: Mapping[int, str], booking_id: int | None) -> str:
    return "" if booking_id is None else kinds.get(booking_id, "")


def _by_kind(compared: Mapping[str, list[int | None]], kinds: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """How much was compared of each kind; what is nobody's that we know is of none."""
    counts = {what: Counter(_kind(kinds, number) for number in numbers) for what, numbers in compared.items()}
    return {kind: {what: counts[what][kind] for what in compared} for kind in sorted(set(kinds.values()))}


def _with_heartbeats(movements: Iterator[T]) -> Iterator[T]:
    """The same, with a heartbeat after each: many pages take longer than the heartbeat timeout."""
    for number, movement in enumerate(movements):
        activity.heartbeat(number)
        yield movement
