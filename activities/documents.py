"""The books: invoices and credit notes, numbered without gaps."""

from typing import Protocol

from temporalio import activity

from kinds.vehicle_service.domain.commands import RecordInvoice
from kinds.vehicle_service.domain.settlement import DueDocument


class Books(Protocol):
    """Where documents are numbered and kept."""

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write the document in one transaction; the same one when repeated."""


class DocumentActivities:
    """Issuing documents."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn
    async def issue_document(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Give the due document its number."""
        return await self._books.issue(booking_id, due)
