"""One attempt to refund, for as long as the provider takes.

A workflow of its own, so that the booking's workflow does not have to wait for it. Its id is made of the idempotency
key: one attempt, one workflow, one refund at the provider. It ends when the provider has sent the money or has failed
for good; what follows then (the next attempt, an admin) the booking decides by ``domain.billing.refund_retries``, which
also has the pauses in here.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.payments import PaymentActivities
from domain.billing.provider import ProviderRefund, RefundStatus
from domain.billing.refund_retries import FETCH_PAUSES, RETRY_PAUSES, then_weekly
from domain.commands import RecordRefund
from domain.errors import BookingError, LowBalance, PaymentRejected
from workflows import options

_CONFLICT = 409


class DisputeInstruction(StrEnum):
    """What a refund that was not sent yet must do while or after its payment is disputed."""

    WAIT = "wait"
    PROCEED = "proceed"
    ABANDON = "abandon"


@dataclass(frozen=True, slots=True)
class RefundInput:
    """What to refund, and the workflow to report to."""

    booking_workflow: str
    refund_row: int
    payment_id: str
    amount: int
    key: str


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
        self._signalled = False
        self._retry_now = False
        self._instruction = DisputeInstruction.PROCEED
        self._denied: str | None = None

    @workflow.run
    async def run(self, given: RefundInput) -> str:
        try:
            refund = await self._send()
        except _NotRefundable as end:
            await self._report(end.report)
            return RefundStatus.FAILED
        refund = await self._wait_for_bank(refund)
        failed = refund.status == RefundStatus.FAILED
        await self._report_status(refund, needs_help=False, note="the bank failed the refund" if failed else None)
        return refund.status

    @workflow.signal(description="Something may have happened to this refund; it is fetched before it counts.")
    def refund_reported(self) -> None:
        self._signalled = True

    @workflow.signal(description="Admin: try now instead of waiting.")
    def retry(self) -> None:
        self._retry_now = True

    @workflow.signal(description="A dispute of the payment: wait, proceed, or abandon (the bank has paid).")
    def instruct(self, instruction: DisputeInstruction) -> None:
        self._instruction = instruction

    async def _send(self) -> ProviderRefund:
        """Try until the provider accepts the refund; an admin is told what prevents it."""
        pauses = then_weekly(RETRY_PAUSES)
        tried = False
        while True:
            await self._wait_for_dispute()
            try:
                if not tried:
                    await self._check_not_refunded()
                tried = True
                refund: ProviderRefund = await workflow.execute_activity_method(
                    PaymentActivities.refund,
                    args=[self._given.payment_id, self._given.amount, self._given.key, tried],
                    summary=f"refund {self._given.key}",
                    **options.PROVIDER_BOUNDED,
                )
                return refund
            except ActivityError as failure:
                if isinstance(failure.cause, PaymentRejected):
                    raise _NotRefundable(await self._why(failure.cause)) from None
                await self._request_attention(_reason(failure))
            await self._wait_for_retry(next(pauses))

    async def _check_not_refunded(self) -> None:
        """Staff may have refunded by hand what we are about to refund: nothing is refunded twice."""
        left = await self._left()
        if left < self._given.amount:
            raise _NotRefundable(self._failed("it was refunded by hand", left=left))

    async def _left(self) -> int:
        left: int = await workflow.execute_activity_method(
            PaymentActivities.refundable,
            self._given.payment_id,
            summary=f"refundable amount of {self._given.payment_id}",
            **options.PROVIDER_BOUNDED,
        )
        return left

    async def _why(self, refusal: PaymentRejected) -> RecordRefund:
        """The report about a final refusal: the money was refunded already, or our request was wrong."""
        note = f"the refund was refused: {refusal.detail}"[:300]
        if refusal.data.get("provider_status") == _CONFLICT:
            workflow.logger.error("a refund's key was used for another request: %s", self._given.key)
            return self._failed(note)
        with suppress(ActivityError):
            left = await self._left()
            if left < self._given.amount:
                return self._failed(note, left=left)
        return self._failed(note)

    def _failed(self, note: str, left: int | None = None) -> RecordRefund:
        row = self._given.refund_row
        return RecordRefund(row, RefundStatus.FAILED, None, left is None, note, left=left)

    async def _wait_for_dispute(self) -> None:
        await workflow.wait_condition(lambda: self._instruction is not DisputeInstruction.WAIT)
        if self._instruction is DisputeInstruction.ABANDON:
            raise _NotRefundable(self._failed("the bank has paid the customer"))

    async def _request_attention(self, note: str) -> None:
        await self._report(RecordRefund(self._given.refund_row, RefundStatus.PENDING, None, True, note[:300]))

    async def _wait_for_retry(self, pause: timedelta) -> None:
        self._retry_now = False
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._retry_now or self._instruction is not DisputeInstruction.PROCEED,
                timeout=pause,
                timeout_summary="refund: next try",
            )

    async def _wait_for_bank(self, refund: ProviderRefund) -> ProviderRefund:
        for fetches, pause in enumerate(then_weekly(FETCH_PAUSES)):
            if refund.status != RefundStatus.PENDING:
                break
            late = fetches >= len(FETCH_PAUSES)
            note = self._denied or "the provider is processing the refund"
            await self._report_status(refund, needs_help=late or self._denied is not None, note=note)
            refund = await self._fetch(pause, refund)
        return refund

    async def _fetch(self, pause: timedelta, known: ProviderRefund) -> ProviderRefund:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._signalled or self._retry_now, timeout=pause, timeout_summary="refund: fetch again"
            )
        self._signalled = self._retry_now = False
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
        return found

    async def _report_status(self, refund: ProviderRefund, *, needs_help: bool, note: str | None) -> None:
        status = RefundStatus(refund.status)
        again = status is RefundStatus.FAILED
        row = self._given.refund_row
        await self._report(RecordRefund(row, status, refund.refund_id, needs_help, note, again=again))

    async def _report(self, report: RecordRefund) -> None:
        booking = workflow.get_external_workflow_handle(self._given.booking_workflow)
        try:
            await booking.signal("refund_reported", report)
        except ApplicationError:
            workflow.logger.warning("the booking is closed and gets no report of its refund")


def _reason(failure: ActivityError) -> str:
    if isinstance(failure.cause, LowBalance):
        return "our balance with the payment provider is too low for the refund"
    if isinstance(failure.cause, BookingError):
        return f"the refund does not go through: {failure.cause.detail}"
    return "the refund does not go through: the payment provider does not answer"
