"""Where the money of a booking stands, in one word."""

from domain.billing.provider import PaymentStatus, RefundStatus
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.parts import Cause

NONE, PENDING, PAID = "none", "pending", "paid"
REFUND_PENDING, PARTLY, REFUNDED, FAILED = "refund_pending", "partially_refunded", "refunded", "failed"
WORDS = (NONE, PENDING, PAID, REFUND_PENDING, PARTLY, REFUNDED, FAILED)


def payment_status(booking: ServiceBooking) -> str:
    """Money that came in too late counts only where nothing else did: it is on its way back, or back."""
    captured = [row for row in booking.payments if row.status is PaymentStatus.SUCCESS]
    rows = [row for row in captured if not row.superseded] or captured
    if not rows:
        return _of_none(booking)
    ours = {row.id for row in rows}
    back = [refund for refund in booking.refunds if refund.payment_row in ours]
    if any(refund.unsettled for refund in back):
        return REFUND_PENDING
    returned = sum(refund.amount for refund in back if refund.status is RefundStatus.PROCESSED)
    if not returned:
        return PAID
    return REFUNDED if returned >= sum(row.amount for row in rows) else PARTLY


def _of_none(booking: ServiceBooking) -> str:
    if booking.status == Status.ACCEPTED:
        return PENDING
    unpaid = booking.cancellation is not None and booking.cancellation.cause is Cause.UNPAID
    return FAILED if unpaid else NONE
