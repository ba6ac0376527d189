"""What the Temporal UI shows of a booking: search attributes and details; no personal data but the customer's id.

The names of the attributes are fixed, saved searches use them; the SQL visibility stores allow three each of Int,
Double, Bool and Datetime and ten Keywords.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.attention import all_deadlines, needs_attention, reasons_for_attention, waiting_for
from domain.billing.provider import PaymentStatus
from domain.billing.records import Method
from domain.booking import Booking
from domain.closing import totals
from domain.deadlines import open_deadlines
from domain.kind import BookingKind
from domain.money import rupees
from domain.people import NAMES, Actor

MESSAGE_VERSION = "MessageVersion"
"""The newest version of a booking that has e-mails, once its workflow knows of it: they may leave."""

SEARCH_ATTRIBUTES: dict[str, str] = {
    "BookingStage": "Keyword",
    "BookingCustomer": "Keyword",
    "BookingMechanic": "Keyword",
    "PaymentStatus": "Keyword",
    "BookingKind": "Keyword",
    "SlotAt": "Datetime",
    "DeadlineAt": "Datetime",
    "AmountDue": "Int",
    "NeedsAttention": "Bool",
    MESSAGE_VERSION: "Int",
}

Value = str | int | bool | datetime


def search_attribute_values(kind: BookingKind[Any], booking: Booking) -> dict[str, Value]:
    """The search attributes of a booking as it stands; what is not there has no key."""
    assignee, slot = kind.ui.assignee(booking), kind.ui.scheduled_at(booking)
    values: dict[str, Value] = {
        "BookingStage": str(booking.status),
        "BookingCustomer": booking.customer.id,
        "BookingKind": kind.name,
        "PaymentStatus": _payment_status(booking),
        "AmountDue": totals(kind, booking).due,
        "NeedsAttention": needs_attention(kind, booking),
    }
    if slot is not None:
        values["SlotAt"] = slot
    if assignee is not None:
        values["BookingMechanic"] = assignee[0]
    if left := open_deadlines(all_deadlines(kind, booking), booking.alerted):
        values["DeadlineAt"] = left[0].at
    return values


def details(kind: BookingKind[Any], booking: Booking) -> str:
    """What it waits for, until when, then what; who works on it; where the money stands; what happened last."""
    parts = [stage_bar(kind, booking), f"### {waiting_sentence(kind, booking)}"]
    if needs_attention(kind, booking):
        parts.append("**Needs attention.** " + "; ".join(reasons_for_attention(kind, booking)))
    assignee = kind.ui.assignee(booking)
    parts.append(f"{kind.ui.assignee_title}: {assignee[1] if assignee else 'none'}")
    parts += kind.ui.lines(booking)
    parts.append(_money(kind, booking))
    parts.append("\n".join(_last_events(booking)))
    return "\n\n".join(part for part in parts if part)


def stage_bar(kind: BookingKind[Any], booking: Booking) -> str:
    """The journey with a mark at today's stage."""
    if booking.status not in kind.ui.stages:
        return f"**{booking.status}**{kind.ui.status_note(booking)}"
    return " → ".join(f"**[{stage}]**" if stage == booking.status else str(stage) for stage in kind.ui.stages)


def waiting_sentence(kind: BookingKind[Any], booking: Booking) -> str:
    """The wait in one sentence."""
    waiting = waiting_for(kind, booking)
    if waiting is None:
        return "Closed: nothing is left to do."
    until = f" until {_local(booking, waiting.until, '%d %b %H:%M %Z')}" if waiting.until else ""
    then = f"; then {waiting.then}" if waiting.then else ""
    return f"Waiting for the {waiting.who} {waiting.what}{until}{then}."


def _payment_status(booking: Booking) -> str:
    kept = [payment.status for payment in booking.payments if not payment.spent]
    if PaymentStatus.SUCCESS in kept:
        return PaymentStatus.SUCCESS
    if PaymentStatus.PENDING in kept:
        return PaymentStatus.PENDING
    return PaymentStatus.FAILED if kept else "none"


def _money(kind: BookingKind[Any], booking: Booking) -> str:
    amounts = totals(kind, booking)
    methods = {None: "", Method.ONLINE: "; payment online", Method.OFFLINE: "; payment in cash"}
    return (
        f"Money: total {rupees(amounts.total)}, paid {rupees(amounts.paid)}, refunded {rupees(amounts.refunded)}, "
        f"due {rupees(amounts.due)}{methods[booking.method]}"
    )


def _last_events(booking: Booking) -> list[str]:
    return [
        f"- {event.version}. {_local(booking, event.at)} **{event.action}** by {_who(event.by)}"
        + (f": {event.note}" if event.note else "")
        for event in reversed(booking.recent)
    ]


def _who(actor: Actor) -> str:
    return NAMES.get(actor.id, f"{actor.role} {actor.id}")


def _local(booking: Booking, moment: datetime, form: str = "%d %b %H:%M") -> str:
    """By the shop's clock, while the Temporal UI has the reader's: a deadline says which one it means."""
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).strftime(form)
