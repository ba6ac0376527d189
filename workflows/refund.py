"""One attempt to refund, for as long as the provider takes.

A workflow of its own, so that the booking's workflow does not have to wait for it. Its id is made of the idempotency
key: one attempt, one workflow, one refund at the provider. It ends when the provider has sent the money or has failed
for good; what follows then (the next attempt, an admin) the booking decides by ``domain.billing.refund_retries``, which
also has the pauses in here.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.payments import PaymentActivities
from domain.billing.provider import ProviderRefund, RefundStatus
from domain.billing.refund_retries import FETCH_PAUSES, RETRY_PAUSES, pause_after
from domain.commands import RecordRefund
from domain.errors import BookingError, LowBalance, PaymentDisputed, PaymentRejected
from domain.pauses import growing_pause
from workflows import options
from workflows.refund_messages import DisputeInstruction, RefundInput, RefundProgress

_CONFLICT = 409
_LONGEST_DELAY = timedelta(minutes=1)
"""Reports that bring nothing new are looked into ever later, up to this."""


class _NotRefundable(Exception):
    """The provider will not make this refund; ``report`` says so to the booking."""

    def __init__(self, report: RecordRefund) -> None:
        super().__init__(report.note)
        self.report = report


@workflow.defn(failure_exception_types=[BookingError])
class RefundWorkflow:
    """One attempt: sent until the provider accepts it, then watched until the bank has decided."""

    @workflow.init
    def __init__(self, given: RefundInput) -> None:
        self._given = given
        self._now = given.progress or RefundProgress(settled=given.settled)
        self._denied: str | None = None
        self._reported: RecordRefund | None = None

    @workflow.run
    async def run(self, given: RefundInput) -> str:
        try:
            refund = self._now.sent or await self._send()
        except _NotRefundable as end:
            await self._report(end.report)
            return RefundStatus.FAILED
        refund = await self._wait_for_bank(refund)
        failed = refund.status == RefundStatus.FAILED
        await self._report_status(refund, needs_help=False, note="the bank failed the refund" if failed else None)
        return refund.status

    @workflow.signal(description="Something may have happened to this refund; it is fetched before it counts.")
    def refund_reported(self) -> None:
        self._now.signalled = True

    @workflow.signal(description="Admin: try now instead of waiting.")
    def retry(self) -> None:
        self._now.retry_now = True

    @workflow.signal(description="A dispute of the payment: wait, proceed, or abandon (the bank has paid).")
    def instruct(self, instruction: DisputeInstruction) -> None:
        self._now.instruction = instruction

    @workflow.signal(description="The bank has decided these disputes of the payment, and the booking has recorded it.")
    def proceed(self, settled: tuple[str, ...]) -> None:
        """A dispute that the booking was asked about and does not name is unknown to it: the refund goes on waiting."""
        self._now.settled = settled
        if set(self._now.asked) <= set(settled):
            self._now.instruction = DisputeInstruction.PROCEED

    async def _send(self) -> ProviderRefund:
        """Try until the provider accepts the refund; an admin is told what prevents it."""
        while True:
            if self._waits_for_dispute():
                await self._rest(RETRY_PAUSES, lambda: not self._waits_for_dispute(), "its payment is disputed")
            instruction = self._now.instruction
            try:
                return await (self._find() if instruction is DisputeInstruction.ABANDON else self._refund())
            except ActivityError as failure:
                await self._look_into(failure)
            if not self._waits_for_dispute():
                await self._rest(RETRY_PAUSES, self._told_otherwise_than(instruction), "next try")

    def _told_otherwise_than(self, instruction: DisputeInstruction) -> Callable[[], bool]:
        return lambda: self._now.instruction is not instruction

    def _waits_for_dispute(self) -> bool:
        return self._now.instruction is DisputeInstruction.WAIT

    async def _refund(self) -> ProviderRefund:
        refund: ProviderRefund = await workflow.execute_activity_method(
            PaymentActivities.refund,
            args=[self._given.payment_id, self._given.amount, self._given.key, list(self._now.settled)],
            summary=f"refund {self._given.key}",
            **options.PROVIDER_BOUNDED,
        )
        return refund

    async def _find(self) -> ProviderRefund:
        """The bank has paid the customer; but what was sent before, its answer lost, has been sent."""
        found: ProviderRefund | None = await workflow.execute_activity_method(
            PaymentActivities.find_refund,
            args=[self._given.payment_id, self._given.amount, self._given.key],
            summary=f"was {self._given.key} made?",
            **options.PROVIDER_BOUNDED,
        )
        if found is None:
            raise _NotRefundable(self._failed("the bank has paid the customer"))
        return found

    async def _look_into(self, failure: ActivityError) -> None:
        cause = failure.cause
        if isinstance(cause, PaymentDisputed):
            await self._tell_dispute(str(cause.data["dispute_id"]))
        elif isinstance(cause, PaymentRejected):
            raise _NotRefundable(self._refused(cause)) from None
        else:
            await self._report(
                RecordRefund(self._given.refund_row, RefundStatus.PENDING, None, True, _reason(failure)[:300])
            )

    async def _tell_dispute(self, dispute_id: str) -> None:
        """The booking may not know of it: it fetches the dispute, and says what to do when the bank has decided."""
        self._now.instruction = DisputeInstruction.WAIT
        if dispute_id not in self._now.asked:
            self._now.asked = (*self._now.asked, dispute_id)
        await self._tell_booking("dispute_reported", dispute_id)

    def _refused(self, refusal: PaymentRejected) -> RecordRefund:
        """The report about a final refusal: the money was refunded already, or our request was wrong."""
        if refusal.data.get("left") is not None:
            return self._failed("it was refunded by hand", left=int(refusal.data["left"]))
        if refusal.data.get("provider_status") == _CONFLICT:
            workflow.logger.error("a refund's key was used for another request: %s", self._given.key)
        return self._failed(f"the refund was refused: {refusal.detail}"[:300])

    def _failed(self, note: str, left: int | None = None) -> RecordRefund:
        row = self._given.refund_row
        return RecordRefund(row, RefundStatus.FAILED, None, left is None, note, left=left)

    async def _wait_for_bank(self, refund: ProviderRefund) -> ProviderRefund:
        if self._now.sent is None:
            self._now.pauses = 0
        while refund.status == RefundStatus.PENDING:
            self._now.sent = refund
            late = self._now.pauses >= len(FETCH_PAUSES)
            note = self._denied or "the provider is processing the refund"
            await self._report_status(refund, needs_help=late or self._denied is not None, note=note)
            await self._rest(FETCH_PAUSES, lambda: self._now.signalled, "fetch again")
            refund = await self._fetch(refund)
        return refund

    async def _fetch(self, known: ProviderRefund) -> ProviderRefund:
        """The refund as it is now; reports that brought nothing new are looked into ever later."""
        if self._now.signalled and self._now.vain:
            delay = growing_pause(timedelta(seconds=1), _LONGEST_DELAY, self._now.vain - 1)
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self._now.retry_now, timeout=delay, timeout_summary="refund: many reports"
                )
        signalled, self._now.signalled, self._now.retry_now = self._now.signalled, False, False
        try:
            found: ProviderRefund = await workflow.execute_activity_method(
                PaymentActivities.fetch_refund,
                known.refund_id,
                summary=f"facts of {known.refund_id}",
                **options.PROVIDER_BOUNDED,
            )
        except ActivityError as failure:
            self._denied = _reason(failure)[:300]
            return known
        self._denied = None
        self._now.vain = self._now.vain + 1 if signalled and found == known else 0
        return found

    async def _rest(self, pauses: tuple[timedelta, ...], told: Callable[[], bool], why: str) -> None:
        """Wait until told, pushed by an admin, or for the next pause; a long history ends its run here."""
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(replace(self._given, progress=self._now))
        pause = pause_after(pauses, self._now.pauses)
        try:
            await workflow.wait_condition(
                lambda: told() or self._now.retry_now, timeout=pause, timeout_summary=f"refund: {why}"
            )
        except TimeoutError:
            self._now.pauses += 1
        else:
            self._now.retry_now = False

    async def _report_status(self, refund: ProviderRefund, *, needs_help: bool, note: str | None) -> None:
        status = RefundStatus(refund.status)
        again = status is RefundStatus.FAILED
        row = self._given.refund_row
        await self._report(RecordRefund(row, status, refund.refund_id, needs_help, note, again=again))

    async def _report(self, report: RecordRefund) -> None:
        if report != self._reported:
            self._reported = report
            await self._tell_booking("refund_reported", report)

    async def _tell_booking(self, signal: str, about: object) -> None:
        booking = workflow.get_external_workflow_handle(self._given.booking_workflow)
        try:
            await booking.signal(signal, about)
        except ApplicationError:
            workflow.logger.warning("the booking is closed and is not told: %s", signal)


def _reason(failure: ActivityError) -> str:
    if isinstance(failure.cause, LowBalance):
        return "our balance with the payment provider is too low for the refund"
    if isinstance(failure.cause, BookingError):
        return f"the refund does not go through: {failure.cause.detail}"
    return "the refund does not go through: the payment provider does not answer"
