"""The engine's rows of a booking of any kind: its head, the newest event, money, and who takes part."""

from collections.abc import Iterable

from adapters.postgres.row_sets import Json, RowSet
from adapters.postgres.tables.engine.payments import Payment, Refund
from adapters.postgres.tables.engine.payouts import Payout
from domain.booking import Booking, Event


def _payments(booking: Booking) -> Iterable[Json]:
    for payment in booking.payments:
        yield {
            "number": payment.number,
            "leg": payment.leg,
            "method": payment.method,
            "amount": payment.amount,
            "status": payment.status,
            "order_id": payment.order_id,
            "payment_id": payment.payment_id,
            "expires_at": payment.expires_at,
            "created_at": payment.created_at,
            "captured_at": payment.captured_at,
        }


def _refunds(booking: Booking) -> Iterable[Json]:
    for refund in booking.refunds:
        yield {
            "number": refund.number,
            "payment_id": refund.payment_id,
            "amount": refund.amount,
            "status": refund.status,
            "reason": refund.reason,
            "key": refund.key,
            "refund_id": refund.refund_id,
            "requested_at": refund.requested_at,
            "processed_at": refund.processed_at,
        }


def _payouts(booking: Booking) -> Iterable[Json]:
    payments = {payment.id: payment.payment_id for payment in booking.payments}
    for payout in booking.payouts:
        yield {
            "key": payout.key,
            "payee": payout.payee,
            "payment_id": payments.get(payout.payment_row),
            "amount": payout.amount,
            "kept": payout.kept,
            "state": payout.state,
            "account_id": payout.account_id,
            "transfer_id": payout.transfer_id,
            "created_at": payout.created_at,
            "transferred_at": payout.transferred_at,
            "released_at": payout.released_at,
            "note": payout.note,
            "details": payout.details,
        }


def event(entry: Event, update_id: str | None = None) -> Json:
    """An entry of the timeline."""
    return {
        "version": entry.version,
        "status": entry.status,
        "action": entry.action,
        "actor_role": entry.by.role,
        "actor_id": entry.by.id,
        "at": entry.at,
        "note": entry.note,
        "update_id": update_id,
    }


PAYMENTS = RowSet[Booking](Payment, ("number",), _payments)
REFUNDS = RowSet[Booking](Refund, ("number",), _refunds)
PAYOUTS = RowSet[Booking](Payout, ("key",), _payouts)
