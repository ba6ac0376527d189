"""What of the money of a booking can still be refunded: payments less what went back and what the bank took."""

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment
from domain.booking import Booking
from domain.money import Paise

SMALLEST_REFUND: Paise = 100
"""The provider refunds nothing below INR 1.00."""


def refundable(booking: Booking) -> Paise:
    """Money that is in for this booking, and neither on its way back nor taken by the bank."""
    return sum(
        refundable_of(booking, payment) for payment in booking.payments if payment.status is PaymentStatus.SUCCESS
    )


def refundable_of(booking: Booking, payment: Payment) -> Paise:
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
