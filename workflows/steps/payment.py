"""The payment step: an order per choice, and one way for every report of money.

Callback, webhook, poll and deadline are hints. Each ends in ``settle``: fetch, assess_order, capture, record. What is
decided reads fetched facts only, so hints may repeat and overtake each other.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.documents import DocumentActivities
from activities.payments import PaymentActivities
from domain.errors import BookingError, KeyRefused, PaymentProblem
from domain.payments import CURRENCY, OrderFacts, ProviderDispute, ProviderOrder, ProviderPayment
from domain.people import Role
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.assessment import assess_order, returned_before
from kinds.vehicle_service.domain.booking import Method, Payment
from kinds.vehicle_service.domain.lifecycle import State
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.rules.paying import SMALLEST_ORDER, chosen_amount, matching_order
from kinds.vehicle_service.domain.settlement import due_document
from workflows import options
from workflows.messages import Ack, Start
from workflows.steps.refunds import RefundSteps

_CAPTURE_ROUNDS = 3
_LOOK_AGAIN = timedelta(minutes=2)
_CASH_AGREED = (State.IN_PROGRESS, State.COMPLETED, State.OUT_FOR_DELIVERY)


class PaymentSteps(RefundSteps):
    """Money that comes in."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._hints: list[str] = []
        self._disputes: list[str] = []
        self._rows_at = 0
        self._orders = 0
        self._settling = False

    async def confirm(self, command: commands.ConfirmServices) -> Ack:
        """The customer's choice. The order is made outside the lock: a sleeping provider must not stop a cancel."""
        if command.method is Method.OFFLINE:
            return await self.act(command)
        if (before := self._already()) is not None:
            return before
        await self.catch_up(command)
        self.check(command)
        if matching_order(self.booking, command) is not None:
            return self.remember(self.ack())
        order = await self._new_order(chosen_amount(self.booking, command))
        async with self._lock:
            if matching_order(self.booking, command) is None:
                await self.move(commands.OpenOrder(command.actor, command, order))
        return self.remember(self.ack())

    def check_cash(self, command: commands.ChooseCash) -> None:
        """What stands already is no refusal: the call is repeatable."""
        if not self._cash_stands(command):
            self.check(command)

    async def open_cash(self, command: commands.ChooseCash) -> Ack:
        """Cash for the estimate; at the door the collection is opened, with an order for those who pay online."""
        if self._cash_stands(command):
            return self.ack()
        if command.actor.role is Role.CUSTOMER or self.booking.status is State.ANALYSED:
            return await self.act(command)
        if (before := self._already()) is not None:
            return before
        await self.catch_up(command)
        self.check(command)
        order = await self._order_for_the_door(totals(self.booking).due)
        async with self._lock:
            fits = order is not None and order.amount == totals(self.booking).due
            await self.move(replace(command, order=order if fits else None))
        return self.remember(self.ack())

    def _cash_stands(self, command: commands.ChooseCash) -> bool:
        if command.actor.role is not Role.CUSTOMER:
            small = totals(self.booking).due < SMALLEST_ORDER
            return self.booking.collection_open and (small or self.booking.live_order() is not None)
        return self.booking.method is Method.OFFLINE and self.booking.status in _CASH_AGREED

    def look_at(self, order_id: str) -> None:
        """A hint: something may have happened to this order."""
        if order_id not in self._hints:
            self._hints.append(order_id)

    def look_at_dispute(self, dispute_id: str) -> None:
        """A hint: something may have happened to this dispute."""
        if dispute_id not in self._disputes:
            self._disputes.append(dispute_id)

    def note_version_of_rows(self, version: int) -> None:
        """Whoever looks after the rows has read this version of them."""
        self._rows_at = version

    def books_are_closed(self) -> bool:
        """No message waits and nothing is being settled."""
        return not self._settling and not self._messages_wait()

    async def keep_the_books(self) -> None:
        """Follow every hint, start every refund, number every document, for as long as the story is told."""
        while True:
            self.start_refunds()
            await workflow.wait_condition(self._money_moves)
            self._settling = True
            while self._hints:
                await self.settle(self._hints.pop(0))
            while self._disputes:
                await self._settle_dispute(self._disputes.pop(0))
            await self.record_refunds()
            await self._issue_documents()
            await self._put_rows_right()
            self._settling = False

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> None:
        """Fetch the facts about an order of ours and act on them."""
        if self._row(order_id) is None:
            return
        try:
            facts = await self._fetch(order_id, at_a_deadline=at_a_deadline)
            for _ in range(_CAPTURE_ROUNDS):
                capture = assess_order(self.booking, facts).capture
                if capture is None or not await self._capture(capture):
                    break
                facts = await self._fetch(order_id, at_a_deadline=at_a_deadline)
        except PaymentProblem as refusal:
            await self.call_for_help(f"facts {order_id}", f"the provider denies {order_id}: {refusal.detail}")
            return
        except (ActivityError, KeyRefused) as fault:
            if at_a_deadline and isinstance(fault, ActivityError):
                raise
            await self._look_later(order_id, fault)
            return
        async with self._lock:
            for command in assess_order(self.booking, facts).commands:
                await self.move(command)

    async def _look_later(self, order_id: str, fault: Exception) -> None:
        """The provider is down for long, or refuses our key: an admin is told, the story goes on and looks again."""
        reason = fault.detail if isinstance(fault, BookingError) else "the payment provider does not answer"
        await self.call_for_help("provider", f"{reason}: what became of {order_id} is not known yet")

        async def later() -> None:
            await workflow.sleep(_LOOK_AGAIN, summary=f"look at {order_id} again")
            self.look_at(order_id)

        self.chore(later())

    def _row(self, order_id: str) -> Payment | None:
        return next((payment for payment in self.booking.payments if payment.order_id == order_id), None)

    async def _new_order(self, amount: int) -> ProviderOrder:
        try:
            return await self._make_order(amount, options.PROVIDER)
        except KeyRefused:
            await self.call_for_help("provider key", "the payment provider does not accept our key")
            raise

    async def _order_for_the_door(self, due: int) -> ProviderOrder | None:
        """Without one there is still cash: a provider that is down keeps nobody waiting at the door."""
        if due < SMALLEST_ORDER:
            return None
        with suppress(BookingError, ActivityError):
            return await self._make_order(due, options.PROVIDER_AT_THE_DOOR)
        return None

    async def _make_order(self, amount: int, patience: options.Patience) -> ProviderOrder:
        """An order of our own numbering: the receipt is workflow-owned data, so a repeat finds the first."""
        self._orders += 1
        run = workflow.info().first_execution_run_id[:8]
        receipt = f"{self.booking.id}-{self.booking.version}-{self._orders}-{run}"
        order: ProviderOrder = await self.deed(
            workflow.execute_activity_method(
                PaymentActivities.create_order,
                args=[self.booking.id, receipt, amount, CURRENCY],
                summary=f"order {receipt}",
                **patience,
            )
        )
        return order

    async def _fetch(self, order_id: str, *, at_a_deadline: bool) -> OrderFacts:
        patience = options.PROVIDER_AT_A_DEADLINE if at_a_deadline else options.PROVIDER_FOR_A_WHILE
        facts: OrderFacts = await self.deed(
            workflow.execute_activity_method(
                PaymentActivities.fetch_order,
                args=[order_id, returned_before(self.booking, order_id)],
                summary=f"facts of {order_id}",
                **patience,
            )
        )
        return facts

    async def _capture(self, payment: ProviderPayment) -> bool:
        """Take authorised money; False when the provider refuses for good (an admin must look)."""
        try:
            await self.deed(
                workflow.execute_activity_method(
                    PaymentActivities.capture,
                    args=[payment.payment_id, payment.amount, payment.currency],
                    summary=f"capture {payment.payment_id}",
                    **options.PROVIDER_FOR_A_WHILE,
                )
            )
        except PaymentProblem as refusal:
            await self.call_for_help(f"capture {payment.payment_id}", f"capture refused: {refusal.detail}")
            return False
        return True

    async def _settle_dispute(self, dispute_id: str) -> None:
        try:
            dispute: ProviderDispute = await self.deed(
                workflow.execute_activity_method(
                    PaymentActivities.fetch_dispute,
                    dispute_id,
                    summary=f"facts of {dispute_id}",
                    **options.PROVIDER_FOR_A_WHILE,
                )
            )
        except (BookingError, ActivityError) as fault:
            await self.call_for_help(f"dispute {dispute_id}", f"what became of {dispute_id} is not known: {fault}")
            return
        await self.record(commands.RecordDispute(dispute))
        await self.tell_refunds(dispute.payment_id)

    def _messages_wait(self) -> bool:
        behind = self._rows_at > self.booking.version
        return bool(self._hints or self._disputes) or behind or self.refund_reports_wait()

    def _money_moves(self) -> bool:
        return self._messages_wait() or due_document(self.booking) is not None or self.refunds_to_start()

    async def _issue_documents(self) -> None:
        while (owed := due_document(self.booking)) is not None:
            record = await workflow.execute_activity_method(
                DocumentActivities.issue_document,
                args=[self.booking.id, owed],
                summary=f"{owed.kind} for {owed.leg}",
                **options.DATABASE,
            )
            async with self._lock:
                await self.move(record)

    async def _put_rows_right(self) -> None:
        """The rows of a move that was lost with its worker, and that nobody repeated, are overwritten."""
        async with self._lock:
            if self._rows_at > self.booking.version:
                await self.move(commands.Repair())
        self._rows_at = 0
