"""The payment step: an order per choice, and one way for every report of money.

Callback, webhook, poll and deadline are hints. Each ends in ``settle``: fetch, judge, capture, record. What is
decided reads fetched facts only, so hints may repeat and overtake each other.
"""

from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.documents import DocumentActivities
from activities.payments import PaymentActivities
from domain.errors import BookingError, PaymentProblem
from domain.kinds.vehicle_service import requests as ask
from domain.kinds.vehicle_service.booking import Method, Payment
from domain.kinds.vehicle_service.life import State
from domain.kinds.vehicle_service.rules.paying import chosen_amount, same_order, wanted
from domain.kinds.vehicle_service.settling import owed_document
from domain.payments import CURRENCY, Expected, OrderEvidence, ProviderPayment, RefundStatus, Verdict, judge
from domain.people import Role
from workflows import options
from workflows.booking import BookingStory
from workflows.messages import Ack, Start, refund_workflow_id
from workflows.refund import RefundOrder, RefundWorkflow

_CAPTURE_ROUNDS = 3
_CASH_AGREED = (State.IN_PROGRESS, State.COMPLETED, State.OUT_FOR_DELIVERY)


class PaymentSteps(BookingStory):
    """Everything that touches money."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._hints: list[str] = []
        self._refund_reports: list[ask.RecordRefund] = []
        self._refunding: set[int] = set()
        self._orders = 0
        self._settling = False

    async def confirm(self, request: ask.ConfirmServices) -> Ack:
        """The customer's choice. The order is made outside the lock: a sleeping provider must not stop a cancel."""
        if request.method is Method.OFFLINE:
            return await self.act(request)
        if (before := self._already()) is not None:
            return before
        await self.catch_up(request)
        self.check(request)
        if same_order(self.booking, request) is not None:
            return self.remember(self.ack())
        order = await self.deed(self._new_order(chosen_amount(self.booking, request)))
        async with self._lock:
            if same_order(self.booking, request) is None:
                await self.move(ask.OpenOrder(request, order, request.actor))
        return self.remember(self.ack())

    def check_cash(self, request: ask.ChooseCash) -> None:
        """What stands already is no refusal: the call is repeatable."""
        if not self._cash_stands(request):
            self.check(request)

    async def open_cash(self, request: ask.ChooseCash) -> Ack:
        """Cash for the estimate, or the collection opened at the door."""
        return self.ack() if self._cash_stands(request) else await self.act(request)

    def _cash_stands(self, request: ask.ChooseCash) -> bool:
        if request.actor.role is not Role.CUSTOMER:
            return self.booking.collection_open
        return self.booking.method is Method.OFFLINE and self.booking.status in _CASH_AGREED

    def look_at(self, order_id: str) -> None:
        """A hint: something may have happened to this order."""
        if order_id not in self._hints:
            self._hints.append(order_id)

    def note_refund(self, report: ask.RecordRefund) -> None:
        """A fact from the refund's own workflow."""
        self._refund_reports.append(report)

    def books_are_closed(self) -> bool:
        """No hint waits and nothing is being settled."""
        return not self._hints and not self._refund_reports and not self._settling

    async def keep_the_books(self) -> None:
        """Follow every hint, start every refund, number every document, for as long as the booking is open."""
        while self.booking.closed_at is None or not self.books_are_closed():
            self._start_refunds()
            await workflow.wait_condition(self._money_moves)
            self._settling = True
            while self._hints:
                await self.settle(self._hints.pop(0))
            while self._refund_reports:
                await self._record_refund(self._refund_reports.pop(0))
            await self._issue_documents()
            self._settling = False

    async def settle(self, order_id: str, *, at_a_deadline: bool = False) -> None:
        """Fetch the facts about an order of ours and act on them."""
        if self._row(order_id) is None:
            return
        try:
            evidence = await self._fetch(order_id, at_a_deadline=at_a_deadline)
            for _ in range(_CAPTURE_ROUNDS):
                verdict = self._judge(order_id, evidence)
                if verdict.capture is None or not await self._capture(verdict.capture):
                    break
                evidence = await self._fetch(order_id, at_a_deadline=at_a_deadline)
        except PaymentProblem as refusal:
            await self._call_for_help(f"facts {order_id}", f"the provider denies {order_id}: {refusal.detail}")
            return
        async with self._lock:
            await self._act_on(self._judge(order_id, evidence))

    async def _act_on(self, verdict: Verdict) -> None:
        if verdict.confirm is not None:
            await self.move(ask.TakePayment(verdict.confirm))
        for payment in verdict.send_back:
            await self.move(ask.ReturnMoney(payment, self._why_back()))
        for payment in verdict.failed_attempts:
            if verdict.confirm is None and self._is_news(payment):
                await self.move(ask.NotePaymentFailure(payment))

    def _judge(self, order_id: str, evidence: OrderEvidence) -> Verdict:
        row = self._row(order_id)
        if row is None:
            return Verdict()
        consumed = tuple(p.payment_id for p in self.booking.payments if p.payment_id is not None)
        return judge(Expected(order_id, row.amount, consumed, wanted(self.booking, row)), evidence)

    def _is_news(self, payment: ProviderPayment) -> bool:
        row = self._row(payment.order_id or "")
        waiting = self.booking.status is State.ANALYSED
        return waiting and row is not None and not row.superseded and payment.payment_id not in row.failed_attempts

    def _why_back(self) -> str:
        return "the booking was cancelled" if self.booking.cancellation else "the payment was not expected any more"

    def _row(self, order_id: str) -> Payment | None:
        return next((payment for payment in self.booking.payments if payment.order_id == order_id), None)

    async def _new_order(self, amount: int) -> Any:
        """An order of our own numbering: the receipt is workflow-owned data, so a repeat finds the first."""
        self._orders += 1
        run = workflow.info().first_execution_run_id[:8]
        receipt = f"{self.booking.id}-{self.booking.version}-{self._orders}-{run}"
        return await workflow.execute_activity_method(
            PaymentActivities.create_order,
            args=[self.booking.id, receipt, amount, CURRENCY],
            summary=f"order {receipt}",
            **options.PROVIDER,
        )

    async def _fetch(self, order_id: str, *, at_a_deadline: bool) -> OrderEvidence:
        patience = options.PROVIDER_AT_A_DEADLINE if at_a_deadline else options.PROVIDER
        evidence: OrderEvidence = await self.deed(
            workflow.execute_activity_method(
                PaymentActivities.fetch_order, order_id, summary=f"facts of {order_id}", **patience
            )
        )
        return evidence

    async def _capture(self, payment: ProviderPayment) -> bool:
        """Take authorised money; False when the provider refuses for good (an admin must look)."""
        try:
            await self.deed(
                workflow.execute_activity_method(
                    PaymentActivities.capture,
                    args=[payment.payment_id, payment.amount, payment.currency],
                    summary=f"capture {payment.payment_id}",
                    **options.PROVIDER,
                )
            )
        except PaymentProblem as refusal:
            await self._call_for_help(f"capture {payment.payment_id}", f"capture refused: {refusal.detail}")
            return False
        return True

    async def _call_for_help(self, key: str, note: str) -> None:
        """Once per reason, for hints and polls repeat."""
        if key not in self.booking.alerted:
            await self.act(ask.Alert(key, note, lasting=True))

    def _money_moves(self) -> bool:
        return (
            bool(self._hints or self._refund_reports)
            or owed_document(self.booking) is not None
            or any(self._unstarted(refund.id, refund.status) for refund in self.booking.refunds)
            or self.booking.closed_at is not None
        )

    def _unstarted(self, refund: int, status: RefundStatus) -> bool:
        return status is RefundStatus.PENDING and refund not in self._refunding

    def _start_refunds(self) -> None:
        for refund in self.booking.refunds:
            if self._unstarted(refund.id, refund.status):
                self._refunding.add(refund.id)
                order = RefundOrder(
                    workflow.info().workflow_id, refund.id, refund.payment_id, refund.amount, refund.key
                )
                self.chore(self._start_refund(order))

    async def _start_refund(self, order: RefundOrder) -> None:
        """A refund lives as long as the provider takes, in a workflow of its own; it may be there already."""
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                RefundWorkflow.run,
                order,
                id=refund_workflow_id(order.key),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=f"refund for {workflow.info().workflow_id}",
            )

    async def _record_refund(self, report: ask.RecordRefund) -> None:
        async with self._lock:
            try:
                await self.move(report)
            except BookingError as refusal:
                workflow.logger.warning("a refund report was refused: %s", refusal.detail)

    async def _issue_documents(self) -> None:
        while (owed := owed_document(self.booking)) is not None:
            record = await workflow.execute_activity_method(
                DocumentActivities.issue_document,
                args=[self.booking.id, owed],
                summary=f"{owed.kind} for {owed.leg}",
                **options.DATABASE,
            )
            async with self._lock:
                await self.move(record)
