"""What a document says: its amounts are the money, to the paisa, whatever was in the cart."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import grouped, in_words
from domain.billing.documents import CREDIT_NOTE, INVOICE, DocumentFacts, Supplier, document_facts
from domain.billing.due_documents import DueDocument
from domain.billing.records import Method
from domain.closing import due_document
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.parts import PickupType
from kinds.vehicle_service.domain.pricing import of_lines
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service import bookings
from tests.kinds.vehicle_service.people import PEOPLE, recommended, requested

SUPPLIER = Supplier("RevCare Motors Private Limited", "27AAPFU0939F1ZV", "Maharashtra", "14 Service Road, Pune 411001")
ISSUED = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

prices = st.integers(1, 50_000_00)
percents = st.integers(0, 2800).map(lambda hundredths: Decimal(hundredths) / 100)
carts = st.lists(st.tuples(prices, st.integers(1, 9)), min_size=1, max_size=12)


def owed_by(booking: VisitBooking) -> DocumentFacts:
    """The document that the booking owes next."""
    owed = due_document(VEHICLE_SERVICE, booking)
    assert owed is not None
    return document_of(booking, owed)


def document_of(
    booking: VisitBooking, owed: DueDocument, issued_at: datetime = ISSUED, invoice: DocumentFacts | None = None
) -> DocumentFacts:
    """That document, for the customer as they are known when it is issued."""
    return document_facts(
        VEHICLE_SERVICE, booking, owed, "RC-2627-000001", issued_at, SUPPLIER, PEOPLE[booking.customer.id], invoice
    )


def parts(facts: DocumentFacts) -> int:
    """What the document adds up to."""
    return facts.taxable + facts.cgst + facts.sgst + facts.igst + facts.round_off


@cache
def _delivered() -> VisitBooking:
    return bookings.delivered().booking


def with_cart(cart: list[tuple[int, int]], percent: Decimal, *, same_state: bool, rounded: bool) -> VisitBooking:
    """A delivered booking over these (unit price, quantity) lines."""
    booking = _delivered()
    policy = replace(booking.policy, same_state=same_state, round_to_rupee=rounded)
    lines = [replace(requested(45), service_id=n, price=unit, quantity=count) for n, (unit, count) in enumerate(cart)]
    return replace(booking, lines=lines, policy=policy, gst_percent=percent)


@given(carts, percents, st.booleans(), st.booleans())
def test_an_invoice_adds_up_to_the_money_for_any_cart(
    cart: list[tuple[int, int]], percent: Decimal, same_state: bool, rounded: bool
) -> None:
    booking = with_cart(cart, percent, same_state=same_state, rounded=rounded)
    owed = DueDocument(INVOICE, "service", of_lines(booking.lines, booking))
    facts = document_of(booking, owed)
    assert parts(facts) == facts.total == owed.amount
    assert len(facts.lines) == len(cart)
    assert facts.cgst == facts.sgst
    assert (facts.igst == 0) if same_state else (facts.cgst == 0)
    assert -49 <= facts.round_off <= 50 if rounded else facts.round_off == 0


@given(prices, percents, st.booleans())
def test_a_credit_note_splits_any_refund_within_a_paisa(refund: int, percent: Decimal, same_state: bool) -> None:
    booking = with_cart([(1, 1)], percent, same_state=same_state, rounded=False)
    owed = DueDocument(CREDIT_NOTE, "service", refund, "RC-2627-000001")
    facts = document_of(booking, owed)
    assert parts(facts) == facts.total == refund
    assert abs(facts.round_off) <= 1


@pytest.mark.parametrize("paid", [1, 999, 100_000, 300_001])
def test_money_that_the_lines_do_not_explain_is_not_printed_as_a_large_round_off(paid: int) -> None:
    booking = bookings.delivered().booking
    facts = document_of(booking, DueDocument(INVOICE, "service", paid))
    assert [line.description for line in facts.lines] == ["Vehicle service"]
    assert parts(facts) == facts.total == paid
    assert abs(facts.round_off) <= 1


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("pickup_type", PickupType)
def test_the_invoice_of_a_visit_lists_the_chosen_services(method: Method, pickup_type: PickupType) -> None:
    facts = owed_by(bookings.delivered(method, pickup_type).booking)
    assert [(line.description, line.taxable) for line in facts.lines] == [
        ("Brake pads, front", 165000),
        ("Engine oil change", 85000),
    ]
    assert (facts.taxable, facts.cgst, facts.sgst, facts.total) == (250000, 22500, 22500, 295000)
    assert facts.lines[0].gst_percent == "18"
    assert facts.place_of_supply == "Maharashtra (27)"
    assert facts.recipient.address == ("" if pickup_type == "walk_in" else "12 Beach Road, Adyar, 600020")


def test_the_fee_that_is_kept_has_an_invoice_of_its_own() -> None:
    facts = owed_by(bookings.in_progress().cancelled().booking)
    assert (facts.leg, facts.taxable, facts.cgst + facts.sgst, facts.total) == ("fee", 10000, 1800, 11800)


def test_a_fee_collected_on_site_has_an_invoice_too() -> None:
    builder = bookings.estimate_ready().cancelled().drop_assigned().cash_verified()
    facts = owed_by(builder.booking)
    assert (facts.leg, facts.taxable, facts.total, facts.round_off) == ("fee", 10000, 11800, 0)


def test_a_credit_note_cites_the_invoice_that_it_takes_back_and_is_for_whom_that_was() -> None:
    """Whoever is called otherwise since, and whenever the booking heard of the invoice."""
    paid, given_up = bookings.in_progress(), bookings.in_progress().documents_issued().cancelled().booking
    invoice = replace(owed_by(paid.booking), number=given_up.invoices[0].number, date="2026-11-22")
    owed = due_document(VEHICLE_SERVICE, given_up)
    assert owed is not None
    renamed = replace(invoice, recipient=replace(invoice.recipient, name="Asha as she was"))
    facts = document_of(given_up, owed, invoice=renamed)
    assert facts.kind == CREDIT_NOTE
    assert (facts.taxable, facts.cgst, facts.sgst, facts.total) == (240000, 21600, 21600, 283200)
    assert facts.against is not None
    assert (facts.against.number, facts.against.date) == (given_up.invoices[0].number, "2026-11-22")
    assert facts.recipient.name == "Asha as she was"


def test_the_date_is_the_shops_date() -> None:
    owed = DueDocument(INVOICE, "service", 295000)
    late = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    facts = document_of(bookings.delivered().booking, owed, late)
    assert facts.date == "2026-04-01"


def test_across_states_there_is_one_tax() -> None:
    booking = with_cart([(165000, 1)], Decimal(18), same_state=False, rounded=False)
    facts = document_of(booking, DueDocument(INVOICE, "service", 194700))
    assert (facts.cgst, facts.sgst, facts.igst) == (0, 0, 29700)
    assert facts.place_of_supply == "Outside Maharashtra (inter-State supply)"


def test_a_line_given_for_nothing_is_printed_with_nothing() -> None:
    booking = bookings.delivered().booking
    free = replace(booking, lines=[*booking.lines, recommended(quote=0)])
    facts = document_of(free, DueDocument(INVOICE, "service", 295000))
    assert [line.total for line in facts.lines] == [194700, 100300, 0]


@pytest.mark.parametrize(
    ("amount", "figures", "words"),
    [
        (0, "0.00", "Rupees Zero Only"),
        (5, "0.05", "Rupees Zero and Five Paise Only"),
        (100000, "1,000.00", "Rupees One Thousand Only"),
        (295000, "2,950.00", "Rupees Two Thousand Nine Hundred Fifty Only"),
        (16500021, "1,65,000.21", "Rupees One Lakh Sixty-Five Thousand and Twenty-One Paise Only"),
        (1000000000, "1,00,00,000.00", "Rupees One Crore Only"),
        (1919191919, "1,91,91,919.19",
         "Rupees One Crore Ninety-One Lakh Ninety-One Thousand Nine Hundred Nineteen and Nineteen Paise Only"),
        (-50, "-0.50", None),
    ],
)  # fmt: skip
def test_amounts_are_written_as_in_india(amount: int, figures: str, words: str | None) -> None:
    assert grouped(amount) == figures
    assert words is None or in_words(amount) == words


@given(st.integers(0, 10**14))
def test_grouping_only_adds_commas(amount: int) -> None:
    assert grouped(amount).replace(",", "") == f"{amount // 100}.{amount % 100:02d}"
