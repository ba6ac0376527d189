"""Payments of a booking: one way for every report of a payment or a dispute.

Callback, webhook, poll and deadline only name an order. Each ends in ``settle``: fetch, assess, capture, record. What
is decided reads fetched facts only, so reports may repeat and overtake each other.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payments import PaymentActivities
from domain.billing.assessment import Assessment, assess_order, returned_before
from domain.billing.provider import OrderFacts, ProviderDispute, ProviderPayment
from domain.billing.records import Payment
from domain.closing import due_document
from domain.commands import RecordDispute
from domain.errors import BookingError, KeyRefused, PaymentProblem
from domain.kind import B
from workflows import options
from workflows.booking.base import StateReplaced
from workflows.booking.messages import Start
from workflows.booking.orders import OrderHandling
from workflows.booking.rechecks import Rechecks, VainReports

_CAPTURE_ROUNDS = 3


class PaymentHandling(OrderHandling[B]):
    """Incoming payments."""

    fetch_again = timedelta(minutes=2)
    fetch_again_at_most = timedelta(hours=6)
    """When the provider is away for long, or refuses our key: the first pause, then twice as long up to the second."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._disputes_to_fetch: list[str] = []
        self._settling = False
        self._rechecks = Rechecks(start.rechecks, self.fetch_again, self.fetch_again_at_most)
        self._vain = VainReports()

    def enqueue_dispute(self, dispute_id: str) -> None:
        """Something may have happened to this dispute: it will be fetched."""
        if dispute_id not in self._disputes_to_fetch:
            self._disputes_to_fetch.append(dispute_id)

    def payments_are_settled(self) -> bool:
        """No message waits and no payment is being processed."""
        return not self._settling and not self._messages_wait()

    def rechecks_wait(self) -> bool:
        """Something could not be fetched and will be fetched again, by this run or the next."""
        return bool(self._rechecks)

    def carried_over(self) -> Start[B]:
        """The start of the next run."""
        return replace(super().carried_over(), rechecks=self._rechecks.carried_over())

    def note_payment_report(self, order_id: str) -> None:
        """Somebody outside says that something may have happened to this order."""
        if (at := self._vain.next_look(order_id, workflow.now())) is not None:
            self._rechecks.later(order_id, at, dispute=False)
        else:
            self.enqueue_order(order_id)

    def note_dispute_report(self, dispute_id: str) -> None:
        """The same about a dispute."""
        if (at := self._vain.next_look(dispute_id, workflow.now())) is not None:
            self._rechecks.later(dispute_id, at, dispute=True)
        else:
            self.enqueue_dispute(dispute_id)

    async def run_rechecks(self) -> None:
        """Fetch again what could not be fetched, until the workflow ends."""
        while True:
            await workflow.wait_condition(lambda: self._rechecks.next_at is not None)
            at = self._rechecks.next_at or workflow.now()
            if at > workflow.now():
                await self._wait_for_recheck(at)
            for each in self._rechecks.begin(workflow.now()):
                (self.enqueue_dispute if each.dispute else self.enqueue_order)(each.subject)

    async def _wait_for_recheck(self, at: datetime) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._rechecks.next_at != at,
                timeout=at - workflow.now(),
                timeout_summary="fetch again what the provider did not tell",
            )

    async def process_payments(self) -> None:
        """Process every payment event, start every refund, issue every document, until the workflow ends."""
        while True:
            self.start_refunds()
            await workflow.wait_condition(self._payment_work_waits)
            self._settling = True
            while self._orders_to_fetch:
                await self.settle(self._orders_to_fetch.pop(0))
            while self._disputes_to_fetch:
                await self._settle_dispute(self._disputes_to_fetch.pop(0))
            await self.record_refunds()
            await self.issue_documents()
            await self.repair_projection()
            self._settling = False

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> bool:
        """Fetch the facts about an order of ours and act on them.

        True while its money may still be on its way: an attempt is at the bank, or the provider cannot say.
        """
        if self._row(order_id) is None:
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

    def _row(self, order_id: str) -> Payment | None:
        return next((payment for payment in self.booking.payments if payment.order_id == order_id), None)

    async def _fetch(self, order_id: str, *, at_a_deadline: bool) -> OrderFacts:
        options_used = options.PROVIDER_BEFORE_DEADLINE if at_a_deadline else options.PROVIDER_BOUNDED
        facts: OrderFacts = await self.run_activity(
            workflow.execute_activity_method(
                PaymentActivities.fetch_order,
                args=[order_id, returned_before(self.booking, order_id)],
                summary=f"facts of {order_id}",
                **options_used,
            )
        )
        return facts

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

    async def _settle_dispute(self, dispute_id: str) -> None:
        try:
            dispute: ProviderDispute = await self.run_activity(
                workflow.execute_activity_method(
                    PaymentActivities.fetch_dispute,
                    dispute_id,
                    summary=f"facts of {dispute_id}",
                    **options.PROVIDER_BOUNDED,
                )
            )
        except PaymentProblem as refusal:
            self._rechecks.done(dispute_id)
            await self.request_attention(f"dispute {dispute_id}", f"the provider denies {dispute_id}: {refusal.detail}")
            return
        except (BookingError, ActivityError) as fault:
            self._rechecks.failed(dispute_id, workflow.now(), dispute=True)
            await self.request_attention(f"dispute {dispute_id}", f"what became of {dispute_id} is not known: {fault}")
            return
        self._rechecks.done(dispute_id)
        version = self.booking.version
        await self.record(RecordDispute(dispute))
        self._vain.looked(dispute_id, workflow.now(), news=self.booking.version > version)
        await self.instruct_refunds(dispute.payment_id)

    def _messages_wait(self) -> bool:
        fetches = bool(self._orders_to_fetch or self._disputes_to_fetch)
        return fetches or self.rows_are_ahead() or self.refund_reports_wait() or self.documents_may_be_missing()

    def _payment_work_waits(self) -> bool:
        return self._messages_wait() or due_document(self.kind, self.booking) is not None or self.refunds_to_start()
