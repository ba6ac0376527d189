from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing.matching import ExpectedOrder, match_payments
from domain.billing.provider import OrderFacts, ProviderOrder, ProviderPayment

ORDER = ProviderOrder("order_1", 194700, "INR", "attempted", "bk-1021-1")
EXPECTED = ExpectedOrder("order_1", 194700, consumed=(), wanted=True)

CAPTURED = ProviderPayment(
    "pay_captured", "order_1", 194700, "INR", "captured", captured=True, amount_refunded=0, method="upi", error=None,
    created_at=10,
)  # fmt: skip
SECOND = replace(CAPTURED, payment_id="pay_second", created_at=20)
AUTHORISED = replace(CAPTURED, payment_id="pay_authorised", status="authorized", captured=False, created_at=5)
FAILED = replace(CAPTURED, payment_id="pay_failed", status="failed", captured=False, error="declined", created_at=1)
CREATED = replace(CAPTURED, payment_id="pay_created", status="created", captured=False, created_at=30)
REFUNDED = replace(CAPTURED, payment_id="pay_refunded", status="refunded", amount_refunded=194700, created_at=2)


def judged(*payments, expected=EXPECTED, order=ORDER):
    """The same match in whichever order the provider lists the payments."""
    matches = [match_payments(expected, OrderFacts(order, listed)) for listed in permutations(payments)]
    assert all(match == matches[0] for match in matches), "the order of the facts mattered"
    return matches[0]


def test_an_order_that_nobody_tried_to_pay_asks_for_nothing():
    match = judged()
    assert (match.confirm, match.capture, match.send_back, match.in_flight) == (None, None, (), False)


def test_captured_money_that_matches_confirms():
    match = judged(CAPTURED)
    assert match.confirm == CAPTURED
    assert match.send_back == ()


def test_an_authorised_payment_is_captured_first():
    match = judged(AUTHORISED)
    assert (match.confirm, match.capture) == (None, AUTHORISED)


def test_a_failure_followed_by_a_capture_confirms_and_the_failure_is_only_an_attempt():
    match = judged(FAILED, CAPTURED)
    assert match.confirm == CAPTURED
    assert match.failed_attempts == (FAILED,)
    assert match.send_back == ()


def test_a_failure_alone_confirms_nothing_and_sends_nothing_back():
    match = judged(FAILED)
    assert (match.confirm, match.capture, match.send_back) == (None, None, ())
    assert match.failed_attempts == (FAILED,)


def test_of_two_captured_payments_the_first_confirms_and_the_later_goes_back():
    match = judged(CAPTURED, SECOND)
    assert match.confirm == CAPTURED
    assert match.send_back == (SECOND,)


def test_two_captures_in_the_same_second_are_told_apart_by_their_ids():
    twin = replace(SECOND, created_at=CAPTURED.created_at)
    assert judged(CAPTURED, twin).confirm == CAPTURED


def test_beside_captured_money_nothing_more_is_captured():
    match = judged(AUTHORISED, CAPTURED)
    assert (match.confirm, match.capture) == (CAPTURED, None)


def test_of_two_authorised_payments_only_the_first_is_captured():
    later = replace(AUTHORISED, payment_id="pay_authorised_2", created_at=6)
    assert judged(AUTHORISED, later).capture == AUTHORISED


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 194699},
        {"amount": 194800},
        {"currency": "USD"},
        {"order_id": "order_2"},
        {"order_id": None},
    ],
    ids=str,
)
def test_money_that_does_not_match_never_confirms_and_goes_back_when_captured(wrong):
    match = judged(replace(CAPTURED, **wrong))
    assert match.confirm is None
    assert [payment.payment_id for payment in match.send_back] == ["pay_captured"]
    assert judged(replace(AUTHORISED, **wrong)).capture is None


@pytest.mark.parametrize(
    "order",
    [replace(ORDER, amount=100), replace(ORDER, currency="USD"), replace(ORDER, order_id="order_2")],
    ids=["amount", "currency", "id"],
)
def test_an_order_that_is_not_as_we_made_it_confirms_nothing(order):
    match = judged(CAPTURED, order=order)
    assert (match.confirm, match.send_back) == (None, (CAPTURED,))


def test_late_money_goes_back_when_the_booking_does_not_want_it():
    match = judged(CAPTURED, expected=replace(EXPECTED, wanted=False))
    assert (match.confirm, match.send_back) == (None, (CAPTURED,))


def test_an_authorised_payment_that_comes_too_late_is_left_to_lapse():
    match = judged(AUTHORISED, expected=replace(EXPECTED, wanted=False))
    assert (match.capture, match.send_back) == (None, ())


def test_an_advance_that_came_in_is_kept_and_one_that_is_only_authorised_is_left_to_lapse():
    advance = replace(EXPECTED, capture=False)
    assert judged(CAPTURED, expected=advance).confirm == CAPTURED
    match = judged(AUTHORISED, expected=advance)
    assert (match.confirm, match.capture, match.left_alone) == (None, None, (AUTHORISED,))


def test_money_that_was_dealt_with_is_not_judged_again():
    match = judged(CAPTURED, expected=replace(EXPECTED, consumed=("pay_captured",)))
    assert (match.confirm, match.send_back) == (None, ())


def test_a_second_capture_after_the_first_was_taken_goes_back():
    match = judged(CAPTURED, SECOND, expected=replace(EXPECTED, consumed=("pay_captured",), wanted=False))
    assert (match.confirm, match.send_back) == (None, (SECOND,))


def test_money_that_somebody_refunded_already_neither_confirms_nor_goes_back_again():
    match = judged(REFUNDED)
    assert (match.confirm, match.send_back) == (None, ())


def test_what_is_left_of_money_that_somebody_refunded_in_part_goes_back_too():
    partly = replace(CAPTURED, amount_refunded=1)
    match = judged(partly)
    assert (match.confirm, match.send_back) == (None, (partly,))


def test_a_payment_under_way_is_worth_a_short_grace():
    assert judged(CREATED).in_flight
    assert not judged(FAILED).in_flight


FACTS = (CAPTURED, SECOND, AUTHORISED, FAILED, CREATED, REFUNDED, replace(CAPTURED, payment_id="pay_odd", amount=1))


@given(st.lists(st.sampled_from(FACTS), unique=True), st.booleans(), st.randoms(use_true_random=False))
def test_whatever_the_facts_no_money_is_lost_or_counted_twice_and_their_order_is_all_one(payments, wanted, chance):
    expected = replace(EXPECTED, wanted=wanted)
    match = match_payments(expected, OrderFacts(ORDER, tuple(payments)))
    shuffled = chance.sample(payments, len(payments))
    assert match == match_payments(expected, OrderFacts(ORDER, tuple(shuffled)))
    kept = {payment for payment in payments if payment.captured and payment.amount_refunded == 0}
    dealt_with = [*match.send_back, *([match.confirm] if match.confirm else [])]
    assert len(dealt_with) == len(set(dealt_with))
    assert set(dealt_with) == kept
    assert not (match.confirm and match.capture)
    if not wanted:
        assert match.confirm is None
        assert match.capture is None
