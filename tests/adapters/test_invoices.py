"""The printed documents, read back from the PDF itself."""

import re
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from adapters.documents.pdf import render_document
from domain.billing.document_terms import DocumentSubject
from domain.billing.documents import CREDIT_NOTE, INVOICE, DocumentFacts
from domain.billing.due_documents import DueDocument
from domain.closing import due_document
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.pricing import of_lines
from tests.adapters.printed import pages, pages_in_pieces
from tests.adapters.test_invoices_facts import document_of, owed_by, with_cart
from tests.kinds.vehicle_service import bookings


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
        "SGST", "Round-off", "₹ 2,950.00", "Rupees Two Thousand Nine Hundred Fifty Only", "Page 1 of 1",
        "For RevCare Motors Private Limited", "Authorised signatory",
    ]:  # fmt: skip
        assert words in page
    assert "IGST" not in page.split("|")


def test_an_invoice_about_nothing_but_its_lines_has_no_block_for_more(invoice: DocumentFacts) -> None:
    (page,) = pages(render_document(replace(invoice, subject=DocumentSubject())))
    assert "Vehicle" not in page.split("|")
    assert "Issued to|Asha Rao" in page


def test_across_states_igst_is_printed_instead() -> None:
    booking = with_cart([(165000, 1)], Decimal(18), same_state=False, rounded=False)
    owed = DueDocument(INVOICE, "service", 194700)
    (page,) = pages(render_document(document_of(booking, owed)))
    assert {"IGST", "297.00", "18%"} <= set(page.split("|"))
    assert "CGST" not in page.split("|")


def test_a_credit_note_names_itself_and_its_invoice() -> None:
    given_up = bookings.in_progress().documents_issued().cancelled().booking
    invoice = replace(owed_by(bookings.in_progress().booking), number=given_up.invoices[0].number, date="2026-11-23")
    owed = due_document(VEHICLE_SERVICE, given_up)
    assert owed is not None
    facts = document_of(given_up, owed, invoice=invoice)
    assert facts.kind == CREDIT_NOTE
    (page,) = pages(render_document(facts))
    assert "CREDIT NOTE" in page
    assert "TAX INVOICE" not in page
    assert "Against invoice: RC/26-27/000001 of 23 Nov 2026" in page
    assert "₹ 2,832.00" in page


def test_a_long_invoice_repeats_its_head_and_counts_its_pages() -> None:
    booking = with_cart([(123456, 2)] * 60, Decimal(18), same_state=True, rounded=False)
    owed = DueDocument(INVOICE, "service", of_lines(booking.lines, booking))
    printed = pages(render_document(document_of(booking, owed)))
    assert len(printed) >= 2
    for number, page in enumerate(printed, 1):
        assert "Taxable value" in page
        assert page.endswith(f"Page {number} of {len(printed)}")
    assert sum(page.split("|").count("998714") for page in printed) == 60


def test_the_sums_stay_together_wherever_the_table_ends() -> None:
    for count in range(14, 30):
        booking = with_cart([(1000, 1)] * count, Decimal(18), same_state=True, rounded=False)
        owed = DueDocument(INVOICE, "service", of_lines(booking.lines, booking))
        printed = pages(render_document(document_of(booking, owed)))
        last = printed[-1]
        assert "Round-off" in last
        assert "Amount in words" in last
        assert "Information Technology Act" in last


def test_a_registered_business_is_billed_under_its_name_and_number(invoice: DocumentFacts) -> None:
    booking = bookings.delivered().booking
    customer = replace(booking.customer, gstin="29AAGCB7383J1Z4", billed_as="Acme Traders LLP")
    policy = replace(booking.policy, same_state=False, supply_state="29")
    facts = owed_by(replace(booking, customer=customer, policy=policy))
    (page,) = pages(render_document(facts))
    for words in ("Acme Traders LLP", "GSTIN 29AAGCB7383J1Z4", "Place of supply: Karnataka (29)", "IGST"):
        assert words in page


FIRST = 30
"""Carts of the thousand that are printed at once, at fifty milliseconds each; the others by `make test-long`."""


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(FIRST), id="first"),
        *(pytest.param(range(n or FIRST, n + 100), id=str(n), marks=pytest.mark.long) for n in range(0, 1000, 100)),
    ],
)
def test_the_printed_totals_are_the_money_for_a_thousand_carts(seeds: range) -> None:
    for seed in seeds:
        captured, total, parts, lines = _printed(seed)
        assert total == parts == lines == captured, seed


def _printed(seed: int) -> tuple[int, int, int, int]:
    """One random cart: the money that was captured, and what its invoice prints as total, sums and lines."""
    chance = Random(seed)
    cart = [(chance.randint(100, 3_000_000), chance.randint(1, 4)) for _ in range(chance.randint(1, 4))]
    percent = Decimal(chance.choice([0, 5, 12, 18, 28, "12.5", "0.25"]))
    booking = with_cart(cart, percent, same_state=chance.random() < 0.7, rounded=chance.random() < 0.5)
    captured = of_lines(booking.lines, booking)
    facts = document_of(booking, DueDocument(INVOICE, "service", captured))
    taxes = ("CGST", "SGST") if booking.policy.same_state else ("IGST",)
    printed = pages_in_pieces(render_document(facts))[-1]
    round_off = _amount(printed, "Round-off")
    parts = sum(_amount(printed, name) for name in ("Taxable value", *taxes)) + round_off
    return captured, _amount(printed, "Total"), parts, sum(_line_totals(printed, len(taxes))) + round_off


def _amount(printed: list[str], name: str) -> int:
    """The paise printed behind a name; the last one of that name is the sum below the table."""
    place = len(printed) - 1 - printed[::-1].index(name)
    return _paise(printed[place + 1])


def _line_totals(printed: list[str], taxes: int) -> list[int]:
    """The last figure of each row: after SAC, quantity, unit, taxable value and two figures for each tax."""
    return [_paise(printed[place + 4 + 2 * taxes]) for place, piece in enumerate(printed) if piece == "998714"]


def _paise(figure: str) -> int:
    return int(re.sub(r"[₹ ,.]", "", figure))
