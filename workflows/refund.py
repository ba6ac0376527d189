"""Money going back, for as long as the provider takes.

A workflow of its own, so that a booking's story does not have to wait at the counter. Its id is made of the
idempotency key: one intent, one workflow, one refund.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.payments import PaymentActivities
from domain.errors import BookingError
from domain.kinds.vehicle_service.requests import RecordRefund
from domain.payments import ProviderRefund, RefundStatus
from workflows import options

LOOK_AGAIN = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=6),
    *(timedelta(days=1) for _ in range(10)),
)
"""When a pending refund is looked at without being told."""

_CALL_FOR_HELP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What to send back, and which booking wants to know."""

    booking_workflow: str
    refund_row: int
    payment_id: str
    amount: int
    key: str


@workflow.defn(failure_exception_types=[BookingError])
class RefundWorkflow:
    """One refund."""

    @workflow.init
    def __init__(self, order: RefundOrder) -> None:
        self._order = order
        self._told = False
        self._retry = False
        self._denied: str | None = None

    @workflow.run
    async def run(self, order: RefundOrder) -> str:
        refund = await self._send_back()
        for patience in LOOK_AGAIN:
            if refund.status != RefundStatus.PENDING:
                break
            note = self._denied or "the provider is processing the refund"
            await self._tell(refund, needs_help=self._denied is not None, note=note)
            refund = await self._look_after(patience, refund)
        await self._tell(refund, needs_help=refund.status != RefundStatus.PROCESSED)
        return refund.status

    @workflow.signal(description="Something may have happened to this refund; it is fetched before it counts.")
    def refund_reported(self) -> None:
        self._told = True

    @workflow.signal(description="Admin: try now instead of waiting.")
    def retry(self) -> None:
        self._retry = True

    async def _send_back(self) -> ProviderRefund:
        """The provider takes the refund, however long it is down; after a while an admin is told."""
        while True:
            try:
                return await workflow.execute_activity_method(
                    PaymentActivities.refund,
                    args=[self._order.payment_id, self._order.amount, self._order.key],
                    summary=f"refund {self._order.key}",
                    **{**options.PROVIDER, "schedule_to_close_timeout": _CALL_FOR_HELP},
                )
            except ActivityError as failure:
                refused = isinstance(failure.cause, BookingError)
                note = f"the refund does not go through: {failure.cause or failure}"
                await self._report(RecordRefund(self._order.refund_row, RefundStatus.PENDING, None, True, note[:300]))
                await self._wait_for_retry(timedelta(hours=24) if refused else timedelta(hours=1))

    async def _wait_for_retry(self, patience: timedelta) -> None:
        self._retry = False
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._retry, timeout=patience, timeout_summary="refund: next try")

    async def _look_after(self, patience: timedelta, known: ProviderRefund) -> ProviderRefund:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._told or self._retry, timeout=patience, timeout_summary="refund: look again"
            )
        self._told = self._retry = False
        try:
            found = await workflow.execute_activity_method(
                PaymentActivities.fetch_refund,
                known.refund_id,
                summary=f"facts of {known.refund_id}",
                **options.PROVIDER,
            )
        except ActivityError as failure:
            self._denied = f"the provider denies the refund: {failure.cause or failure}"[:300]
            return known
        self._denied = None
        return found

    async def _tell(self, refund: ProviderRefund, *, needs_help: bool = False, note: str | None = None) -> None:
        status = RefundStatus(refund.status)
        await self._report(RecordRefund(self._order.refund_row, status, refund.refund_id, needs_help, note))

    async def _report(self, report: RecordRefund) -> None:
        booking = workflow.get_external_workflow_handle(self._order.booking_workflow)
        try:
            await booking.signal("refund_reported", report)
        except ApplicationError:
            workflow.logger.warning("the booking is closed and does not hear of its refund")
