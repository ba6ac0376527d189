"""What a booking's state says has moved."""

from domain.billing.ledger import entries
from domain.billing.records import Method
from domain.billing.totals import paid
from kinds.vehicle_service.domain.pricing import totals
from tests.kinds.vehicle_service.bookings import booked, delivered, estimate_ready, in_progress, out_for_delivery
from tests.kinds.vehicle_service.people import BOTH_WITH_GST
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every


def test_nothing_has_moved_before_anybody_paid():
    assert entries(booked().booking) == ()
    assert entries(estimate_ready().order_opened().booking) == ()


def test_a_captured_payment_is_one_entry_in():
    (entry,) = entries(estimate_ready().order_opened().money_arrives("pay_7").booking)
    assert (entry.kind, entry.reference, entry.leg, entry.amount) == ("capture", "pay_7", "service", BOTH_WITH_GST)


def test_cash_counts_when_it_is_verified_and_has_a_reference_of_ours():
    assert entries(out_for_delivery(Method.OFFLINE).booking) == ()
    booking = out_for_delivery(Method.OFFLINE).cash_verified().booking
    (entry,) = entries(booking)
    assert (entry.kind, entry.amount) == ("cash", BOTH_WITH_GST)
    assert entry.reference == f"cash-{booking.payments[0].id}"


def test_a_refund_goes_out_when_the_provider_has_processed_it():
    builder = in_progress().cancelled()
    assert [entry.kind for entry in entries(builder.booking)] == ["capture"]
    kinds = [(entry.kind, entry.amount > 0) for entry in entries(builder.refunds_processed().booking)]
    assert kinds == [("capture", True), ("refund", False)]


def test_unwanted_money_comes_in_and_goes_out_whole():
    builder = in_progress().money_returned("late", "pay_late").refunds_processed()
    late = [entry.amount for entry in entries(builder.booking) if entry.kind == "refund"]
    assert sum(entry.amount for entry in entries(builder.booking)) == BOTH_WITH_GST
    assert late == [-BOTH_WITH_GST]


@of_every(SITUATIONS)
def test_the_entries_add_up_to_what_the_totals_say(situation):
    booking = SITUATIONS[situation]().booking
    leaving = sum(row.amount for row in booking.refunds if row.status != "processed" and _unwanted(booking, row))
    assert sum(entry.amount for entry in entries(booking)) == paid(booking) + leaving - totals(booking).refunded


def _unwanted(booking, refund):
    return any(payment.id == refund.payment_row and payment.superseded for payment in booking.payments)


def test_no_fact_counts_twice():
    for builder in (delivered(), in_progress().money_returned().cancelled().refunds_processed()):
        references = [(entry.kind, entry.reference) for entry in entries(builder.booking)]
        assert len(set(references)) == len(references)
