"""The documents: invoices and credit notes, numbered without gaps."""

from typing import Protocol

from temporalio import activity

from domain.billing.settlement import DueDocument
from domain.commands import RecordInvoice


class DocumentStore(Protocol):
    """Numbers and stores documents."""

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write the document in one transaction; the same one when repeated."""


class DocumentActivities:
    """Issuing documents."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    @activity.defn
    async def issue_document(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and store the document that is due."""
        return await self._documents.issue(booking_id, due)
