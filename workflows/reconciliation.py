"""Compares our ledger with the provider's statement, the bookings, the documents and the workflows.

Runs every night and on demand. A booking that differs is told to look, and what differs is compared once more after a
while: a payment that is in progress is no difference, nor is what its booking puts right.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from temporalio import workflow

from activities.reconciliation import Findings, ReconciliationActivities, Span
from domain.billing.ledger import Difference, Fact
from workflows import options

RECONCILIATION_ID = "reconciliation"
_LISTED_AT_MOST = 200


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


def _confirmed(first: Findings, second: Findings) -> Findings:
    known = {(each.kind, each.reference, each.booking_id) for each in first.differences}
    confirmed = [each for each in second.differences if (each.kind, each.reference, each.booking_id) in known]
    return replace(second, differences=tuple(confirmed))


def _summary(findings: Findings) -> str:
    if not findings.differences:
        return "the books agree"
    lines = (f"- booking {each.booking_id or '?'}: {each.detail}" for each in findings.differences[:20])
    return "\n".join([f"**{len(findings.differences)} differences**", *lines])
