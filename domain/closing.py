"""When a booking is over: its own work, the money and the documents."""

from datetime import datetime
from typing import Any

from domain.billing.due_documents import DueDocument
from domain.billing.orders import record_invoice
from domain.billing.payout_steps import payout_steps
from domain.billing.totals import Totals, price
from domain.booking import Booking
from domain.commands import RecordInvoice
from domain.copies import copied
from domain.kind import BookingKind


def totals(kind: BookingKind[Any], booking: Booking) -> Totals:
    """What the booking costs now."""
    return price(kind.charges(booking), booking)


def due_document(kind: BookingKind[Any], booking: Booking) -> DueDocument | None:
    """The next document that has to be numbered."""
    return next(iter(kind.documents(booking)), None)


def due_together(kind: BookingKind[Any], booking: Booking, now: datetime) -> list[DueDocument]:
    """The documents that have to be numbered now, in their order; not those that name the number of one before."""
    due, found = due_document(kind, booking), dict[str | None, DueDocument]()
    if due is not None:
        booking = copied(booking)
    while due is not None and due.invoice_number not in found:
        number = f"number of document {len(found) + 1}"
        found[number] = due
        record = RecordInvoice(due.kind, len(found), due.leg, number, due.amount, due.invoice_number)
        record_invoice(booking, record, now)
        due = due_document(kind, booking)
    return list(found.values())


def has_open_items(kind: BookingKind[Any], booking: Booking) -> bool:
    """Money that is on its way back or to somebody else, or a document that is due."""
    unsettled = any(refund.unsettled for refund in booking.refunds)
    return unsettled or bool(payout_steps(kind, booking)) or due_document(kind, booking) is not None


def is_complete(kind: BookingKind[Any], booking: Booking) -> bool:
    """Nothing is left to do: the work is done, the money settled, the documents issued."""
    return (
        booking.status in kind.lifecycle.final
        and kind.work_is_done(booking)
        and totals(kind, booking).due == 0
        and not has_open_items(kind, booking)
    )


def is_settled(kind: BookingKind[Any], booking: Booking) -> bool:
    """Closed, and nothing came up since: late money on its way back, a refund that failed after all, a dispute."""
    disputed = any(dispute.open for dispute in booking.disputes)
    return booking.closed_at is not None and not disputed and not has_open_items(kind, booking)
