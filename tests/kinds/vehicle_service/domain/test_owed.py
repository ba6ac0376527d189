"""What a customer gets back of a cancelled booking is what is owed, in whatever order refund, bank and staff act."""

from copy import deepcopy
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.billing.owed import has_left
from domain.billing.provider import ProviderDispute, ProviderRefund, RefundStatus
from domain.billing.records import Refund
from domain.billing.refund_attempts import new_attempt
from domain.commands import AdoptRefund, RecordDispute, RecordRefund, RetryRefund
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.bookings import estimate_ready, in_progress
from tests.kinds.vehicle_service.people import ADMIN, BOTH_WITH_GST

FEE_WITH_GST = 11800
LEAST = 100
"""The provider refunds nothing below INR 1.00."""

FACTS = ("sent", "processed", "failed", "disputed", "taken at once", "lost", "won", "by hand", "by hand failed")


class Customer:
    """Somebody whose money goes back, ``goal`` in the end, and who also asks the bank and the staff for it."""

    def __init__(self, builder: BookingBuilder, payment_id: str, goal: int) -> None:
        self.builder, self.payment_id, self.goal = builder, payment_id, goal
        self.numbers = count(1)
        self.dispute = ProviderDispute("disp_1", payment_id, BOTH_WITH_GST, 0, "won", "chargeback", None, None)

    @property
    def refunds(self) -> list[Refund]:
        return [each for each in self.builder.booking.refunds if each.payment_id == self.payment_id]

    @property
    def has(self) -> int:
        """What was given or is on its way, by anybody."""
        return self.dispute.amount_deducted + sum(each.amount for each in self.refunds if has_left(each))

    def happens(self, fact: str, part: int) -> None:
        """One fact, where it can be; ``part``: INR that bank or staff give."""
        if fact in ("sent", "processed", "failed"):
            self._of_a_refund(fact)
        elif fact == "by hand":
            self._by_hand(part * 100)
        elif fact == "by hand failed":
            self._by_hand_failed()
        else:
            self._of_the_dispute(fact, part * 100)

    def ends(self) -> None:
        """The dispute is decided, every refund is sent, and no bank fails any more."""
        if self.builder.booking.on_hold(self.payment_id):
            self._of_the_dispute("won", 0)
        for _ in range(6):
            for refund in [each for each in self.refunds if each.unsettled and each.status == "failed"]:
                self.builder.asks(RetryRefund(ADMIN, refund.id))
            self._of_a_refund("sent")
            self._of_a_refund("processed")

    def _of_a_refund(self, fact: str) -> None:
        for refund in self.refunds:
            if fact == "sent" and refund.unsettled and refund.status == "pending" and refund.refund_id is None:
                if not self.builder.booking.on_hold(self.payment_id):
                    assert self.has + refund.amount <= self.goal, "nothing leaves that is not owed"
                    self._says(refund, RefundStatus.PENDING, f"rfnd_{next(self.numbers)}")
            elif fact == "processed" and has_left(refund) and refund.status == "pending":
                self._says(refund, RefundStatus.PROCESSED, refund.refund_id)
            elif fact == "failed" and has_left(refund) and not refund.by_hand:
                self._says(refund, RefundStatus.FAILED, refund.refund_id)

    def _says(self, refund: Refund, status: RefundStatus, refund_id: str | None) -> None:
        self.builder.asks(RecordRefund(refund.id, status, refund_id, again=status is RefundStatus.FAILED))

    def _of_the_dispute(self, fact: str, amount: int) -> None:
        taken = {"disputed": 0, "won": 0}.get(fact, min(amount, self._left + self.dispute.amount_deducted))
        status = {"disputed": "open", "taken at once": "open"}.get(fact, fact)
        dispute = replace(self.dispute, status=status, amount_deducted=taken)
        if dispute != self.dispute:
            self.dispute = dispute
            self.builder.asks(RecordDispute(dispute))

    def _by_hand(self, amount: int) -> None:
        if LEAST <= amount <= self._left:
            number = f"rfnd_{next(self.numbers)}"
            self.builder.asks(AdoptRefund(ProviderRefund(number, self.payment_id, amount, "processed", None)))

    def _by_hand_failed(self) -> None:
        for refund in [each for each in self.refunds if each.by_hand and has_left(each)]:
            self.builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, refund.refund_id))

    @property
    def _left(self) -> int:
        return BOTH_WITH_GST - self.has


