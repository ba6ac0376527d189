"""Attempts for the same money: which refund at the provider is which, and one that was given up but made after all."""

from dataclasses import replace

import pytest

from domain.billing.ledger import entries
from domain.billing.provider import ProviderRefund, RefundStatus
from domain.billing.refund_attempts import attempt_keys, known_refund, refund_is_news
from domain.closing import due_document
from domain.commands import AdoptRefund, RecordRefund
from domain.errors import ActionNotAllowed
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.bookings import in_progress


def attempts(builder) -> list[tuple[str, bool, str | None]]:
    return [(refund.status, refund.replaced, refund.refund_id) for refund in builder.booking.refunds]


def twice_failed():
    """The bank failed the first attempt, so a second one waits to be sent."""
    builder = in_progress().cancelled()
    first = builder.booking.refunds[0]
    builder.asks(RecordRefund(first.id, RefundStatus.FAILED, None, again=True))
    return builder, first, builder.booking.refunds[1]


def test_a_first_attempt_that_was_made_after_all_takes_the_place_of_the_second():
    builder, first, second = twice_failed()
    assert second.key == f"{first.key}-try2"
    builder.asks(RecordRefund(first.id, RefundStatus.PROCESSED, "rfnd_1"))
    assert attempts(builder) == [("processed", False, "rfnd_1"), ("failed", True, None)]
    assert not any(refund.unsettled for refund in builder.booking.refunds)
    assert [entry.reference for entry in entries(builder.booking) if entry.amount < 0] == ["rfnd_1"]
    assert builder.booking.attention == []


@pytest.mark.parametrize("status", [RefundStatus.PROCESSED, RefundStatus.PENDING, RefundStatus.FAILED])
def test_a_refund_that_a_later_attempt_finds_stays_with_the_attempt_that_has_it(status):
    builder, first, second = twice_failed()
    builder.asks(RecordRefund(first.id, RefundStatus.PROCESSED, "rfnd_1"))
    with pytest.raises(ActionNotAllowed, match="known already"):
        builder.asks(RecordRefund(second.id, status, "rfnd_1"))
    assert attempts(builder) == [("processed", False, "rfnd_1"), ("failed", True, None)]
    assert [entry.reference for entry in entries(builder.booking) if entry.amount < 0] == ["rfnd_1"]
    assert builder.booking.attention == []


def test_an_attempt_that_was_made_after_all_and_failed_again_is_followed_by_one_under_a_key_of_its_own():
    builder, first, _ = twice_failed()
    builder.asks(RecordRefund(first.id, RefundStatus.PROCESSED, "rfnd_1"))
    builder.asks(RecordRefund(first.id, RefundStatus.FAILED, "rfnd_1", again=True))
    keys = [refund.key for refund in builder.booking.refunds]
    assert keys == [first.key, f"{first.key}-try2", f"{first.key}-try3"]


def test_of_what_staff_refund_by_hand_bit_by_bit_the_customer_gets_the_rest_and_no_paisa_twice():
    builder = in_progress().cancelled()
    [payment], owed = builder.booking.payments, builder.booking.refunds[0].amount
    by_hand = 0
    for amount in (50000, 35000):
        by_hand += amount
        latest = builder.booking.refunds[-1]
        builder.asks(RecordRefund(latest.id, RefundStatus.FAILED, None, left=payment.amount - by_hand))
    assert [refund.amount for refund in builder.booking.refunds] == [owed, owed - 50000, owed - 85000]
    assert [refund.replaced for refund in builder.booking.refunds] == [True, True, False]


def test_what_staff_had_refunded_by_hand_before_the_cancellation_is_not_taken_off_its_refund_again():
    builder = in_progress()
    [payment] = builder.booking.payments
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", payment.payment_id, 50000, "processed"))).cancelled()
    ours = builder.booking.refunds[-1]
    builder.asks(RecordRefund(ours.id, RefundStatus.FAILED, None, left=payment.amount - 50000 - 35000))
    assert builder.booking.refunds[-1].amount == ours.amount - 35000


