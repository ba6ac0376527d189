"""A booking as its viewers see it: the JSON shapes of the API, one role at a time.

A customer sees no unvalidated report, quote or reason for sending back; a mechanic sees no money but the cash to
collect. Amounts are decimal strings, times ISO 8601 in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.billing.provider import CURRENCY, PaymentStatus
from domain.billing.records import Dispute, Payment, Refund
from domain.booking import Address
from domain.money import Paise, rupees
from domain.people import Actor, Role
from kinds.vehicle_service.domain.cancellation import CancellationQuote
from kinds.vehicle_service.domain.lifecycle import Action
from kinds.vehicle_service.domain.parts import Assignment, Job, Leg, Line, LineState, Origin, Report
from kinds.vehicle_service.domain.permissions import allowed_actions
from kinds.vehicle_service.domain.pricing import Totals, totals
from kinds.vehicle_service.domain.visit import KIND, VisitBooking
from kinds.vehicle_service.domain.waiting import waiting_for

Json = dict[str, Any]

_MONEY_ACTIONS = {
    Action.PAY,
    Action.PAYMENT_FAILED,
    Action.RETURN_MONEY,
    Action.REFUND,
    Action.RETRY_REFUND,
    Action.DISPUTE,
    Action.CLEAR_ATTENTION,
    Action.REFUSE_PAYMENT,
    Action.ISSUE_INVOICE,
    Action.CONFIRM_SERVICES,
    Action.OPEN_COLLECTION,
    Action.VERIFY_CASH,
}
_INTERNAL_ACTIONS = {
    Action.SUBMIT_PROGRESS,
    Action.SEND_BACK_PROGRESS,
    Action.SUBMIT_ANALYSIS,
    Action.SEND_BACK_ANALYSIS,
    Action.ALERT,
    Action.DISPUTE,
    Action.CLEAR_ATTENTION,
    Action.REFUSE_PAYMENT,
    Action.REPAIR,
}


def detail(booking: VisitBooking, viewer: Actor, key_id: str, timeline: Sequence[Mapping[str, Any]] = ()) -> Json:
    """Everything this viewer may know of the booking. ``key_id``: the provider's public key for the checkout."""
    seen = without_unvalidated(booking, viewer.role)
    money = viewer.role is not Role.MECHANIC
    at_work = booking.active()
    working = at_work is not None and at_work.mechanic.id == viewer.id
    vehicle = vehicle_view(booking)
    shape: Json = {
        "id": booking.id,
        "kind": KIND,
        "status": str(booking.status),
        "version": booking.version,
        "customer": _customer(booking, with_phone=viewer.role is Role.ADMIN or working),
        "vehicle": vehicle,
        "car": vehicle,
        "pickup": {"type": str(booking.pickup_type), **leg_view(booking.pickup)},
        "drop": leg_view(booking.drop),
        "notes": booking.notes,
        "services": [_line(line, money=money) for line in seen.lines],
        "analysis": _analysis(seen, viewer.role),
        "progress": [_report(report, viewer.role) for report in seen.reports],
        "assignments": [_assignment(assignment) for assignment in booking.assignments],
        "totals": totals_view(totals(seen)) if money else None,
        "payment": payment_summary(booking) if money else None,
        "checkout": checkout(booking, key_id) if money else None,
        "payments": [payment_view(booking.id, payment) for payment in booking.payments] if money else [],
        "refunds": [refund_view(booking.id, refund) for refund in booking.refunds] if money else [],
        "invoice": _invoice(booking) if money else None,
        "credit_notes": _credit_notes(booking) if money else [],
        "cancellation": _cancellation(booking, money=money),
        "waiting_for": waiting_view(booking, viewer.role),
        "allowed_actions": _allowed(booking, viewer.role, working=working),
        "timeline": [timeline_entry(entry, viewer.role) for entry in timeline],
        "created_at": when(booking.created_at),
        "updated_at": when(booking.updated_at),
        "completed_at": when(booking.completed_at),
        "closed_at": when(booking.closed_at),
    }
    if viewer.role is Role.ADMIN:
        shape["disputes"] = [dispute_view(dispute) for dispute in booking.disputes]
        shape["attention"] = reasons_for_attention(booking)
    if viewer.role is Role.MECHANIC:
        shape["cash_to_collect"] = cash_to_collect(booking)
    return shape


