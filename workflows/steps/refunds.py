"""Refunds as a booking sees them: each intent is started once, and what its own workflow reports is recorded."""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from domain.errors import BookingError
from domain.payments import RefundStatus
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.booking import Refund
from kinds.vehicle_service.domain.rules.refunding import latest_attempt
from workflows import options
from workflows.booking import BookingStory
from workflows.messages import Ack, Start, refund_workflow_id
from workflows.refund import RefundOrder, RefundWorkflow, Word


class RefundSteps(BookingStory):
    """Money that goes back."""

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._refund_reports: list[commands.RecordRefund] = []
        self._refunding: set[int] = set()

    def note_refund(self, report: commands.RecordRefund) -> None:
        """A fact from the refund's own workflow."""
        self._refund_reports.append(report)

    def refund_reports_wait(self) -> bool:
        """Facts that are not recorded yet."""
        return bool(self._refund_reports)

    def refunds_to_start(self) -> bool:
        """An intent that nobody follows yet."""
        return any(self._unstarted(refund) for refund in self.booking.refunds)

    async def push_refund(self, command: commands.RetryRefund) -> Ack:
        """An admin's push: one under way is told, one that was given up begins anew."""
        refund = latest_attempt(self.booking, command.refund_row)
        ack = await self.act(command)
        if refund.status is RefundStatus.PENDING:
            await self._tell(refund, "retry")
        return ack

    async def record_refunds(self) -> None:
        """Take down what became of refunds; what was refunded by somebody else is looked up."""
        while self._refund_reports:
            report = self._refund_reports.pop(0)
            await self.record(report)
            if report.left is not None:
                self._look_at_order_of(report.refund_row)

    async def record(self, report: commands.RecordRefund | commands.RecordDispute) -> None:
        """Record a fact; one that is known already, or overtaken, changes nothing."""
        async with self._lock:
            try:
                await self.move(report)
            except BookingError as refusal:
                workflow.logger.info("a report was not recorded: %s", refusal.detail)

    def start_refunds(self) -> None:
        """Give each new intent a workflow of its own; one whose payment is disputed waits."""
        for refund in self.booking.refunds:
            if self._unstarted(refund):
                self._refunding.add(refund.id)
                order = RefundOrder(
                    workflow.info().workflow_id, refund.id, refund.payment_id, refund.amount, refund.key
                )
                self.chore(self._start_refund(order))

    async def tell_refunds(self, payment_id: str) -> None:
        """A dispute has begun or ended: refunds that have not left yet stop, go on or are given up."""
        word = Word.WAIT if self.booking.on_hold(payment_id) else Word.GO_ON
        for refund in self.booking.refunds:
            if refund.payment_id == payment_id and refund.id in self._refunding and refund.refund_id is None:
                await self._tell(refund, "dispute_says", Word.GIVE_UP if refund.replaced else word)

    async def call_for_help(self, key: str, note: str) -> None:
        """Once per reason, for hints and polls repeat."""
        if key not in self.booking.alerted:
            async with self._lock:
                await self.move(commands.Alert(key, note, lasting=True))

    def look_at(self, order_id: str) -> None:
        """A hint (see ``PaymentSteps``)."""
        raise NotImplementedError

    def _look_at_order_of(self, refund_row: int) -> None:
        refund = next((each for each in self.booking.refunds if each.id == refund_row), None)
        row = refund and next((each for each in self.booking.payments if each.id == refund.payment_row), None)
        if row and row.order_id:
            self.look_at(row.order_id)

    def _unstarted(self, refund: Refund) -> bool:
        waits = refund.status is RefundStatus.PENDING and refund.unsettled and refund.id not in self._refunding
        return waits and not self.booking.on_hold(refund.payment_id)

    async def _start_refund(self, order: RefundOrder) -> None:
        """A refund lives as long as the provider takes, in a workflow of its own; it may be there already."""
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                RefundWorkflow.run,
                order,
                id=refund_workflow_id(order.key),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=options.ONCE_UNLESS_IT_BROKE,
                static_summary=f"refund for {workflow.info().workflow_id}",
            )

    async def _tell(self, refund: Refund, signal: str, *args: object) -> None:
        handle = workflow.get_external_workflow_handle(refund_workflow_id(refund.key))
        with suppress(ApplicationError):  # it has ended: there is nothing left to hold or to push
            await handle.signal(signal, args=list(args))
