"""Payments of a booking: one way for every report of a payment.

Callback, webhook, poll and deadline only name an order. Each ends in ``settle``: fetch, assess, capture, record. What
is decided reads fetched facts only, so reports may repeat and overtake each other.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payments import PaymentActivities
from domain.billing.assessment import Assessment, assess_order, expected_order, payment_of_order, returned_before
from domain.billing.provider import OrderFacts, ProviderPayment
from domain.errors import BookingError, KeyRefused, PaymentProblem
from domain.kind import B
from workflows import options
from workflows.booking.base import StateReplaced
from workflows.booking.messages import Start
from workflows.booking.orders import OrderHandling
from workflows.booking.rechecks import Rechecks, VainReports

_CAPTURE_ROUNDS = 3
_CAPTURED_WITH_FACTS = "2026-12-captured-with-its-facts"


class PaymentHandling(OrderHandling[B]):
    """Incoming payments."""

    fetch_again = timedelta(minutes=2)
    fetch_again_at_most = timedelta(hours=6)
    """When the provider is away for long, or refuses our key: the first pause, then twice as long up to the second."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._rechecks = Rechecks(start.rechecks, self.fetch_again, self.fetch_again_at_most)
        self._vain = VainReports(start.in_vain)

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> bool:
        """Fetch the facts about an order of ours and act on them.

        True while its money may still be on its way: an attempt is at the bank, or the provider cannot say.
        """
        if not await self.knows_order(order_id):
            self._rechecks.done(order_id)
            return False
        try:
            facts = await self._fetch(order_id, at_a_deadline=at_a_deadline)
            for _ in range(_CAPTURE_ROUNDS):
                payment = assess_order(self.kind, self.booking, facts).capture
                captured = await self._capture(payment, order_id) if payment is not None else None
                if captured is None:
                    break
                facts = captured
        except PaymentProblem as refusal:
            self._rechecks.done(order_id)
            await self.request_attention(f"facts {order_id}", f"the provider denies {order_id}: {refusal.detail}")
            return False
        except (ActivityError, KeyRefused) as fault:
            if not at_a_deadline:
                self._rechecks.failed(order_id, workflow.now(), dispute=False)
            if not at_a_deadline or isinstance(fault, KeyRefused):
                await self._provider_is_away(order_id, fault)
            return True
        self._rechecks.done(order_id)
        standing = [refund.id for refund in self.booking.refunds if not refund.replaced]
        assessment = await self._act_on(facts, order_id)
        await self.abandon_replaced(standing)
        self._vain.looked(order_id, workflow.now(), news=bool(assessment.commands))
        self.start_decided_refunds(facts.refunds)
        return assessment.under_way

    async def knows_order(self, order_id: str) -> bool:
        """Whether it is an order of this booking."""
        return await self.looked_up(order_id, lambda: payment_of_order(self.booking, order_id) is not None)

    async def _act_on(self, facts: OrderFacts, order_id: str) -> Assessment:
        async with self._lock:
            while True:
                assessment = assess_order(self.kind, self.booking, facts)
                with suppress(StateReplaced):
                    for command in assessment.commands:
                        await self.transition_or_alert(command, f"unrecorded {order_id}")
                    return assessment

    async def _provider_is_away(self, order_id: str, fault: Exception) -> None:
        """An admin is told, once; what could not be fetched is fetched again later."""
        reason = fault.detail if isinstance(fault, BookingError) else "the payment provider does not answer"
        await self.request_attention("provider", f"{reason}: what became of {order_id} is not known yet")

    async def _fetch(self, order_id: str, *, at_a_deadline: bool) -> OrderFacts:
        options_used = options.PROVIDER_BEFORE_DEADLINE if at_a_deadline else options.PROVIDER_BOUNDED
        activity, arguments = self._looks(order_id)
        facts: OrderFacts = await self.run_activity(
            workflow.execute_activity_method(activity, args=arguments, summary=f"facts of {order_id}", **options_used)
        )
        return facts

    def _looks(self, order_id: str) -> tuple[Callable[..., OrderFacts], list[Any]]:
        """The activity that fetches the facts, with its arguments: it captures too, while the money is to be taken."""
        returned = returned_before(self.booking, order_id)
        expected = expected_order(self.kind, self.booking, order_id)
        if expected is not None and expected.capture and workflow.patched(_CAPTURED_WITH_FACTS):
            return PaymentActivities.fetch_and_capture, [expected, returned]
        return PaymentActivities.fetch_order, [order_id, returned]

    async def _capture(self, payment: ProviderPayment, order_id: str) -> OrderFacts | None:
        """Capture an authorised payment and fetch the facts; None when the provider refuses it (an admin is told)."""
        try:
            facts: OrderFacts = await self.run_activity(
                workflow.execute_activity_method(
                    PaymentActivities.capture,
                    args=[
                        payment.payment_id,
                        payment.amount,
                        payment.currency,
                        order_id,
                        returned_before(self.booking, order_id),
                    ],
                    summary=f"capture {payment.payment_id}",
                    **options.PROVIDER_BOUNDED,
                )
            )
        except PaymentProblem as refusal:
            await self.request_attention(f"capture {payment.payment_id}", f"capture refused: {refusal.detail}")
            return None
        return facts
