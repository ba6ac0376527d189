"""What a cancellation costs: one pure function for the quote and for the cancellation itself."""

from dataclasses import dataclass
from decimal import Decimal

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment
from domain.money import Paise
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, State
from kinds.vehicle_service.domain.parts import LineState
from kinds.vehicle_service.domain.pricing import gst
from kinds.vehicle_service.domain.visit import VisitBooking

SMALLEST_REFUND: Paise = 100
"""The provider refunds nothing below INR 1.00."""

_FREE = frozenset({State.BOOKED, State.PICKUP})


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What a cancellation would cost now; ``fee`` without GST, amounts in paise."""

    fee: Paise
    gst_on_fee: Paise
    refund: Paise
    returns_car: bool
    allowed: bool
    reason: str | None = None

    @property
    def total(self) -> Paise:
        """The fee with its GST."""
        return self.fee + self.gst_on_fee


def cancellation_quote(booking: VisitBooking, percent: Decimal | None = None) -> CancellationQuote:
    """The price of cancelling now. ``percent``: the GST of the moment, used only while none is frozen."""
    if (booking.status, Action.CANCEL) not in LIFECYCLE.transitions:
        return CancellationQuote(0, 0, 0, returns_car=False, allowed=False, reason=f"the booking is {booking.status}")
    rate = rate_of(booking, percent)
    fee = _fee(booking)
    tax = gst(fee, rate, same_state=booking.policy.same_state).total
    captured = refundable(booking)
    refund = max(0, captured - fee - tax)
    if 0 < refund < SMALLEST_REFUND:
        # A remainder too small to refund is settled in the customer's favour: the fee gives way.
        fee, tax, refund = _lowered(captured - SMALLEST_REFUND, rate, same_state=booking.policy.same_state)
    return CancellationQuote(fee, tax, refund, returns_car=booking.with_us, allowed=True)


def rate_of(booking: VisitBooking, percent: Decimal | None) -> Decimal:
    """The GST on a fee: the frozen rate, else that of the moment (0 % is a rate too), else the policy's."""
    if booking.gst_percent is not None:
        return booking.gst_percent
    return percent if percent is not None else booking.policy.gst_percent


def refundable(booking: VisitBooking) -> Paise:
    """Money that is in for this booking, and neither on its way back nor taken by the bank."""
    return sum(left_of(booking, payment) for payment in booking.payments if payment.status is PaymentStatus.SUCCESS)


def left_of(booking: VisitBooking, payment: Payment) -> Paise:
    """What of this payment is still ours to give back: what the bank took is not paid twice."""
    return max(0, payment.amount - returned_of(booking, payment) - booking.charged_back(payment.payment_id))


def returned_of(booking: VisitBooking, payment: Payment) -> Paise:
    """What of this payment went back or is on its way; a failed refund in the dashboard does neither."""
    return sum(
        refund.amount
        for refund in booking.refunds
        if refund.payment_row == payment.id
        and not refund.replaced
        and not (refund.by_hand and refund.status is RefundStatus.FAILED)
    )


def _fee(booking: VisitBooking) -> Paise:
    if booking.status in _FREE:
        return 0
    done = sum(line.amount for line in booking.lines if line.state is LineState.DONE)
    return max(booking.policy.inspection_fee, done)


def _lowered(total: Paise, rate: Decimal, *, same_state: bool) -> tuple[Paise, Paise, Paise]:
    """The highest fee that with its GST stays within ``total``, and the refund that it leaves."""
    fee = min(total, int(total * 100 / (100 + rate)) + 1)  # one more may still fit: both halves can round down
    while fee > 0 and fee + gst(fee, rate, same_state=same_state).total > total:
        fee -= 1
    tax = gst(fee, rate, same_state=same_state).total
    return fee, tax, total + SMALLEST_REFUND - fee - tax
