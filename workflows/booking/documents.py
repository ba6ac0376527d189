"""Documents of a booking: what is due is numbered, and what was numbered is recorded, by whichever run."""

from contextlib import suppress

from temporalio import workflow

from activities.documents import DocumentActivities
from domain.billing.due_documents import DueDocument
from domain.closing import due_together
from domain.commands import RecordInvoice
from domain.kind import B
from workflows import options
from workflows.booking.base import StateReplaced
from workflows.booking.messages import Start
from workflows.booking.rows import RowsHandling

_UNRECORDED = "2026-11-unrecorded-documents"
_NUMBERED_TOGETHER = "2026-12-documents-numbered-together"


class DocumentHandling(RowsHandling[B]):
    """Invoices and credit notes."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._may_have_more = False

    async def take(self, rows: B) -> None:
        """Hold this state; a run that was lost may have had a document numbered that the rows do not show."""
        await super().take(rows)
        self._may_have_more = workflow.patched(_UNRECORDED)

    def documents_may_be_missing(self) -> bool:
        """The state came from the rows, and nobody has asked yet what was numbered beside it."""
        return self._may_have_more

    async def issue_documents(self) -> None:
        """Record what was numbered already, for it stands; then number what is due, until nothing is."""
        if self._may_have_more:
            self._may_have_more = False
            await self._record_unrecorded()
        while due := due_together(self.kind, self.booking, workflow.now()):
            for record in await self._issue(due):
                await self._record_document(record)

    async def _issue(self, due: list[DueDocument]) -> list[RecordInvoice]:
        """Several by one activity, for each costs the booking six events and a workflow task."""
        about = [self.kind.name, self.booking.id]
        if len(due) > 1 and workflow.patched(_NUMBERED_TOGETHER):
            return await workflow.execute_activity_method(
                DocumentActivities.issue_documents,
                args=[*about, due],
                summary=", ".join(map(_summary, due)),
                **options.DATABASE,
            )
        record = await workflow.execute_activity_method(
            DocumentActivities.issue_document, args=[*about, due[0]], summary=_summary(due[0]), **options.DATABASE
        )
        return [record]

    async def _record_unrecorded(self) -> None:
        records: list[RecordInvoice] = await workflow.execute_activity_method(
            DocumentActivities.unrecorded_documents,
            args=[self.kind.name, self.booking.id, self._numbers()],
            summary="documents that a lost run had numbered",
            **options.DATABASE,
        )
        for record in records:
            await self._record_document(record)

    async def _record_document(self, record: RecordInvoice) -> None:
        async with self._lock:
            with suppress(StateReplaced):
                if record.number not in self._numbers():
                    await self.transition(record)

    def _numbers(self) -> list[str]:
        invoices = [invoice.number for invoice in self.booking.invoices]
        return invoices + [note.number for note in self.booking.credit_notes]


def _summary(due: DueDocument) -> str:
    return f"{due.kind} for {due.leg}"
