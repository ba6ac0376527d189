"""Refunds of a booking: each attempt starts one workflow, and what that workflow reports is recorded."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle

from domain.billing.provider import ProviderRefund, RefundStatus
from domain.billing.records import Refund
from domain.billing.refund_attempts import known_refund
from domain.commands import Alert, Command, RecordDispute, RecordRefund
from domain.errors import BookingError, TooMany
from domain.kind import B
from domain.pauses import growing_pause
from workflows.booking.documents import DocumentHandling
from workflows.booking.messages import PAYMENTS_QUEUE, Start, refund_workflow_id
from workflows.refund import RefundWorkflow
from workflows.refund_messages import DisputeInstruction, RefundInput

_LONGEST_PAUSE = timedelta(hours=6)
_RETRY_STARTS = "2026-11-retry-starts-a-refund"
_LOWERED = "2026-11-by-hand-lowers-a-refund"


class RefundHandling(DocumentHandling[B]):
    """Outgoing refunds."""

    refund_restart = timedelta(minutes=1)
    """A refund's workflow that was terminated is started again after this time, later after each further time."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._refund_reports: list[RecordRefund] = []
        self._refunding: set[int] = set()
        self._restarts = 0
        self._follows_another_run = start.booking.version > 0
        self._orders_to_fetch: list[str] = []

    async def take(self, rows: B) -> None:
        """Hold this state; another run may have started its refunds, one of them under a number that was ours."""
        await super().take(rows)
        self._refunding.clear()
        self._follows_another_run = True

    def note_refund(self, report: RecordRefund) -> None:
        """A report from the refund's own workflow."""
        self._refund_reports.append(report)

    def refund_reports_wait(self) -> bool:
        """Reports that are not recorded yet."""
        return bool(self._refund_reports)

    def refunds_to_start(self) -> bool:
        """An attempt without a workflow."""
        return any(self._unstarted(refund) for refund in self.booking.refunds)

    async def retry_now(self, refund: Refund) -> None:
        """Tell the workflow of a refund to try at once; where none runs, it is started again."""
        if not await self._signal_refund(refund, "retry") and workflow.patched(_RETRY_STARTS):
            self._refunding.discard(refund.id)

    async def record_refunds(self) -> None:
        """Record what became of refunds; where staff refunded by hand, the order is fetched."""
        while self._refund_reports:
            report = self._refund_reports.pop(0)
            row = report.refund_row
            await self.looked_up(
                f"refund {row}",
                lambda: any(each.id == row for each in self.booking.refunds),  # noqa: B023 - awaited
            )
            await self.record(report)
            if report.left is not None:
                self._enqueue_order_of(report.refund_row)

    async def record(self, report: RecordRefund | RecordDispute) -> None:
        """Record a report; one that is known already, or overtaken, changes nothing."""
        async with self._lock:
            try:
                await self.transition_again(lambda: report)
            except TooMany as full:
                await self._alert("full", f"{type(report).__name__} was refused: {full.detail}")
            except BookingError as refusal:
                workflow.logger.info("a report was not recorded: %s", refusal.detail)

    def start_refunds(self) -> None:
        """Start a workflow for each new refund; one whose payment is disputed waits."""
        for refund in self.booking.refunds:
            if self._unstarted(refund):
                self._refunding.add(refund.id)
                given = RefundInput(
                    workflow.info().workflow_id,
                    refund.id,
                    refund.payment_id,
                    refund.amount,
                    refund.key,
                    settled=self.booking.decided_disputes(refund.payment_id),
                )
                self.run_before_close(self._start_refund(refund, given))

    def start_decided_refunds(self, facts: Iterable[ProviderRefund]) -> None:
        """The bank has decided about a refund that we take for pending: should its workflow be gone, it is started."""
        for fact in facts:
            refund = known_refund(self.booking.refunds, fact)
            if refund is not None and refund.status is RefundStatus.PENDING and fact.status != RefundStatus.PENDING:
                self._refunding.discard(refund.id)

    async def instruct_refunds(self, payment_id: str) -> None:
        """A dispute has begun or ended: refunds that were not sent yet wait, proceed or are abandoned."""
        for refund in self.booking.refunds:
            if refund.payment_id == payment_id and refund.refund_id is None and self._may_have_workflow(refund):
                await self._instruct(refund)

    async def abandon_replaced(self, before: Iterable[int]) -> None:
        """Staff refunded by hand: an attempt that stood ``before`` and that a lower one replaces must not leave."""
        stood = set(before)
        for refund in self.booking.refunds:
            lowered = refund.id in stood and refund.replaced and refund.refund_id is None
            if lowered and self._may_have_workflow(refund) and workflow.patched(_LOWERED):
                await self._instruct(refund)

    def is_held(self, payment_id: str) -> bool:
        """A dispute keeps the money of this payment where it is."""
        return self.booking.on_hold(payment_id)

    def must_wait(self, refund: Refund) -> bool:
        """Something else has to be done before it."""
        return False

    def _may_have_workflow(self, refund: Refund) -> bool:
        """Started by this run, or by an earlier one of the same booking; a signal to none does no harm."""
        return not refund.by_hand and (refund.id in self._refunding or self._follows_another_run)

    async def _instruct(self, refund: Refund) -> None:
        """One that may leave is told which disputes are recorded here as decided: it leaves out no others."""
        if refund.replaced:
            await self._signal_refund(refund, "instruct", DisputeInstruction.ABANDON)
        elif self.is_held(refund.payment_id):
            await self._signal_refund(refund, "instruct", DisputeInstruction.WAIT)
        else:
            settled = self.booking.decided_disputes(refund.payment_id)
            await self._signal_refund(refund, "proceed", settled)

    async def request_attention(self, key: str, note: str) -> None:
        """Alert an admin, once per ``key``, for payment events and polls repeat."""
        if key not in self.booking.alerted:
            async with self._lock:
                await self._alert(key, note)

    async def transition_or_alert(self, command: Command, key: str) -> None:
        """For tasks that must not end: a command that is refused calls an admin, once per ``key``.

        Raises:
            StateReplaced: as ``transition``.
        """
        try:
            await self.transition(command)
        except BookingError as refusal:
            await self._alert(key, f"{type(command).__name__} was refused: {refusal.detail}")

    async def _alert(self, key: str, note: str) -> None:
        alert = Alert(key, note, lasting=True)
        await self.transition_again(lambda: alert if key not in self.booking.alerted else None)

    def enqueue_order(self, order_id: str) -> None:
        """Something may have happened to this order: its facts will be fetched."""
        if order_id not in self._orders_to_fetch:
            self._orders_to_fetch.append(order_id)

    def _enqueue_order_of(self, refund_row: int) -> None:
        refund = next((each for each in self.booking.refunds if each.id == refund_row), None)
        row = refund and next((each for each in self.booking.payments if each.id == refund.payment_row), None)
        if row and row.order_id:
            self.enqueue_order(row.order_id)

    def _unstarted(self, refund: Refund) -> bool:
        waits = refund.status is RefundStatus.PENDING and refund.unsettled and refund.id not in self._refunding
        return waits and not self.is_held(refund.payment_id) and not self.must_wait(refund)

    async def _start_refund(self, refund: Refund, given: RefundInput) -> None:
        """A refund takes as long as the provider does, in a workflow of its own.

        One that runs already, since an earlier run of the booking, may know of a dispute that this run has never heard
        of, or wait for a word that was never sent: it is told to try, and asks again what it has to know.
        One that is over while we take the refund for pending has reported to a run that was lost: another one finds
        what it has made, by its key, and reports that.
        """
        try:
            child = await workflow.start_child_workflow(
                RefundWorkflow.run,
                given,
                id=refund_workflow_id(given.key),
                task_queue=PAYMENTS_QUEUE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"refund for {workflow.info().workflow_id}",
            )
        except WorkflowAlreadyStartedError:
            if not self.is_held(refund.payment_id):
                await self._signal_refund(refund, "retry")
            return
        self.supervise(self._follow(refund.id, child))

    async def _follow(self, refund_id: int, child: ChildWorkflowHandle[Any, str]) -> None:
        """Start it again when somebody terminated it, or it failed: it finds what it has made, and the money is owed.

        Later each time, for what ends it may not be over.
        """
        try:
            await child
        except ChildWorkflowError as end:
            self._restarts += 1
            workflow.logger.error("the workflow of refund %s has ended: %s", refund_id, end.cause)
            pause = growing_pause(self.refund_restart, _LONGEST_PAUSE, self._restarts - 1)
            await workflow.sleep(pause, summary=f"start the workflow of refund {refund_id} again")
            self._refunding.discard(refund_id)

    async def _signal_refund(self, refund: Refund, signal: str, *args: object) -> bool:
        """False when no workflow of this refund runs: it has ended, or somebody terminated it."""
        handle = workflow.get_external_workflow_handle(refund_workflow_id(refund.key))
        try:
            await handle.signal(signal, args=list(args))
        except ApplicationError:
            return False
        return True
