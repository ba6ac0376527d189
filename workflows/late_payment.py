"""Payments that arrive after a booking's workflow has ended: they must not be lost.

Started by the process that cannot deliver a payment event (the API for a webhook, the sweep for a poll). It fetches
the facts; if the booking has to act on them, its workflow is reopened and does what it always does: the payment is
recorded, refunded in full under the key ``late-<payment>``, and the customer is told.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payments import PaymentActivities
from activities.recovery import RecoveryActivities
from domain.billing.provider import LatePaymentEvent, OrderFacts
from domain.errors import BookingError, PaymentProblem
from workflows import options


@workflow.defn(failure_exception_types=[BookingError])
class LatePaymentWorkflow:
    """Late events of one order, one dispute or one transfer."""

    fetch_again = timedelta(minutes=15)
    fetch_again_at_most = timedelta(hours=6)
    """While the provider refuses us: the first pause, then twice as long up to the second."""

    @workflow.init
    def __init__(self, event: LatePaymentEvent) -> None:
        self._signalled = False

    @workflow.run
    async def run(self, event: LatePaymentEvent) -> None:
        self._signalled = True
        while self._signalled:
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(event)
            self._signalled = False
            if event.order_id is None or await self._needs_reopening(event, event.order_id):
                await workflow.execute_activity_method(
                    RecoveryActivities.reopen,
                    args=[event.kind, event.booking_id, event.order_id, event.dispute_id, event.transfer_id],
                    summary=f"reopen booking {event.booking_id}",
                    **options.MAINTENANCE_LOOKUP,
                )

    @workflow.signal(description="Something may have happened again.")
    def reported(self) -> None:
        self._signalled = True

    async def _needs_reopening(self, event: LatePaymentEvent, order_id: str) -> bool:
        facts = await self._facts(event, order_id)
        if facts is None:
            return False
        needed: bool = await workflow.execute_activity_method(
            RecoveryActivities.needs_reopening,
            args=[event.kind, event.booking_id, facts],
            summary="does the booking have to act?",
            **options.MAINTENANCE_LOOKUP,
        )
        return needed

    async def _facts(self, event: LatePaymentEvent, order_id: str) -> OrderFacts | None:
        refunded: list[str] = await workflow.execute_activity_method(
            RecoveryActivities.refunded_payments,
            args=[event.kind, event.booking_id, order_id],
            summary="load the refunded payments",
            **options.MAINTENANCE_LOOKUP,
        )
        pause = self.fetch_again
        while True:
            try:
                facts: OrderFacts = await workflow.execute_activity_method(
                    PaymentActivities.fetch_order,
                    args=[order_id, refunded],
                    summary=f"facts of {order_id}",
                    **options.PROVIDER,
                )
                return facts
            except ActivityError as failure:
                if isinstance(failure.cause, PaymentProblem):
                    workflow.logger.error("the provider denies %s: %s", order_id, failure.cause.detail)
                    return None
                await workflow.sleep(pause, summary="the provider refuses us: try again later")
                pause = min(pause * 2, self.fetch_again_at_most)
                if workflow.info().is_continue_as_new_suggested():
                    workflow.continue_as_new(event)
