"""Money that comes after the end: a booking whose workflow has ended must not swallow it.

Started by whoever cannot deliver a hint (the API for a webhook, the sweep for a poll). It fetches the facts; if they
are news to the booking, the booking's story is taken up again and does what it always does: the money is entered,
sent back whole under the key ``late-<payment>``, and the customer is told.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.aftercare import AftercareActivities
from activities.payments import PaymentActivities
from domain.errors import BookingError, PaymentProblem
from domain.payments import LateNews, OrderFacts
from workflows import options

_LOOK_AGAIN = timedelta(minutes=15)


@workflow.defn(failure_exception_types=[BookingError])
class LatePayment:
    """Late news of one order or dispute."""

    @workflow.init
    def __init__(self, news: LateNews) -> None:
        self._told = False

    @workflow.run
    async def run(self, news: LateNews) -> None:
        self._told = True
        while self._told:
            self._told = False
            if news.order_id is None or await self._concerns(news.booking_id, news.order_id):
                await workflow.execute_activity_method(
                    AftercareActivities.take_up_again,
                    args=[news.booking_id, news.order_id, news.dispute_id],
                    summary=f"take up booking {news.booking_id}",
                    **options.DATABASE,
                )

    @workflow.signal(description="Something may have happened again.")
    def reported(self) -> None:
        self._told = True

    async def _concerns(self, booking_id: int, order_id: str) -> bool:
        facts = await self._facts(booking_id, order_id)
        if facts is None:
            return False
        news: bool = await workflow.execute_activity_method(
            AftercareActivities.is_news, args=[booking_id, facts], summary="is it news?", **options.DATABASE
        )
        return news

    async def _facts(self, booking_id: int, order_id: str) -> OrderFacts | None:
        returned: list[str] = await workflow.execute_activity_method(
            AftercareActivities.returned, args=[booking_id, order_id], summary="what is known", **options.DATABASE
        )
        while True:
            try:
                facts: OrderFacts = await workflow.execute_activity_method(
                    PaymentActivities.fetch_order,
                    args=[order_id, returned],
                    summary=f"facts of {order_id}",
                    **options.PROVIDER,
                )
                return facts
            except ActivityError as failure:
                if isinstance(failure.cause, PaymentProblem):
                    workflow.logger.error("the provider denies %s: %s", order_id, failure.cause.detail)
                    return None
                await workflow.sleep(_LOOK_AGAIN, summary="the provider refuses us: again later")
