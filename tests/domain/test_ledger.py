"""Two tellings of the same money."""

from dataclasses import replace

from domain.billing.ledger import DifferenceKind, EntryKind, Fact, compare, fees_to_book, without_foreign_fees
from domain.billing.provider import ProviderDispute, ProviderPayment, ProviderRefund
from domain.billing.statement import facts_of_dispute, facts_of_payment, facts_of_refund

PAID = Fact(EntryKind.CAPTURE, "pay_1", 194700, 1021)
BACK = Fact(EntryKind.REFUND, "rfnd_1", -182900, 1021)


def test_two_that_agree_differ_in_nothing():
    assert compare([PAID, BACK], [BACK, PAID]) == []


def test_money_that_only_the_provider_knows_is_named_with_its_booking():
    (found,) = compare([PAID], [PAID, BACK])
    assert (found.kind, found.reference, found.booking_id) == (DifferenceKind.NOT_IN_LEDGER, "rfnd_1", 1021)
    assert "refund of 1829.00 for booking 1021" in found.detail


def test_money_of_an_order_that_we_do_not_know_says_so():
    (found,) = compare([], [Fact(EntryKind.CAPTURE, "pay_9", 100)])
    assert "no booking that we know" in found.detail


def test_money_that_only_we_know_is_a_difference_too():
    (found,) = compare([PAID], [])
    assert (found.kind, found.reference) == (DifferenceKind.NOT_AT_PROVIDER, "pay_1")


def test_one_paisa_is_a_difference():
    (found,) = compare([PAID], [Fact(EntryKind.CAPTURE, "pay_1", 194701)])
    assert found.kind == DifferenceKind.OTHER_AMOUNT
    assert found.detail == "a capture: 1947.00 in the ledger, 1947.01 at the provider"


FEE = Fact(EntryKind.FEE, "pay_1", -4595, 1021)


def test_what_the_provider_keeps_of_our_payments_is_to_be_booked_once():
    assert fees_to_book([PAID], [PAID, FEE]) == [FEE]
    assert fees_to_book([PAID, FEE], [PAID, FEE]) == []


def test_another_fee_than_the_booked_one_is_a_difference_of_its_booking():
    (found,) = compare([PAID, FEE], [PAID, replace(FEE, amount=-4600)])
    assert (found.kind, found.booking_id) == (DifferenceKind.OTHER_AMOUNT, 1021)


def test_the_fee_of_a_payment_that_the_ledger_does_not_have_is_no_second_difference():
    foreign = Fact(EntryKind.FEE, "pay_9", -100)
    assert without_foreign_fees([PAID], [PAID, FEE, foreign]) == [PAID, FEE]


def test_a_payment_at_the_provider_is_what_came_in_and_what_it_keeps():
    paid = ProviderPayment("pay_1", "order_1", 194700, "INR", "captured", True, 0, "upi", None, 1, fee=4595)
    came_in, fee = facts_of_payment(paid)
    assert (came_in.kind, came_in.amount, came_in.order_id) == (EntryKind.CAPTURE, 194700, "order_1")
    assert (fee.kind, fee.reference, fee.amount, fee.payment_id) == (EntryKind.FEE, "pay_1", -4595, "pay_1")
    assert [fact.kind for fact in facts_of_payment(replace(paid, fee=None))] == [EntryKind.CAPTURE]
    assert list(facts_of_payment(replace(paid, captured=False))) == []


def test_only_what_has_left_counts_of_refunds_and_disputes():
    refund = ProviderRefund("rfnd_1", "pay_1", 500, "pending")
    dispute = ProviderDispute("disp_1", "pay_1", 500, 0, "open", None, None, None)
    assert [*facts_of_refund(refund), *facts_of_dispute(dispute)] == []
    (back,), (taken,) = (
        facts_of_refund(replace(refund, status="processed")),
        facts_of_dispute(replace(dispute, status="lost", amount_deducted=300)),
    )
    assert (back.kind, back.amount, back.payment_id) == (EntryKind.REFUND, -500, "pay_1")
    assert (taken.kind, taken.reference, taken.amount) == (EntryKind.CHARGEBACK, "disp_1", -300)
