"""The printed documents, read back from the PDF itself."""

import re
import zlib
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from adapters.invoices import render_document
from domain.documents import CREDIT_NOTE, INVOICE, DocumentFacts, document_facts
from domain.kinds.vehicle_service.pricing import of_lines
from domain.kinds.vehicle_service.settling import OwedDocument
from tests.adapters.test_invoices_facts import ISSUED, SUPPLIER, owed_by, with_cart
from tests.domain import bookings


def pages(pdf: bytes) -> list[str]:
    """The text of each page, pieces joined by a bar."""
    streams = [zlib.decompress(found) for found in re.findall(rb"stream\n(x.*?)\nendstream", pdf, re.DOTALL)]
    drawn = [stream.decode("latin-1") for stream in streams if b" Tf" in stream]
    return [
        "|".join(re.sub(r"\\(.)", r"\1", piece) for piece in re.findall(r"\(((?:\\.|[^()\\])*)\)", page))
        for page in drawn
    ]


@pytest.fixture
def invoice() -> DocumentFacts:
    return owed_by(bookings.delivered().booking)


def test_an_invoice_shows_what_the_law_asks_for(invoice: DocumentFacts) -> None:
    (page,) = pages(render_document(invoice))
    for words in [
        "TAX INVOICE", "Original for recipient", "RevCare Motors Private Limited", "14 Service Road, Pune 411001",
        "GSTIN 27AAPFU0939F1ZV", "State: Maharashtra, code 27", "Number: RC-2627-000001", "Date: 24 Nov 2026",
        "Place of supply: Maharashtra (27)", "Reverse charge: No", "Asha Rao", "12 Beach Road, Adyar, 600020",
        "Hyundai i20", "Registration TN01AB1234", "998714", "Brake pads, front", "1,650.00", "148.50", "9%", "CGST",
        "SGST", "Round-off", "Rs. 2,950.00", "Rupees Two Thousand Nine Hundred Fifty Only", "Page 1 of |1",
    ]:  # fmt: skip
        assert words in page
    assert "IGST" not in page.split("|")


def test_across_states_igst_is_printed_instead() -> None:
    booking = with_cart([(165000, 1)], Decimal(18), same_state=False, rounded=False)
    owed = OwedDocument(INVOICE, "service", 194700)
    (page,) = pages(render_document(document_facts(booking, owed, "RC-2627-000001", ISSUED, SUPPLIER)))
    assert {"IGST", "297.00", "18%"} <= set(page.split("|"))
    assert "CGST" not in page.split("|")


def test_a_credit_note_names_itself_and_its_invoice() -> None:
    facts = owed_by(bookings.in_progress().documents_issued().cancelled().booking)
    assert facts.kind == CREDIT_NOTE
    (page,) = pages(render_document(facts))
    assert "CREDIT NOTE" in page
    assert "TAX INVOICE" not in page
    assert "Against invoice: RC/26-27/000001 of 23 Nov 2026" in page
    assert "Rs. 2,832.00" in page


def test_a_long_invoice_repeats_its_head_and_counts_its_pages() -> None:
    booking = with_cart([(123456, 2)] * 60, Decimal(18), same_state=True, rounded=False)
    owed = OwedDocument(INVOICE, "service", of_lines(booking.lines, booking))
    printed = pages(render_document(document_facts(booking, owed, "RC-2627-000001", ISSUED, SUPPLIER)))
    assert len(printed) >= 2
    for number, page in enumerate(printed, 1):
        assert "Taxable value" in page
        assert page.endswith(f"Page {number} of |{len(printed)}")
    assert sum(page.split("|").count("998714") for page in printed) == 60


def test_the_sums_stay_together_wherever_the_table_ends() -> None:
    for count in range(14, 30):
        booking = with_cart([(1000, 1)] * count, Decimal(18), same_state=True, rounded=False)
        owed = OwedDocument(INVOICE, "service", of_lines(booking.lines, booking))
        printed = pages(render_document(document_facts(booking, owed, "RC-2627-000001", ISSUED, SUPPLIER)))
        last = printed[-1]
        assert "Round-off" in last
        assert "Amount in words" in last
        assert "Information Technology Act" in last


def test_a_stored_document_prints_as_it_was(invoice: DocumentFacts) -> None:
    facts = TypeAdapter(DocumentFacts)
    stored = facts.validate_json(facts.dump_json(invoice))
    assert stored == invoice
    assert render_document(stored) == render_document(invoice)


def test_the_same_facts_print_the_same_bytes(invoice: DocumentFacts) -> None:
    assert render_document(invoice) == render_document(invoice)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("José Müller", "José Müller"),
        ("O’Brien – “Bob” (Jr.) \\", 'O\'Brien - "Bob" (Jr.) \\'),
        ("Śukasz ₹5", "Sukasz Rs. 5"),
        ("आशा", "??"),
        ("A" * 200, "AAAA"),
        ("two\nlines\x00", "two lines"),
    ],
)
def test_names_in_any_script_can_be_printed(invoice: DocumentFacts, name: str, printed: str) -> None:
    named = replace(invoice, recipient=replace(invoice.recipient, name=name))
    assert printed in pages(render_document(named))[0]
