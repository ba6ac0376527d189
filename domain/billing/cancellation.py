"""What a cancellation costs, and what goes back then: the part that every kind shares."""

from dataclasses import dataclass
from decimal import Decimal

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment
from domain.billing.totals import gst
from domain.booking import Booking
from domain.money import Paise

SMALLEST_REFUND: Paise = 100
"""The provider refunds nothing below INR 1.00."""


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What a cancellation would cost now; ``fee`` without GST, amounts in paise."""

    fee: Paise
    gst_on_fee: Paise
    refund: Paise
    allowed: bool
    reason: str | None = None

    @property
    def total(self) -> Paise:
        """The fee with its GST."""
        return self.fee + self.gst_on_fee


def quote(booking: Booking, fee: Paise, rate: Decimal) -> CancellationQuote:
    """Cancelling for that fee: its GST, and what is left to go back of the money that is in."""
    tax = gst(fee, rate, same_state=booking.policy.same_state).total
    captured = refundable(booking)
    refund = max(0, captured - fee - tax)
    if 0 < refund < SMALLEST_REFUND:
        # A remainder too small to refund is settled in the customer's favour: the fee gives way.
        fee, tax, refund = _lowered(captured - SMALLEST_REFUND, rate, same_state=booking.policy.same_state)
    return CancellationQuote(fee, tax, refund, allowed=True)


def rate_of(booking: Booking, percent: Decimal | None) -> Decimal:
    """The GST on a fee: the frozen rate, else that of the moment (0 % is a rate too), else the policy's."""
    if booking.gst_percent is not None:
        return booking.gst_percent
    return percent if percent is not None else booking.policy.gst_percent


def refundable(booking: Booking) -> Paise:
    """Money that is in for this booking, and neither on its way back nor taken by the bank."""
    return sum(left_of(booking, payment) for payment in booking.payments if payment.status is PaymentStatus.SUCCESS)


def left_of(booking: Booking, payment: Payment) -> Paise:
    """What of this payment is still ours to give back: what the bank took is not paid twice."""
    return max(0, payment.amount - returned_of(booking, payment) - booking.charged_back(payment.payment_id))


def returned_of(booking: Booking, payment: Payment) -> Paise:
    """What of this payment went back or is on its way; a failed refund in the dashboard does neither."""
    return sum(
        refund.amount
        for refund in booking.refunds
        if refund.payment_row == payment.id
        and not refund.replaced
        and not (refund.by_hand and refund.status is RefundStatus.FAILED)
    )


def _lowered(total: Paise, rate: Decimal, *, same_state: bool) -> tuple[Paise, Paise, Paise]:
    """The highest fee that with its GST stays within ``total``, and the refund that it leaves."""
    fee = min(total, int(total * 100 / (100 + rate)) + 1)  # one more may still fit: both halves can round down
    while fee > 0 and fee + gst(fee, rate, same_state=same_state).total > total:
        fee -= 1
    tax = gst(fee, rate, same_state=same_state).total
    return fee, tax, total + SMALLEST_REFUND - fee - tax