@pytest.fixture(scope="module")
def given_up() -> Customer:
    """The fee stays with us."""
    return Customer(in_progress().cancelled(), "pay_1", BOTH_WITH_GST - FEE_WITH_GST)


@pytest.fixture(scope="module")
def paid_too_late() -> Customer:
    """All of it goes back."""
    builder = estimate_ready().order_opened().cancelled().money_returned("the booking was cancelled")
    return Customer(builder, "pay_late", BOTH_WITH_GST)


@pytest.mark.parametrize("who", ["given_up", "paid_too_late"])
@given(st.lists(st.tuples(st.sampled_from(FACTS), st.sampled_from([1, 50, 1000, 2900, 2950])), max_size=9))
@example([("sent", 0), ("lost", 1000), ("failed", 0)])
@example([("sent", 0), ("processed", 0), ("lost", 1000), ("failed", 0)])
@example([("taken at once", 1000), ("lost", 1000)])
@example([("disputed", 0), ("lost", 1000), ("sent", 0), ("won", 0)])
@example([("sent", 0), ("by hand", 50), ("failed", 0)])
@example([("by hand", 50)])
@example([("by hand", 1000), ("sent", 0), ("processed", 0), ("by hand failed", 0)])
@example([("by hand", 2900), ("by hand failed", 0), ("sent", 0), ("failed", 0)])
@settings(max_examples=50, deadline=None)
def test_the_customer_gets_back_what_is_owed_in_whatever_order_things_happen(request, who, facts):
    customer = deepcopy(request.getfixturevalue(who))
    for fact, part in facts:
        customer.happens(fact, part)
    customer.ends()
    assert customer.has > customer.goal - LEAST
    assert not any(refund.unsettled for refund in customer.refunds)


def lost(taken: int) -> RecordDispute:
    return RecordDispute(ProviderDispute("disp_1", "pay_1", BOTH_WITH_GST, taken, "lost", "chargeback", None, None))


def owed(builder: BookingBuilder) -> list[int]:
    return [refund.amount for refund in builder.booking.refunds if refund.unsettled]


@pytest.mark.parametrize("was", [RefundStatus.PENDING, RefundStatus.PROCESSED])
def test_what_the_bank_took_while_it_had_the_refund_is_not_sent_again_when_it_fails_it(was):
    builder = in_progress().cancelled()
    [refund] = builder.booking.refunds
    builder.asks(RecordRefund(refund.id, was, "rfnd_1")).asks(lost(100000))
    builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, "rfnd_1", again=True))
    assert (refund.amount, owed(builder)) == (283200, [183200])
    assert builder.booking.event.note.endswith("it is tried again with the 1832.00 that are owed still")


def test_an_admin_who_has_a_failed_refund_tried_again_sends_no_more_than_is_owed():
    builder = in_progress().cancelled()
    [refund] = builder.booking.refunds
    builder.asks(RecordRefund(refund.id, RefundStatus.PENDING, "rfnd_1")).asks(lost(100000))
    builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, "rfnd_1", needs_help=True))
    builder.asks(RetryRefund(ADMIN, refund.id))
    assert owed(builder) == [183200]


def test_nothing_is_sent_again_when_the_bank_has_taken_all_of_it():
    builder = in_progress().cancelled()
    [refund] = builder.booking.refunds
    builder.asks(RecordRefund(refund.id, RefundStatus.PENDING, "rfnd_1")).asks(lost(BOTH_WITH_GST))
    builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, "rfnd_1", again=True))
    assert owed(builder) == []
    assert builder.booking.event.note.endswith("the customer has the money already")


def test_a_part_of_what_was_paid_for_a_visit_that_goes_on_is_not_sent_again_either():
    builder = in_progress()
    [payment] = builder.booking.payments
    refund = new_attempt(builder.booking, payment, 150000, "goodwill", payment.created_at)
    builder.booking.refunds.append(refund)
    builder.asks(RecordRefund(refund.id, RefundStatus.PENDING, "rfnd_1")).asks(lost(100000))
    builder.asks(RecordRefund(refund.id, RefundStatus.FAILED, "rfnd_1", again=True))
    assert owed(builder) == [50000]
