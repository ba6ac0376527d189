"""Money of a booking as its viewers see it: the JSON shapes of the API. Amounts are decimal strings."""

from datetime import UTC, datetime
from typing import Any

from domain.billing.cancellation_quote import CancellationQuote
from domain.billing.provider import CURRENCY, PaymentStatus
from domain.billing.records import Dispute, Payment, Refund
from domain.billing.totals import Totals
from domain.booking import Booking
from domain.kind import ViewContext
from domain.money import rupees

Json = dict[str, Any]


def when(moment: datetime | None) -> str | None:
    """UTC in ISO 8601, to the second, as the documents print it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def money_view(booking: Booking, amounts: Totals, key_id: str) -> Json:
    """Everything about the money of a booking. ``key_id``: the provider's public key for the checkout."""
    return {
        "totals": totals_view(amounts),
        "payment": payment_summary(booking),
        "checkout": checkout(booking, key_id),
        "payments": [payment_view(booking.id, payment) for payment in booking.payments],
        "refunds": [refund_view(booking.id, refund) for refund in booking.refunds],
        "invoice": _invoice(booking),
        "credit_notes": _credit_notes(booking),
    }


NO_MONEY: Json = {
    "totals": None, "payment": None, "checkout": None, "payments": [], "refunds": [], "invoice": None,
    "credit_notes": [],
}  # fmt: skip
"""The same for those who see no money."""


def totals_view(amounts: Totals) -> Json:
    """Totals with GST."""
    return {
        "subtotal": rupees(amounts.subtotal),
        "gst_percent": f"{amounts.gst_percent.normalize():f}",
        "cgst": rupees(amounts.cgst),
        "sgst": rupees(amounts.sgst),
        "igst": rupees(amounts.igst),
        "round_off": rupees(amounts.round_off),
        "total": rupees(amounts.total),
        "paid": rupees(amounts.paid),
        "refunded": rupees(amounts.refunded),
        "due": rupees(amounts.due),
        "currency": CURRENCY,
    }


def payment_view(booking_id: int, payment: Payment) -> Json:
    """One payment."""
    return {
        "id": payment.id,
        "booking_id": booking_id,
        "leg": payment.leg,
        "method": str(payment.method),
        "amount": rupees(payment.amount),
        "currency": CURRENCY,
        "status": str(payment.status),
        "order_id": payment.order_id,
        "payment_id": payment.payment_id,
        "created_at": when(payment.created_at),
        "captured_at": when(payment.captured_at),
    }


def refund_view(booking_id: int, refund: Refund) -> Json:
    """One refund."""
    return {
        "id": refund.id,
        "booking_id": booking_id,
        "payment_id": refund.payment_id,
        "amount": rupees(refund.amount),
        "status": str(refund.status),
        "reason": refund.reason,
        "refund_id": refund.refund_id,
        "requested_at": when(refund.requested_at),
        "processed_at": when(refund.processed_at),
    }


def dispute_view(dispute: Dispute) -> Json:
    """One dispute."""
    return {
        "dispute_id": dispute.dispute_id,
        "payment_id": dispute.payment_id,
        "amount": rupees(dispute.amount),
        "amount_deducted": rupees(dispute.amount_deducted),
        "status": dispute.status,
        "phase": dispute.phase,
        "reason": dispute.reason,
        "respond_by": when(dispute.respond_by),
        "since": when(dispute.since),
    }


def quote_view(price: CancellationQuote) -> Json:
    """What cancelling would cost."""
    return {
        "fee": rupees(price.fee),
        "gst_on_fee": rupees(price.gst_on_fee),
        "refund": rupees(price.refund),
        "allowed": price.allowed,
        "reason": price.reason,
    }


def cancellation_view(booking: Booking, context: ViewContext, *, money: bool) -> Json | None:
    """How and at what price the booking was given up; None when it was not."""
    done = booking.cancellation
    if done is None:
        return None
    price = CancellationQuote(done.fee, done.gst_on_fee, done.refund, allowed=False)
    return {
        **(quote_view(price) if money else {}),
        "reason": done.reason,
        "by": {"role": str(done.by.role), "id": done.by.id, "name": context.person(done.by.id).name},
        "at": when(done.at),
        "closed_at": when(booking.closed_at),
    }


def checkout(booking: Booking, key_id: str) -> Json | None:
    """What a browser needs to pay; None except while an online order waits for money."""
    order = booking.live_order()
    if order is None:
        return None
    return {"order_id": order.order_id, "amount": order.amount, "currency": CURRENCY, "key_id": key_id}


def payment_summary(booking: Booking) -> Json:
    """Where the money of the booking stands."""
    row = _deciding_payment(booking)
    return {
        "method": str(booking.method) if booking.method else None,
        "status": str(row.status) if row else None,
        "order_id": row.order_id if row else None,
        "expires_at": when(row.expires_at) if row and row.live else None,
    }


def _deciding_payment(booking: Booking) -> Payment | None:
    rows = [payment for payment in booking.payments if not payment.spent]
    for status in (PaymentStatus.SUCCESS, PaymentStatus.PENDING):
        found = [payment for payment in rows if payment.status is status]
        if found:
            return found[-1]
    if rows:
        return rows[-1]
    # Wrong money spent the only order: it failed, and what went back was not a payment of this booking.
    return next((payment for payment in booking.payments if not payment.superseded), None)


def _invoice(booking: Booking) -> Json | None:
    if not booking.invoices:
        return None
    invoice = booking.invoices[-1]
    url = f"/api/v1/bookings/{booking.id}/invoice.pdf"
    return {
        "number": invoice.number,
        "issued_at": when(invoice.issued_at),
        "total": rupees(invoice.total),
        "url": url,
    }


def _credit_notes(booking: Booking) -> list[Json]:
    return [
        {
            "number": note.number,
            "issued_at": when(note.issued_at),
            "amount": rupees(note.amount),
            "invoice_number": note.invoice_number,
            "url": f"/api/v1/bookings/{booking.id}/credit-notes/{note.number}.pdf",
        }
        for note in booking.credit_notes
    ]