def summary(booking: VisitBooking, role: Role) -> Json:
    """A list row for this role."""
    amounts = totals(without_unvalidated(booking, role))
    money = role is not Role.MECHANIC
    return {
        "id": booking.id,
        "kind": KIND,
        "status": str(booking.status),
        "version": booking.version,
        "customer": _customer(booking, with_phone=role is Role.ADMIN),
        "vehicle": vehicle_view(booking),
        "pickup": {"type": str(booking.pickup_type), **leg_view(booking.pickup)},
        "drop": leg_view(booking.drop),
        "totals": {"total": rupees(amounts.total), "due": rupees(amounts.due)} if money else None,
        "waiting_for": waiting_view(booking, role),
        "created_at": when(booking.created_at),
        "updated_at": when(booking.updated_at),
        **({} if money else {"cash_to_collect": cash_to_collect(booking)}),
    }


def without_unvalidated(booking: VisitBooking, role: Role) -> VisitBooking:
    """The booking without what this role may not see yet."""
    if role is not Role.CUSTOMER:
        return booking
    validated = booking.analysis is not None and booking.analysis.validated
    lines = booking.lines
    if not validated:
        requested = [line for line in lines if line.origin is Origin.REQUESTED]
        lines = [replace(line, quote=None, state=LineState.REQUESTED) for line in requested]
    return replace(
        booking,
        lines=lines,
        analysis=booking.analysis if validated else None,
        reports=[report for report in booking.reports if report.validated],
    )


