"""Which e-mail of a visit goes to whom, when, and what it tells."""

from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.billing.assessment import NOT_TAKEN
from domain.billing.cancellation_quote import CancellationQuote
from domain.billing.provider import RefundStatus
from domain.emails import EmailFacts, EmailLine, EmailType
from domain.money import rupees
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus
from kinds.vehicle_service.domain.parts import Assignment, Job, Leg, Line
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.views.parts import without_unvalidated
from kinds.vehicle_service.domain.visit import VisitBooking


class BookingEmailSlug(StrEnum):
    """The slugs that mails carry in ``X-RevCare-Notice``."""

    BOOKING_CONFIRMATION = "booking-confirmation"
    BOOKING_RESCHEDULED = "booking-rescheduled"
    PICKUP_SCHEDULED = "pickup-scheduled"
    VEHICLE_RECEIVED = "vehicle-received"
    ESTIMATE_READY = "estimate-ready"
    DECISION_REMINDER = "decision-reminder"
    PAYMENT_RECEIVED = "payment-received"
    PAYMENT_FAILED = "payment-failed"
    PROGRESS_UPDATE = "progress-update"
    COMPLETED = "completed"
    OUT_FOR_DELIVERY = "out-for-delivery"
    DELIVERED = "delivered"
    INVOICE = "invoice"
    CANCELLATION = "cancellation"
    REFUND_PROCESSED = "refund-processed"
    SERVICE_REMINDER = "service-reminder"
    REFUND_DELAYED = "refund-delayed"


EMAILS: dict[str, EmailType] = {
    BookingEmailSlug.BOOKING_CONFIRMATION: EmailType("Booking Confirmation", "your service is booked"),
    BookingEmailSlug.BOOKING_RESCHEDULED: EmailType("Booking Confirmation", "your service has a new time"),
    BookingEmailSlug.PICKUP_SCHEDULED: EmailType("Pickup Scheduled", "we are coming for your vehicle"),
    BookingEmailSlug.VEHICLE_RECEIVED: EmailType("Vehicle Received", "your vehicle is with us"),
    BookingEmailSlug.ESTIMATE_READY: EmailType("Estimate Ready", "your estimate is ready"),
    BookingEmailSlug.DECISION_REMINDER: EmailType("Reminder", "your estimate waits for your answer"),
    BookingEmailSlug.PAYMENT_RECEIVED: EmailType("Payment Received", "payment received"),
    BookingEmailSlug.PAYMENT_FAILED: EmailType("Payment Failed", "the payment did not go through"),
    BookingEmailSlug.PROGRESS_UPDATE: EmailType("Progress Update", "progress on your vehicle"),
    BookingEmailSlug.COMPLETED: EmailType("Completed", "the work is done"),
    BookingEmailSlug.OUT_FOR_DELIVERY: EmailType("Out for Delivery", "your vehicle is on its way to you"),
    BookingEmailSlug.DELIVERED: EmailType("Delivered", "your vehicle is back with you"),
    BookingEmailSlug.INVOICE: EmailType("Invoice", "invoice {document}"),
    BookingEmailSlug.CANCELLATION: EmailType("Cancellation", "your booking is cancelled"),
    BookingEmailSlug.REFUND_PROCESSED: EmailType("Refund Processed", "your refund is on its way"),
    BookingEmailSlug.SERVICE_REMINDER: EmailType("Service Reminder", "time to look after your vehicle again"),
    BookingEmailSlug.REFUND_DELAYED: EmailType("Refund Processed", "your refund takes longer"),
}

OPTIONAL_FACTS = (
    "analysis", "credit_note", "decide_until", "job", "mechanic", "method", "not_taken", "note", "pickup_type",
    "reason", "recommendation", "refund_reason", "returns_car", "status",
)  # fmt: skip
"""Facts that a mail can do without. Any other fact that is missing is a fault and stops the mail."""


def emails_for(before: VisitBooking, after: VisitBooking) -> tuple[tuple[str, str], ...]:
    """The e-mails of a transition: (slug, person id)."""
    return tuple((slug, after.customer.id) for slug in slugs_for(before, after))


def email_facts(booking: VisitBooking, slug: str, person: str) -> EmailFacts:
    """What that e-mail tells."""
    # A mail shows no more than the page: no quote before it is validated.
    seen = without_unvalidated(booking, Role.CUSTOMER)
    lines = tuple(_line(line) for line in seen.kept_lines)
    facts, document, assignment = _facts(seen), None, _latest_assignment(seen)
    if slug == BookingEmailSlug.INVOICE:
        document = booking.event.note
        issued = next((note for note in booking.credit_notes if note.number == document), None)
        facts["credit_note"] = "yes" if issued else ""
        if issued:
            facts["refund"] = rupees(issued.amount)
    return EmailFacts(facts, lines, document, {"mechanic": assignment.mechanic.id} if assignment else {})


