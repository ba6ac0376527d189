"""Do our books agree with the provider's, with the bookings, the documents and the workflows?

Asked every night, and by whoever wants to know. What differs is looked at once more after a while: money that is on
its way just then is no difference.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio import workflow

from activities.reconciling import Findings, ReconcileActivities, Span
from domain.ledger import Difference, Fact
from workflows import options

RECONCILIATION_ID = "reconciliation"
_TOLD_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Question:
    """How far back to look, and how long what differs may take to settle."""

    reach: timedelta = timedelta(days=10)
    patience: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the result is kept, and the first of the differences."""

    number: int
    checked: dict[str, int]
    differences: tuple[Difference, ...]


@workflow.defn
class Reconciliation:
    """One comparison."""

    @workflow.run
    async def run(self, question: Question | None = None) -> Answer:
        question = question or Question()
        findings = await self._look(question.reach)
        if findings.differences:
            workflow.set_current_details(f"{len(findings.differences)} differences at first sight; looking again")
            await workflow.sleep(question.patience, summary="what is on its way settles")
            findings = _lasting(findings, await self._look(question.reach))
        number = await workflow.execute_activity_method(
            ReconcileActivities.file_findings, findings, summary="keep the result", **options.DATABASE
        )
        workflow.set_current_details(_told(findings))
        return Answer(number, findings.checked, findings.differences[:_TOLD_AT_MOST])

    async def _look(self, reach: timedelta) -> Findings:
        span = Span(workflow.now() - reach, workflow.now())
        provider = await self._statement(span)
        posted: list[Fact] = await workflow.execute_activity_method(
            ReconcileActivities.posted,
            args=[span, [fact.reference for fact in provider]],
            summary="what the ledger says",
            **options.AUDIT,
        )
        known = {fact.reference for fact in provider}
        missing = [fact for fact in posted if fact.reference not in known]
        if missing:
            provider = provider + await workflow.execute_activity_method(
                ReconcileActivities.look_up, missing, summary=f"ask for {len(missing)}", **options.STATEMENT
            )
        return await workflow.execute_activity_method(
            ReconcileActivities.compare_books, args=[span, posted, provider], summary="compare", **options.AUDIT
        )

    async def _statement(self, span: Span) -> list[Fact]:
        return await workflow.execute_activity_method(
            ReconcileActivities.fetch_statement, span, summary="what the provider says", **options.STATEMENT
        )


def _lasting(first: Findings, second: Findings) -> Findings:
    known = {(each.kind, each.reference, each.booking_id) for each in first.differences}
    lasting = [each for each in second.differences if (each.kind, each.reference, each.booking_id) in known]
    return replace(second, differences=tuple(lasting))


def _told(findings: Findings) -> str:
    if not findings.differences:
        return "the books agree"
    lines = (f"- booking {each.booking_id or '?'}: {each.detail}" for each in findings.differences[:20])
    return "\n".join([f"**{len(findings.differences)} differences**", *lines])
