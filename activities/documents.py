"""The documents: invoices and credit notes, numbered without gaps."""

from collections.abc import Mapping
from typing import Protocol

from temporalio import activity

from domain.billing.due_documents import DueDocument
from domain.commands import RecordInvoice


class DocumentStore(Protocol):
    """Numbers and stores documents."""

    async def issue(self, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and write the document in one transaction; the same one when repeated."""


class DocumentActivities:
    """Issues documents, for each kind in its store."""

    def __init__(self, stores: Mapping[str, DocumentStore]) -> None:
        self._stores = stores

    @activity.defn
    async def issue_document(self, kind: str, booking_id: int, due: DueDocument) -> RecordInvoice:
        """Number and store the document that is due."""
        return await self._stores[kind].issue(booking_id, due)