def slugs_for(before: VisitBooking, after: VisitBooking) -> list[BookingEmailSlug]:
    """The e-mails to the customer for what led from ``before`` to ``after``."""
    event = after.event
    match event.action, after.status:
        case Action.BOOK, _:
            return [BookingEmailSlug.BOOKING_CONFIRMATION]
        case Action.RESCHEDULE, _:
            return [BookingEmailSlug.BOOKING_RESCHEDULED]
        case Action.ASSIGN, VisitStatus.PICKUP:
            return [BookingEmailSlug.PICKUP_SCHEDULED]
        case Action.ASSIGN, VisitStatus.OUT_FOR_DELIVERY | VisitStatus.CANCELLED:
            return [BookingEmailSlug.OUT_FOR_DELIVERY]
        case ((Action.VALIDATE_PROGRESS | Action.RECEIVE), VisitStatus.RECEIVED):
            return [BookingEmailSlug.VEHICLE_RECEIVED]
        case Action.VALIDATE_PROGRESS, VisitStatus.IN_PROGRESS:
            return [BookingEmailSlug.PROGRESS_UPDATE]
        case Action.VALIDATE_PROGRESS, VisitStatus.COMPLETED:
            return [BookingEmailSlug.PROGRESS_UPDATE, BookingEmailSlug.COMPLETED]
        case Action.VALIDATE_ANALYSIS, _:
            return [BookingEmailSlug.ESTIMATE_READY]
        case ((Action.PAY | Action.VERIFY_CASH), _):
            return [BookingEmailSlug.PAYMENT_RECEIVED]
        case Action.PAYMENT_FAILED, _:
            return [BookingEmailSlug.PAYMENT_FAILED]
        case Action.EXPIRE, VisitStatus.ANALYSED:
            return [BookingEmailSlug.PAYMENT_FAILED]
        case ((Action.CANCEL | Action.EXPIRE), VisitStatus.CANCELLED):
            return [BookingEmailSlug.CANCELLATION]
        case ((Action.SUBMIT_PROGRESS | Action.HAND_OVER), VisitStatus.DELIVERED):
            return [BookingEmailSlug.DELIVERED]
        case Action.ISSUE_INVOICE, _:
            return [BookingEmailSlug.INVOICE]
        case Action.REFUND, _ if _processed(after) > _processed(before):
            return [BookingEmailSlug.REFUND_PROCESSED]
        case Action.REFUND, _ if _delayed(before) < _delayed(after):
            return [BookingEmailSlug.REFUND_DELAYED]
        case _:
            return []


def _facts(booking: VisitBooking) -> dict[str, str]:
    amounts = totals(booking)
    facts = {
        "vehicle": f"{booking.vehicle.manufacturer} {booking.vehicle.model}",
        "registration_number": booking.vehicle.registration_number,
        "status": str(booking.status),
        "pickup_type": str(booking.pickup_type),
        "pickup": _leg(booking.pickup),
        "drop": _leg(booking.drop),
        "subtotal": rupees(amounts.subtotal),
        "gst_percent": f"{amounts.gst_percent.normalize():f}",
        "gst": rupees(amounts.cgst + amounts.sgst + amounts.igst),
        "total": rupees(amounts.total),
        "paid": rupees(amounts.paid),
        "due": rupees(amounts.due),
        "note": booking.event.note or "",
    }
    assignment = _latest_assignment(booking)
    if assignment is not None:
        facts["job"] = (
            "return" if booking.status is VisitStatus.CANCELLED and assignment.job is Job.DROP else assignment.job
        )
    if booking.event.action == Action.PAYMENT_FAILED and booking.event.note == NOT_TAKEN:
        facts["not_taken"] = "yes"
    if booking.method is not None:
        facts["method"] = str(booking.method)
    if booking.decision_until is not None:
        facts["decide_until"] = _local(booking, booking.decision_until)
    if booking.analysis is not None and booking.analysis.validated:
        facts["analysis"] = booking.analysis.description
        facts["recommendation"] = booking.analysis.recommendation or ""
    return facts | _cancellation_facts(booking) | _refund_facts(booking)


def _latest_assignment(booking: VisitBooking) -> Assignment | None:
    """The one at work, else the last."""
    return booking.active() or (booking.assignments[-1] if booking.assignments else None)


def _cancellation_facts(booking: VisitBooking) -> dict[str, str]:
    done = booking.cancellation
    if done is None:
        return {}
    price = CancellationQuote(done.fee, done.gst_on_fee, done.refund, allowed=False)
    return {
        "fee": rupees(price.fee),
        "gst_on_fee": rupees(price.gst_on_fee),
        "fee_total": rupees(price.total),
        "refund": rupees(price.refund),
        "returns_car": "yes" if done.returns_car else "",
        "reason": done.reason or "",
    }


def _refund_facts(booking: VisitBooking) -> dict[str, str]:
    done = [refund for refund in booking.refunds if refund.status is RefundStatus.PROCESSED and refund.processed_at]
    owed = [refund for refund in booking.refunds if refund.unsettled]
    if booking.event.action == Action.REFUND and owed and booking.event.at not in {r.processed_at for r in done}:
        return {"refund_amount": rupees(owed[-1].amount), "refund_reason": owed[-1].reason}
    if not done:
        return {}
    latest = max(done, key=lambda refund: (refund.processed_at or refund.requested_at, refund.id))
    return {"refund_amount": rupees(latest.amount), "refund_reason": latest.reason}


def _processed(booking: VisitBooking) -> int:
    return sum(refund.status is RefundStatus.PROCESSED for refund in booking.refunds)


def _delayed(booking: VisitBooking) -> set[int]:
    """Payments whose money was promised back and does not arrive: told at the first trouble, not at every try."""
    owed = {refund.payment_row for refund in booking.refunds if refund.unsettled}
    trouble = [r for r in booking.refunds if r.needs_help or r.status is RefundStatus.FAILED]
    return {refund.payment_row for refund in trouble if not refund.by_hand and refund.payment_row in owed}


def _line(line: Line) -> EmailLine:
    return EmailLine(line.title, line.quantity, rupees(line.amount), recommended=line.origin == "recommended")


def _leg(leg: Leg) -> str:
    return f"{leg.date:%d %b %Y}, {leg.timeslot.name} ({leg.timeslot.start_time} to {leg.timeslot.end_time})"


def _local(booking: VisitBooking, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).strftime("%d %b %Y, %H:%M")
