"""What a booking's state says has moved: the ledger is made to agree with it at every version."""

from domain.billing.ledger import Entry, EntryKind
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Dispute, Method, Payment, Refund
from kinds.vehicle_service.domain.visit import VisitBooking


def entries(booking: VisitBooking) -> tuple[Entry, ...]:
    """Every movement of this booking, each once, in the order in which it happened."""
    moved = [
        *(_came_in(payment) for payment in booking.payments if payment.status is PaymentStatus.SUCCESS),
        *(_went_out(booking, refund) for refund in booking.refunds if refund.status is RefundStatus.PROCESSED),
        *(_taken(booking, dispute) for dispute in booking.disputes if dispute.amount_deducted),
    ]
    return tuple(sorted(moved, key=lambda entry: (entry.at, entry.reference)))


def _came_in(payment: Payment) -> Entry:
    kind = EntryKind.CASH if payment.method is Method.OFFLINE else EntryKind.CAPTURE
    reference = payment.payment_id or f"cash-{payment.id}"
    return Entry(kind, reference, payment.leg, payment.amount, payment.captured_at or payment.created_at)


def _taken(booking: VisitBooking, dispute: Dispute) -> Entry:
    leg = next((payment.leg for payment in booking.payments if payment.payment_id == dispute.payment_id), "service")
    return Entry(EntryKind.CHARGEBACK, dispute.dispute_id, leg, -dispute.amount_deducted, dispute.since)


def _went_out(booking: VisitBooking, refund: Refund) -> Entry:
    leg = next((payment.leg for payment in booking.payments if payment.id == refund.payment_row), "service")
    at = refund.processed_at or refund.requested_at
    return Entry(EntryKind.REFUND, refund.refund_id or refund.key, leg, -refund.amount, at)