def when(moment: datetime | None) -> str | None:
    """UTC in ISO 8601, to the second, as the documents print it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def vehicle_view(booking: VisitBooking) -> Json:
    """The vehicle."""
    vehicle = booking.vehicle
    return {
        "id": vehicle.id,
        "registration_number": vehicle.registration_number,
        "manufacturer": vehicle.manufacturer,
        "model": vehicle.model,
        "fuel_type": vehicle.fuel_type,
        "car_class": vehicle.car_class,
    }


def leg_view(leg: Leg) -> Json:
    """One way: date, slot, address."""
    slot = leg.timeslot
    return {
        "date": leg.date.isoformat(),
        "timeslot": {"id": slot.id, "name": slot.name, "start_time": slot.start_time, "end_time": slot.end_time},
        "address": _address(leg.address),
    }


def waiting_view(booking: VisitBooking, role: Role = Role.ADMIN) -> Json | None:
    """What the booking waits for; a mechanic reads the sentence without its amount, unless it is theirs to collect."""
    waiting = waiting_for(booking)
    if waiting is None:
        return None
    what = (waiting.discreet or waiting.what) if role is Role.MECHANIC else waiting.what
    return {"who": waiting.who, "what": what, "until": when(waiting.until), "then": waiting.then}


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


def reasons_for_attention(booking: VisitBooking) -> list[str]:
    """Why an admin is needed, in sentences."""
    due = rupees(totals(booking).due)
    refused = [f"{due} was not paid at the door: {booking.payment_refused}"] if booking.payment_refused else []
    disputed = [f"dispute {each.dispute_id} over {rupees(each.amount)}" for each in booking.disputes if each.open]
    stuck = [
        f"refund {each.id} of {rupees(each.amount)} does not go through"
        for each in booking.refunds
        if each.needs_help and each.unsettled
    ]
    return [*booking.attention, *refused, *disputed, *stuck]


def fee_view(price: CancellationQuote) -> Json:
    """What cancelling would cost."""
    return {
        "fee": rupees(price.fee),
        "gst_on_fee": rupees(price.gst_on_fee),
        "refund": rupees(price.refund),
        "returns_car": price.returns_car,
        "allowed": price.allowed,
        "reason": price.reason,
    }


def checkout(booking: VisitBooking, key_id: str) -> Json | None:
    """What a browser needs to pay; None except while an online order waits for money."""
    order = booking.live_order()
    if order is None:
        return None
    return {"order_id": order.order_id, "amount": order.amount, "currency": CURRENCY, "key_id": key_id}


def payment_summary(booking: VisitBooking) -> Json:
    """Where the money of the booking stands."""
    row = _deciding_payment(booking)
    return {
        "method": str(booking.method) if booking.method else None,
        "status": str(row.status) if row else None,
        "order_id": row.order_id if row else None,
        "expires_at": when(row.expires_at) if row and row.live else None,
    }


def cash_to_collect(booking: VisitBooking) -> str | None:
    """What the mechanic at the door must collect."""
    due: Paise = totals(booking).due
    on_the_way_home = booking.active(Job.DROP) is not None
    return rupees(due) if due and on_the_way_home else None


def timeline_entry(entry: Mapping[str, Any], role: Role) -> Json:
    """One entry of the timeline, without the notes that are not for this role."""
    hidden = (role is Role.CUSTOMER and entry["action"] in _INTERNAL_ACTIONS) or (
        role is Role.MECHANIC and entry["action"] in _MONEY_ACTIONS
    )
    return {**entry, "note": None} if hidden else dict(entry)


def _deciding_payment(booking: VisitBooking) -> Payment | None:
    rows = [payment for payment in booking.payments if not payment.spent]
    for status in (PaymentStatus.SUCCESS, PaymentStatus.PENDING):
        found = [payment for payment in rows if payment.status is status]
        if found:
            return found[-1]
    if rows:
        return rows[-1]
    # Wrong money spent the only order: it failed, and what went back was not a payment of this booking.
    return next((payment for payment in booking.payments if not payment.superseded), None)


def _customer(booking: VisitBooking, *, with_phone: bool) -> Json:
    person = {"id": booking.customer.id, "name": booking.customer.name}
    return {**person, "phone": booking.customer.phone} if with_phone and booking.customer.phone else person


def _address(address: Address | None) -> Json | None:
    if address is None:
        return None
    return {
        "id": address.id,
        "label": address.label,
        "line1": address.line1,
        "line2": address.line2,
        "area": address.area,
        "pincode": address.pincode,
    }


def _line(line: Line, *, money: bool) -> Json:
    def shown(amount: Paise | None) -> str | None:
        return rupees(amount) if money and amount is not None else None

    return {
        "service_id": line.service_id,
        "title": line.title,
        "quantity": line.quantity,
        "origin": str(line.origin),
        "estimate": shown(line.estimate),
        "quote": shown(line.quote),
        "price": shown(line.price),
        "state": str(line.state),
    }


def _analysis(booking: VisitBooking, role: Role) -> Json | None:
    analysis = booking.analysis
    if analysis is None:
        return None
    return {
        "id": analysis.id,
        "description": analysis.description,
        "recommendation": analysis.recommendation,
        "images": list(analysis.images),
        "mechanic_id": analysis.mechanic_id,
        "validated": analysis.validated,
        "sent_back": None if role is Role.CUSTOMER else analysis.sent_back,
        "at": when(analysis.at),
    }


def _report(report: Report, role: Role) -> Json:
    return {
        "id": report.id,
        "service_ids": list(report.service_ids),
        "notes": report.notes,
        "images": list(report.images),
        "status": str(report.status),
        "updated_by": report.by.id,
        "validated": report.validated,
        "sent_back": None if role is Role.CUSTOMER else report.sent_back,
        "timestamp": when(report.at),
    }


def _assignment(assignment: Assignment) -> Json:
    mechanic = assignment.mechanic
    return {
        "id": assignment.id,
        "type": str(assignment.job),
        "mechanic": {"id": mechanic.id, "name": mechanic.name, "photo": mechanic.photo},
        "active": assignment.active,
        "note": assignment.note,
        "at": when(assignment.at),
    }


def _allowed(booking: VisitBooking, role: Role, *, working: bool) -> list[str]:
    if role is Role.MECHANIC and not working:
        return []
    return [str(action) for action in allowed_actions(booking, role)]


def _invoice(booking: VisitBooking) -> Json | None:
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


def _credit_notes(booking: VisitBooking) -> list[Json]:
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


def _cancellation(booking: VisitBooking, *, money: bool) -> Json | None:
    done = booking.cancellation
    if done is None:
        return None
    price = CancellationQuote(done.fee, done.gst_on_fee, done.refund, returns_car=done.returns_car, allowed=False)
    return {
        **(fee_view(price) if money else {"returns_car": done.returns_car}),
        "reason": done.reason,
        "by": {"role": str(done.by.role), "id": done.by.id, "name": done.by.name},
        "at": when(done.at),
        "closed_at": when(booking.closed_at),
    }
