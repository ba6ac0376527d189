"""Compares our ledger with the provider's statement, the bookings, the documents and the workflows.

Runs every night and on demand. A booking that differs is told to look, and what differs is compared once more after a
while: a payment that is in progress is no difference, nor is what its booking puts right.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from temporalio import workflow

from activities.reconciliation import Findings, PartFindings, ReconciliationActivities, Span
from domain.billing.ledger import Difference, Fact
from workflows import options

RECONCILIATION_ID = "reconciliation"
_LISTED_AT_MOST = 200
_PART, _PARTS_AT_MOST = timedelta(days=1), 200


@dataclass(frozen=True, slots=True)
class ReconciliationInput:
    """``reach``: how far back to compare. ``patience``: how long to wait before differences are compared again."""

    reach: timedelta = timedelta(days=10)
    patience: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ReconciliationResult:
    """The number under which the result is stored, and the first of the differences."""

    number: int
    checked: dict[str, int]
    differences: tuple[Difference, ...]
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)


@workflow.defn
class ReconciliationWorkflow:
    """One comparison."""

    @workflow.run
    async def run(self, given: ReconciliationInput | None = None) -> ReconciliationResult:
        given = given or ReconciliationInput()
        findings = await self._compare(given.reach)
        if findings.differences:
            workflow.set_current_details(f"{len(findings.differences)} differences; comparing again")
            await workflow.execute_activity_method(
                ReconciliationActivities.report_differences,
                list(findings.differences),
                summary="tell the bookings that differ",
                **options.AUDIT,
            )
            await workflow.sleep(given.patience, summary="let payments in progress settle")
            findings = _confirmed(findings, await self._compare(given.reach))
        number = await workflow.execute_activity_method(
            ReconciliationActivities.store_result, findings, summary="store the result", **options.MAINTENANCE_LOOKUP
        )
        workflow.set_current_details(_summary(findings))
        first = findings.differences[:_LISTED_AT_MOST]
        return ReconciliationResult(number, findings.checked, first, findings.kinds)

    async def _compare(self, reach: timedelta) -> Findings:
        span = Span(workflow.now() - reach, workflow.now())
        if not workflow.patched("the-books-are-compared-in-parts"):
            return await self._compared_at_once(span)
        found: list[PartFindings] = []
        for part in _parts(span):
            silent = found[-1].silent if found else 0
            found.append(
                await workflow.execute_activity_method(
                    ReconciliationActivities.compare_part,
                    args=[part, span, silent],
                    summary=f"compare from {part.since:%d %b %H:%M}",
                    **options.STATEMENT,
                )
            )
        return _together(span, found)

    async def _compared_at_once(self, span: Span) -> Findings:
        """As comparisons that began before this release do it; goes with release 0.8.0."""
        provider = await self._statement(span)
        posted: list[Fact] = await workflow.execute_activity_method(
            ReconciliationActivities.fetch_ledger,
            args=[span, [fact.reference for fact in provider]],
            summary="fetch the ledger",
            **options.AUDIT,
        )
        known = {(fact.kind, fact.reference) for fact in provider}
        missing = [fact for fact in posted if (fact.kind, fact.reference) not in known]
        if missing:
            provider = provider + await workflow.execute_activity_method(
                ReconciliationActivities.fetch_missing,
                missing,
                summary=f"fetch {len(missing)} one by one",
                **options.STATEMENT,
            )
        return await workflow.execute_activity_method(
            ReconciliationActivities.compare_books, args=[span, posted, provider], summary="compare", **options.AUDIT
        )

    async def _statement(self, span: Span) -> list[Fact]:
        return await workflow.execute_activity_method(
            ReconciliationActivities.fetch_statement, span, summary="fetch the statement", **options.STATEMENT
        )


def _parts(span: Span) -> Iterator[Span]:
    """Of a day each, longer ones where there would be too many for one history."""
    length, since = max(_PART, (span.until - span.since) / _PARTS_AT_MOST), span.since
    while since < span.until:
        until = min(since + length, span.until)
        yield Span(since, until)
        since = until


def _together(span: Span, parts: Sequence[PartFindings]) -> Findings:
    """What began in one part and was posted in another may differ in both."""
    differences = {(each.kind, each.reference, each.booking_id): each for part in parts for each in part.differences}
    checked: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    for part in parts:
        checked.update(part.checked)
        for kind, counts in part.kinds.items():
            kinds.setdefault(kind, Counter()).update(counts)
    of_kinds = {kind: dict(counts) for kind, counts in sorted(kinds.items())}
    return Findings(span, dict(checked), tuple(differences.values()), of_kinds)


def _confirmed(first: Findings, second: Findings) -> Findings:
    known = {(each.kind, each.reference, each.booking_id) for each in first.differences}
    confirmed = [each for each in second.differences if (each.kind, each.reference, each.booking_id) in known]
    return replace(second, differences=tuple(confirmed))


def _summary(findings: Findings) -> str:
    if not findings.differences:
        return "the books agree"
    lines = (f"- booking {each.booking_id or '?'}: {each.detail}" for each in findings.differences[:20])
    return "\n".join([f"**{len(findings.differences)} differences**", *lines])
