"""Documents are printed beside the event loop, by few threads and with few who wait."""

import asyncio

import pytest

from adapters.documents.pdf import render_document
from adapters.documents.printer import DocumentPrinter
from domain.billing.documents import DocumentFacts
from domain.errors import Unavailable
from tests.adapters.test_invoices_facts import owed_by
from tests.kinds.vehicle_service import bookings

WAITING_AT_MOST = 32


@pytest.fixture
def invoice() -> DocumentFacts:
    return owed_by(bookings.delivered().booking)


async def test_the_event_loop_goes_on_while_documents_are_printed(invoice: DocumentFacts):
    printer, turns = DocumentPrinter(), 0
    printing = asyncio.gather(*(printer.render(invoice) for _ in range(4)))
    while not printing.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert set(await printing) == {render_document(invoice)}
    assert turns > 5
    printer.close()


async def test_who_would_wait_too_long_for_a_document_is_told_to_come_back(invoice: DocumentFacts):
    printer = DocumentPrinter()
    answers = await asyncio.gather(
        *(printer.render(invoice) for _ in range(WAITING_AT_MOST + 3)), return_exceptions=True
    )
    assert sum(isinstance(answer, Unavailable) for answer in answers) == 3
    assert sum(isinstance(answer, bytes) for answer in answers) == WAITING_AT_MOST
    assert (await printer.render(invoice)).startswith(b"%PDF")
    printer.close()
