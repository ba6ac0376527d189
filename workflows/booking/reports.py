"""What is reported about payments, disputes and refunds, and the one task that looks into all of it."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from temporalio import workflow

from domain.closing import due_document
from domain.kind import B
from workflows.booking.disputes import DisputeHandling
from workflows.booking.messages import Start


class ReportHandling(DisputeHandling[B]):
    """Reports: one that comes again and again, and brings nothing new, is looked into ever later."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._settling = False

    def payments_are_settled(self) -> bool:
        """No message waits and no payment is being processed."""
        return not self._settling and not self._messages_wait()

    def rechecks_wait(self) -> bool:
        """Something could not be fetched and will be fetched again, by this run or the next."""
        return bool(self._rechecks)

    def carried_over(self) -> Start[B]:
        """The start of the next run."""
        rechecks, in_vain = self._rechecks.carried_over(), self._vain.carried_over()
        return replace(super().carried_over(), rechecks=rechecks, in_vain=in_vain)

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
            await self.settle_disputes()
            await self.record_refunds()
            await self.issue_documents()
            await self.repair_projection()
            self._settling = False

    def _messages_wait(self) -> bool:
        fetches = bool(self._orders_to_fetch or self._disputes_to_fetch) or self.disputes_can_be_recorded()
        return fetches or self.rows_are_ahead() or self.refund_reports_wait() or self.documents_may_be_missing()

    def _payment_work_waits(self) -> bool:
        return self._messages_wait() or due_document(self.kind, self.booking) is not None or self.refunds_to_start()
