"""What is still owed of a payment: what was to go back, less what went back, whoever gave or took it.

Computed from what the booking has recorded, whenever that changes, so the order of the facts does not matter: a refund
fails, staff refund by hand, the bank takes money for a dispute or gives it back.
"""

from datetime import datetime

from domain.billing.balance import SMALLEST_REFUND, refundable_of
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment, Refund
from domain.billing.refund_attempts import base_and_tries, new_attempt
from domain.booking import Booking
from domain.money import Paise


def waits_to_be_sent(refund: Refund) -> bool:
    """Owed, and the provider does not have it: what has left has left."""
    return refund.unsettled and not has_left(refund)


def has_left(refund: Refund) -> bool:
    """The provider has it, and the bank has not failed it."""
    made = refund.status is RefundStatus.PENDING and refund.refund_id is not None
    return not refund.replaced and (made or refund.status is RefundStatus.PROCESSED)


def payment_of(booking: Booking, refund: Refund) -> Payment:
    """The payment that this gives back."""
    return next(payment for payment in booking.payments if payment.id == refund.payment_row)


def still_owed(booking: Booking, refund: Refund, by_hand: Paise = 0) -> Paise:
    """What another attempt for the money of this refund may send: never more than this one.

    ``by_hand``: so much of the payment staff gave back, where the provider knows more than is recorded.
    """
    payment = payment_of(booking, refund)
    more = max(0, by_hand - _given_by_hand(booking, payment))
    owed = _owed(booking, payment) - more - sum(each.amount for each in _waiting(booking, payment, refund))
    return max(0, min(refund.amount, owed))


def next_attempt(booking: Booking, refund: Refund, amount: Paise, now: datetime) -> bool:
    """The same money under a key that no attempt has had; the attempt before it is replaced, also by nothing.

    False: nothing is left that the provider would refund.
    """
    refund.replaced, refund.needs_help = True, False
    if amount < SMALLEST_REFUND:
        return False
    base, _ = base_and_tries(refund.key)
    tries = 1 + max(each.tries for each in booking.refunds if base_and_tries(each.key)[0] == base)
    after = new_attempt(booking, payment_of(booking, refund), amount, refund.reason, now)
    after.key, after.tries = f"{base}-try{tries}", tries
    booking.refunds.append(after)
    return True


def settle_with(
    booking: Booking, payment: Payment, taken: Paise, now: datetime, reason: str = "the bank gave it back to us"
) -> bool:
    """The bank or staff have given so much more of this payment to the customer, or taken it back (below 0).

    What waits to be sent is lowered to what is owed still; what is owed again is sent by a refund of its own, for that
    ``reason``: True.
    """
    waiting = _waiting(booking, payment)
    too_much = sum(refund.amount for refund in waiting) - max(0, _owed(booking, payment))
    if not goal_is_known(booking, payment):
        too_much = max(too_much, taken)
    for refund in [each for each in waiting if each.payment_row == payment.id]:
        if too_much > 0:
            next_attempt(booking, refund, refund.amount - too_much, now)
            refund.status = RefundStatus.FAILED
            too_much -= refund.amount
    again = min(-taken, -too_much, refundable_of(booking, payment))
    if again < SMALLEST_REFUND or not goal_is_known(booking, payment):
        return False
    booking.refunds.append(new_attempt(booking, payment, again, reason, now))
    return True


def _waiting(booking: Booking, payment: Payment, but: Refund | None = None) -> list[Refund]:
    rows = {each.id for each in _together(booking, payment)}
    waiting = [each for each in booking.refunds if each.payment_row in rows and waits_to_be_sent(each)]
    return [each for each in waiting if each is not but]


def _owed(booking: Booking, payment: Payment) -> Paise:
    """Below 0 when more went back than was to."""
    together = _together(booking, payment)
    return _goal(booking, payment, together) - sum(_gone(booking, each) for each in together)


def _together(booking: Booking, payment: Payment) -> list[Payment]:
    """The payments of which the fee is kept once; unwanted money goes back by itself."""
    if payment.superseded or booking.cancellation is None:
        return [payment]
    return [each for each in booking.payments if each.status is PaymentStatus.SUCCESS and not each.superseded]


def goal_is_known(booking: Booking, payment: Payment) -> bool:
    """Whether all of it goes back but a fee, so that what came back to us is owed again."""
    return payment.superseded or booking.cancellation is not None


def _goal(booking: Booking, payment: Payment, together: list[Payment]) -> Paise:
    """What the customer is to have in the end, from whomever."""
    if payment.superseded:
        return payment.amount
    if booking.cancellation is not None:
        kept = booking.cancellation.fee + booking.cancellation.gst_on_fee
        return sum(each.amount for each in together) - kept
    return _asked_for(booking, payment)


def _asked_for(booking: Booking, payment: Payment) -> Paise:
    """Some of it was too much, which only the kind knows: the first attempts, and what had gone before them."""
    ours = [each for each in booking.refunds if each.payment_row == payment.id and not each.by_hand]
    first = [each for each in ours if each.tries == 1]
    if not first:
        return 0
    since = first[0].requested_at
    disputes = [each for each in booking.disputes if each.payment_id == payment.payment_id and each.since <= since]
    by_hand = _given_by_hand(booking, payment, since)
    return sum(each.amount for each in first) + sum(each.amount_deducted for each in disputes) + by_hand


def _gone(booking: Booking, payment: Payment) -> Paise:
    ours = [each for each in booking.refunds if each.payment_row == payment.id and not each.by_hand and has_left(each)]
    return (
        sum(each.amount for each in ours) + _given_by_hand(booking, payment) + booking.charged_back(payment.payment_id)
    )


def _given_by_hand(booking: Booking, payment: Payment, until: datetime | None = None) -> Paise:
    return sum(
        each.amount
        for each in booking.refunds
        if each.payment_row == payment.id
        and each.by_hand
        and each.status is not RefundStatus.FAILED
        and (until is None or each.requested_at <= until)
    )