@pytest.mark.parametrize("half_by_us", [False, True], ids=["all by hand", "half by hand"])
def test_unwanted_money_that_staff_refunded_by_hand_is_refunded_by_us_when_the_bank_fails_that(half_by_us):
    builder = in_progress().documents_issued().money_returned("paid twice")
    ours, unwanted = builder.booking.refunds[0], builder.booking.payments[-1]
    part = unwanted.amount // 2 if half_by_us else unwanted.amount
    builder.asks(RecordRefund(ours.id, RefundStatus.FAILED, None, left=unwanted.amount - part))
    builder.asks(AdoptRefund(ProviderRefund("rfnd_hand", unwanted.payment_id, part, "processed")))
    builder.refunds_processed()
    by_hand = next(refund for refund in builder.booking.refunds if refund.by_hand)
    builder.asks(RecordRefund(by_hand.id, RefundStatus.FAILED, "rfnd_hand"))
    newest = builder.booking.refunds[-1]
    assert (newest.amount, newest.status, newest.by_hand) == (part, "pending", False)
    assert len({refund.key for refund in builder.booking.refunds}) == len(builder.booking.refunds)
    builder.refunds_processed()
    assert sum(entry.amount for entry in entries(builder.booking) if entry.reference != "pay_1") == 0
    assert due_document(VEHICLE_SERVICE, builder.booking) is None
    assert builder.booking.attention[-1].endswith("it is refunded by us")


def test_two_attempts_that_were_both_made_call_an_admin():
    builder, first, second = twice_failed()
    builder.asks(RecordRefund(second.id, RefundStatus.PENDING, "rfnd_2"))
    builder.asks(RecordRefund(first.id, RefundStatus.PROCESSED, "rfnd_1"))
    assert "refunded twice" in builder.booking.attention[-1]
    assert [status for status, _, _ in attempts(builder)] == ["processed", "pending"]


def test_a_refund_that_is_found_under_an_earlier_key_is_counted_once():
    builder, first, second = twice_failed()
    first.refund_id = "rfnd_1"
    builder.asks(RecordRefund(second.id, RefundStatus.PROCESSED, "rfnd_1"))
    assert attempts(builder) == [("failed", True, None), ("processed", False, "rfnd_1")]


def test_a_late_report_about_an_attempt_that_was_replaced_changes_nothing():
    builder, first, _ = twice_failed()
    for late in (
        RecordRefund(first.id, RefundStatus.PENDING, None, True),
        RecordRefund(first.id, RefundStatus.FAILED, "r"),
    ):
        with pytest.raises(ActionNotAllowed, match="known already"):
            builder.asks(late)


def test_the_keys_of_an_attempt_are_its_own_and_those_of_the_attempts_before_it():
    assert attempt_keys("rf-1-2-abc") == ("rf-1-2-abc",)
    assert attempt_keys("late-pay_1-try3") == ("late-pay_1-try3", "late-pay_1-try2", "late-pay_1")


@pytest.mark.parametrize(
    ("ours", "theirs", "news"),
    [
        ("pending", "processed", False),  # its own workflow waits for that
        ("processed", "pending", False),
        ("processed", "failed", True),
        ("failed", "processed", True),
        ("failed", "pending", True),
        ("failed", "failed", False),
    ],
)
def test_what_the_provider_knows_more_of_a_refund_is_news(ours, theirs, news):
    refund = replace(in_progress().cancelled().booking.refunds[0], status=RefundStatus(ours))
    fact = ProviderRefund("rfnd_1", refund.payment_id, refund.amount, theirs, refund.key)
    assert known_refund([refund], fact) is refund
    assert refund_is_news(refund, fact) is news
    by_hand = replace(refund, by_hand=True, refund_id="rfnd_1", key="by-hand-rfnd_1")
    assert known_refund([by_hand], replace(fact, receipt=None)) is by_hand
    assert refund_is_news(by_hand, fact) is (ours != theirs and theirs != "pending")
