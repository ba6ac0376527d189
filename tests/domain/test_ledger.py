"""Two tellings of the same money."""

from domain.billing.ledger import DifferenceKind, EntryKind, Fact, compare

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
