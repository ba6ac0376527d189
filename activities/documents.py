"""The documents: invoices and credit notes, numbered without gaps."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from temporalio import activity

from domain.billing.due_documents import DueDocument
from domain.commands import RecordInvoice


class DocumentStore(Protocol):
    """Numbers and stores documents."""

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write the document in one transaction; the same one when repeated."""

    async def unrecorded(self, booking_id: int, known: Sequence[str]) -> list[RecordInvoice]:
        """The documents of a booking whose numbers are not ``known``, as they were issued, the oldest first."""


class DocumentActivities:
    """Issues documents, for each kind in its store."""

    def __init__(self, stores: Mapping[str, DocumentStore]) -> None:
        self._stores = stores

    @activity.defn
    async def issue_document(self, kind: str, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and store the document that is due."""
        return await self._stores[kind].issue(booking_id, due)

    @activity.defn
    async def issue_documents(self, kind: str, booking_id: int, due: list[DueDocument]) -> list[RecordInvoice]:
        """Number and store several that are due, one after the other; a repeat finds those that are numbered."""
        return [await self._stores[kind].issue(booking_id, each) for each in due]

    @activity.defn
    async def unrecorded_documents(self, kind: str, booking_id: int, known: list[str]) -> list[RecordInvoice]:
        """What was numbered for a booking that lost its workflow before it had recorded that."""
        return await self._stores[kind].unrecorded(booking_id, known)
