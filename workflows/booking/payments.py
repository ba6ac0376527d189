"""Payments of a booking: an order for each choice, and one way for every report of a payment.

Callback, webhook, poll and deadline only name an order. Each ends in ``settle``: fetch, assess, capture, record. What
is decided reads fetched facts only, so reports may repeat and overtake each other.
"""

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.documents import DocumentActivities
from activities.payments import PaymentActivities
from domain.billing.assessment import assess_order, returned_before
from domain.billing.provider import CURRENCY, OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment
from domain.billing.records import Payment
from domain.closing import due_document
from domain.commands import Command, CommandWithOrder, RecordDispute, Repair
from domain.errors import BookingError, KeyRefused, PaymentProblem
from domain.kind import B, OrderRequest
from workflows import options
from workflows.booking.messages import Start
from workflows.booking.refunds import RefundHandling

_CAPTURE_ROUNDS = 3
_FETCH_AGAIN = timedelta(minutes=2)


class PaymentHandling(RefundHandling[B]):
    """Incoming payments."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._disputes_to_fetch: list[str] = []
        self._projection_version = 0
        self._orders_created = 0
        self._settling = False

    async def with_order(self, command: Command) -> Command:
        """The command with the order that it needs, if it needs one.

        Created outside the lock: a slow provider must not delay a cancel. The rule is applied before, so that no order
        is created for what would be refused, and again under the lock.
        """
        if not isinstance(command, CommandWithOrder) or self.kind.already_done(self.booking, command):
            return command
        self.validate(command)
        request = self.kind.order_for(self.booking, command)
        return command if request is None else replace(command, order=await self._new_order(request))

    def lacks_order(self, command: Command) -> bool:
        """The order that stood for the choice is gone, so the command needs one of its own. The caller has the lock."""
        if not isinstance(command, CommandWithOrder) or command.order is not None:
            return False
        request = self.kind.order_for(self.booking, command)
        return request is not None and not request.optional

    def without_outdated_order(self, command: Command) -> Command:
        """Leave out an optional order when another amount is due by now; the rule refuses any other that differs."""
        if not isinstance(command, CommandWithOrder) or command.order is None:
            return command
        request = self.kind.order_for(self.booking, command)
        fits = request is not None and (request.amount == command.order.amount or not request.optional)
        return command if fits else replace(command, order=None)

    def enqueue_dispute(self, dispute_id: str) -> None:
        """Something may have happened to this dispute: it will be fetched."""
        if dispute_id not in self._disputes_to_fetch:
            self._disputes_to_fetch.append(dispute_id)

    def note_projection_version(self, version: int) -> None:
        """The projection check has read this version in the rows."""
        self._projection_version = version

    def payments_are_settled(self) -> bool:
        """No message waits and no payment is being processed."""
        return not self._settling and not self._messages_wait()

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
            await self._issue_documents()
            await self._repair_projection()
            self._settling = False

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> bool:
        """Fetch the facts about an order of ours and act on them.

        True while its money may still be on its way: an attempt is at the bank, or the provider cannot say.
        """
        if self._row(order_id) is None:
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
            await self.request_attention(f"facts {order_id}", f"the provider denies {order_id}: {refusal.detail}")
            return False
        except (ActivityError, KeyRefused) as fault:
            if not at_a_deadline:
                await self._fetch_again_later(order_id, fault)
            elif isinstance(fault, KeyRefused):
                await self._provider_is_away(order_id, fault)
            return True
        async with self._lock:
            assessment = assess_order(self.kind, self.booking, facts)
            for command in assessment.commands:
                await self.transition_or_alert(command, f"unrecorded {order_id}")
        return assessment.under_way

    async def _provider_is_away(self, order_id: str, fault: Exception) -> None:
        reason = fault.detail if isinstance(fault, BookingError) else "the payment provider does not answer"
        await self.request_attention("provider", f"{reason}: what became of {order_id} is not known yet")

    async def _fetch_again_later(self, order_id: str, fault: Exception) -> None:
        """The provider is down for long, or refuses our key: an admin is told, the facts are fetched again later."""
        await self._provider_is_away(order_id, fault)

        async def later() -> None:
            await workflow.sleep(_FETCH_AGAIN, summary=f"fetch {order_id} again")
            self.enqueue_order(order_id)

        self.run_before_close(later())

    def _row(self, order_id: str) -> Payment | None:
        return next((payment for payment in self.booking.payments if payment.order_id == order_id), None)

    async def _new_order(self, request: OrderRequest) -> ProviderOrder | None:
        """The order; None for an optional one while the provider is down, for then there is another way to pay."""
        try:
            return await self._create_order(
                request.amount, options.PROVIDER_ON_SITE if request.optional else options.PROVIDER
            )
        except (BookingError, ActivityError) as failure:
            if request.optional:
                return None
            if isinstance(failure, KeyRefused):
                await self.request_attention("provider key", "the payment provider does not accept our key")
            raise

    async def _create_order(self, amount: int, options_used: options.ActivityOptions) -> ProviderOrder:
        """An order whose receipt is made of workflow data, so that a repeat finds the first one."""
        self._orders_created += 1
        info = workflow.info()
        receipt = f"{self.booking.id}-{self.booking.version}-{self._orders_created}-{info.first_execution_run_id[:8]}"
        order: ProviderOrder = await self.run_activity(
            workflow.execute_activity_method(
                PaymentActivities.create_order,
                args=[self.booking.id, receipt, amount, CURRENCY, info.run_id != info.first_execution_run_id],
                summary=f"order {receipt}",
                **options_used,
            )
        )
        return order

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
        except (BookingError, ActivityError) as fault:
            await self.request_attention(f"dispute {dispute_id}", f"what became of {dispute_id} is not known: {fault}")
            return
        await self.record(RecordDispute(dispute))
        await self.instruct_refunds(dispute.payment_id)

    def _messages_wait(self) -> bool:
        behind = self._projection_version > self.booking.version
        return bool(self._orders_to_fetch or self._disputes_to_fetch) or behind or self.refund_reports_wait()

    def _payment_work_waits(self) -> bool:
        return self._messages_wait() or due_document(self.kind, self.booking) is not None or self.refunds_to_start()

    async def _issue_documents(self) -> None:
        while (due := due_document(self.kind, self.booking)) is not None:
            record = await workflow.execute_activity_method(
                DocumentActivities.issue_document,
                args=[self.kind.name, self.booking.id, due],
                summary=f"{due.kind} for {due.leg}",
                **options.DATABASE,
            )
            async with self._lock:
                await self.transition(record)

    async def _repair_projection(self) -> None:
        """Overwrite the rows of a transition that was lost with its worker and that no client repeated."""
        async with self._lock:
            if self._projection_version > self.booking.version:
                await self.transition(Repair())
        self._projection_version = 0
