"""The books: invoices and credit notes, numbered without gaps."""

from typing import Protocol

from temporalio import activity

from domain.kinds.vehicle_service.requests import RecordInvoice
from domain.kinds.vehicle_service.settling import OwedDocument


class Books(Protocol):
    """Where documents are numbered and kept."""

    async def issue(self, booking_id: int, owed: OwedDocument) -> RecordInvoice:
        """Number and write the document in one transaction; the same one when repeated."""


class DocumentActivities:
    """Issuing documents."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn
    async def issue_document(self, booking_id: int, owed: OwedDocument) -> RecordInvoice:
        """Give the owed document its number."""
        return await self._books.issue(booking_id, owed)
