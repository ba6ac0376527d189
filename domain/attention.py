"""When an admin is needed, and why."""

from collections.abc import Iterator
from typing import Any

from domain.billing.dispute_deadlines import described, dispute_deadlines
from domain.billing.payout_steps import payout_steps
from domain.booking import Booking
from domain.closing import due_document, has_open_items, is_settled, totals
from domain.deadlines import Deadline
from domain.kind import BookingKind
from domain.money import rupees
from domain.waiting import Waiting


def all_deadlines(kind: BookingKind[Any], booking: Booking) -> Iterator[Deadline]:
    """Every deadline of the booking as it stands: those of its kind until it is closed, those of its disputes."""
    if booking.closed_at is None:
        yield from kind.deadlines(booking)
    yield from dispute_deadlines(booking)


def waiting_for(kind: BookingKind[Any], booking: Booking) -> Waiting | None:
    """What the booking waits for now; None only when it is closed."""
    if is_settled(kind, booking):
        return None
    if booking.closed_at is not None and not has_open_items(kind, booking):
        return Waiting(kind.payment_provider, "to decide the dispute")
    return kind.waiting(booking) or _for_money_and_documents(kind, booking)


def _for_money_and_documents(kind: BookingKind[Any], booking: Booking) -> Waiting:
    """What is left when the kind's own work is done."""
    pending = [refund.amount for refund in booking.refunds if refund.unsettled]
    if pending:
        what = f"to process the refund of {rupees(sum(pending))}"
        return Waiting(kind.payment_provider, what, discreet="to process the refund")
    if due := totals(kind, booking).due:
        return Waiting("customer", f"to pay {rupees(due)}", action_required="decide", discreet="to pay")
    if steps := payout_steps(kind, booking):
        what = f"to {steps[0].doing} a payout of {rupees(steps[0].amount)}"
        return Waiting(kind.payment_provider, what, discreet="to pay out")
    if due_document(kind, booking) is not None:
        return Waiting("system", "to issue the invoice")
    return Waiting("system", "to finish")


def reasons_for_attention(kind: BookingKind[Any], booking: Booking) -> list[str]:
    """Why an admin is needed, in sentences: money is in doubt, something failed that cannot mend itself."""
    disputed = [described(dispute) for dispute in booking.disputes if dispute.open]
    stuck = [
        f"refund {each.id} of {rupees(each.amount)} does not go through"
        for each in booking.refunds
        if each.needs_help and each.unsettled
    ]
    return [*booking.attention, *kind.attention(booking), *disputed, *stuck]


def needs_attention(kind: BookingKind[Any], booking: Booking) -> bool:
    """Something is stuck, or a deadline that called an admin still stands."""
    overdue = any(each.key in booking.alerted for each in all_deadlines(kind, booking) if each.command is not None)
    return overdue or bool(reasons_for_attention(kind, booking))


def action_required(kind: BookingKind[Any], booking: Booking) -> str:
    """What the dashboard asks of the admin: "none", "attention", or what the kind's wait says.

    What is stuck comes first; a wait that takes too long still says what it waits for.
    """
    waiting = waiting_for(kind, booking)
    if reasons_for_attention(kind, booking):
        return "attention"
    if waiting is None:
        return "none"
    if waiting.action_required == "none" and needs_attention(kind, booking):
        return "attention"
    return waiting.action_required
