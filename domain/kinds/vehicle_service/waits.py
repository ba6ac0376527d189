"""What a booking waits for: who, until when, then what. And the alarms that make it happen.

Every wait has an owner; where there is a deadline, it has an automatic outcome too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kinds.vehicle_service.booking import Booking, Job, Report
from domain.kinds.vehicle_service.life import State
from domain.kinds.vehicle_service.pricing import settled, totals
from domain.kinds.vehicle_service.settling import over, owed_document
from domain.money import rupees

ADMIN_IS_ALERTED = "an admin is alerted"
_CAR_RETURNS = "the booking is cancelled with the inspection fee and the car is brought back"
_CAR_WAITS = "the booking is cancelled with the inspection fee and the car waits at the desk"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One sentence: waiting for ``who`` ``what`` until ``until``, then ``then``.

    ``discreet`` is ``what`` without its amount, for those who see no money.
    """

    who: str
    what: str
    until: datetime | None = None
    then: str | None = None
    action_required: str = "none"
    discreet: str | None = None


class AlarmKind(StrEnum):
    """What happens when a deadline comes."""

    UNASSIGNED = "unassigned"
    VALIDATION = "validation"
    REMINDER = "reminder"
    ORDER = "order"
    DECISION = "decision"


OUTCOMES: dict[AlarmKind, str] = {
    AlarmKind.UNASSIGNED: "pickup unassigned: alert an admin",
    AlarmKind.VALIDATION: "report not validated: alert an admin",
    AlarmKind.REMINDER: "estimate unanswered: remind the customer",
    AlarmKind.ORDER: "order unpaid: it lapses",
    AlarmKind.DECISION: "estimate unanswered: cancel, bring the car back",
}
"""What each alarm does, as the timers in the Temporal UI say it."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A deadline; ``key`` tells two of a kind apart."""

    at: datetime
    kind: AlarmKind
    key: str


def waiting_for(booking: Booking) -> Waiting | None:
    """What the booking waits for now; None only when it is closed."""
    if over(booking):
        return None
    match booking.status:
        case State.BOOKED:
            return _for_collection(booking)
        case State.PICKUP:
            return Waiting("mechanic", "to collect the vehicle")
        case State.RECEIVED:
            return _for_reception(booking)
        case State.ANALYSIS:
            return Waiting("mechanic", "to look at the vehicle and submit the analysis")
        case State.ANALYSED:
            return _for_decision(booking)
        case State.IN_PROGRESS:
            return _for_work(booking)
        case State.COMPLETED:
            return _for_departure(booking)
        case State.OUT_FOR_DELIVERY:
            return _for_the_road(booking, "to bring the vehicle back")
        case State.DELIVERED | State.CANCELLED:
            return _for_the_end(booking)


def alarms(booking: Booking) -> Iterator[Alarm]:
    """Every deadline that stands now, in no order."""
    if booking.status is State.BOOKED and not booking.walk_in:
        at = booking.pickup.starts_at - booking.policy.unassigned_alert
        yield Alarm(at, AlarmKind.UNASSIGNED, f"unassigned {booking.pickup.starts_at.isoformat()}")
    if (waiting := _to_validate(booking)) is not None:
        since, key = waiting
        yield Alarm(since + booking.policy.validation_alert, AlarmKind.VALIDATION, key)
    if booking.status is State.ANALYSED and booking.decision_until is not None:
        yield from _decision_alarms(booking, booking.decision_until)


def next_alarm(booking: Booking) -> Alarm | None:
    """The earliest deadline that has not been dealt with."""
    standing = [alarm for alarm in alarms(booking) if alarm.key not in booking.alerted]
    return min(standing, key=lambda alarm: alarm.at, default=None)


def needs_attention(booking: Booking) -> bool:
    """Something is stuck, or an alarm that called an admin still stands."""
    return _stuck(booking) or any(alarm.key in booking.alerted for alarm in alarms(booking))


def action_required(booking: Booking) -> str:
    """What the dashboard asks of the admin: assign, validate-analysis, validate-progress, decide, attention, none.

    What is stuck comes first; a wait that takes too long still says what it waits for. ``decide``: the customer's word
    on the estimate, which the admin may give for them, or the desk's on a car.
    """
    waiting = waiting_for(booking)
    if _stuck(booking):
        return "attention"
    if waiting is None:
        return "none"
    if waiting.action_required == "none" and needs_attention(booking):
        return "attention"
    return waiting.action_required


def _stuck(booking: Booking) -> bool:
    """Money is in doubt: nobody pays at the door, the bank is asked for it, a refund does not go through."""
    return (
        bool(booking.attention or booking.payment_refused)
        or any(dispute.open for dispute in booking.disputes)
        or any(refund.needs_help and refund.unsettled for refund in booking.refunds)
    )


def reminder_times(booking: Booking) -> list[datetime]:
    """When the customer is reminded to decide; reminders longer than the window are dropped."""
    if booking.decision_until is None:
        return []
    kept = [before for before in booking.policy.decision_reminders if before < booking.policy.decision_window]
    return sorted(booking.decision_until - before for before in kept)


def _decision_alarms(booking: Booking, until: datetime) -> Iterator[Alarm]:
    yield Alarm(until, AlarmKind.DECISION, "decision")
    order = booking.live_order()
    if order is not None and order.expires_at is not None and order.expires_at < until:
        yield Alarm(order.expires_at, AlarmKind.ORDER, f"order {order.order_id}")
    coming = reminder_times(booking)[booking.reminders_sent :]
    if coming:
        yield Alarm(coming[0], AlarmKind.REMINDER, f"reminder {booking.reminders_sent + 1}")


def _to_validate(booking: Booking) -> tuple[datetime, str] | None:
    report = _report_to_validate(booking)
    if report is not None:
        return report.at, f"validate report {report.id}"
    analysis = booking.analysis
    if booking.status is State.ANALYSED and analysis is not None and not analysis.validated:
        return analysis.at, f"validate analysis {analysis.at.isoformat()}"
    return None


def _report_to_validate(booking: Booking) -> Report | None:
    return booking.open_report() if booking.status in (State.RECEIVED, State.IN_PROGRESS) else None


def _for_collection(booking: Booking) -> Waiting:
    if booking.walk_in:
        return Waiting("customer", "to bring the vehicle to the desk", action_required="none")
    until = booking.pickup.starts_at - booking.policy.unassigned_alert
    return Waiting("admin", "to assign a mechanic for the pickup", until, ADMIN_IS_ALERTED, "assign")


def _for_validation(booking: Booking, what: str, since: datetime, required: str) -> Waiting:
    return Waiting("admin", what, since + booking.policy.validation_alert, ADMIN_IS_ALERTED, required)


def _for_reception(booking: Booking) -> Waiting:
    report = booking.open_report()
    if report is not None:
        return _for_validation(booking, "to validate the pickup report", report.at, "validate-progress")
    if any(report.validated for report in booking.reports):
        return Waiting("admin", "to assign a mechanic for the analysis", action_required="assign")
    return Waiting("mechanic", "to correct the pickup report that was sent back")


def _for_decision(booking: Booking) -> Waiting:
    analysis = booking.analysis
    if analysis is not None and not analysis.validated:
        return _for_validation(booking, "to validate the analysis", analysis.at, "validate-analysis")
    order = booking.live_order()
    until, lapses = booking.decision_until, _CAR_WAITS if booking.walk_in else _CAR_RETURNS
    if order is None or order.expires_at is None:
        return Waiting("customer", "to approve the estimate", until, lapses, "decide")
    what = f"to pay {rupees(order.amount)} online"
    if order.expires_at == until:
        return Waiting("customer", what, until, lapses, discreet="to pay online")
    then = "the order lapses and the estimate must be confirmed again"
    return Waiting("customer", what, order.expires_at, then, discreet="to pay online")


def _for_work(booking: Booking) -> Waiting:
    report = _report_to_validate(booking)
    if report is not None:
        return _for_validation(booking, "to validate the progress report", report.at, "validate-progress")
    if booking.active(Job.SERVICE) is None:
        return Waiting("admin", "to assign a mechanic for the services", action_required="assign")
    return Waiting("mechanic", "to do the services and report progress")


def _for_departure(booking: Booking) -> Waiting:
    if not booking.walk_in:
        return Waiting("admin", "to assign a mechanic for the drop", action_required="assign")
    if not settled(booking):
        what = f"to pay {rupees(totals(booking).due)} at the desk"
        return Waiting("customer", what, action_required="decide", discreet="to pay at the desk")
    return Waiting("admin", "to hand the vehicle over", action_required="decide")


def _for_the_road(booking: Booking, what: str) -> Waiting:
    due = totals(booking).due
    if due and booking.payment_refused:
        what = f"to decide what happens, for {rupees(due)} was not paid at the door"
        return Waiting("admin", what, action_required="attention")
    if due:
        return Waiting("mechanic", f"to collect {rupees(due)} at the door")
    return Waiting("mechanic", what)


def _for_the_end(booking: Booking) -> Waiting:
    if booking.with_us:
        if booking.walk_in:
            due = totals(booking).due
            if due:
                what = f"to pay {rupees(due)} and fetch the vehicle"
                return Waiting("customer", what, action_required="decide", discreet="to pay and fetch the vehicle")
            return Waiting("customer", "to fetch the vehicle at the desk", action_required="decide")
        if booking.active(Job.DROP) is None:
            return Waiting("admin", "to assign a mechanic to bring the vehicle back", action_required="assign")
        return _for_the_road(booking, "to bring the vehicle back")
    pending = [refund for refund in booking.refunds if refund.unsettled]
    if pending:
        amount = rupees(sum(refund.amount for refund in pending))
        return Waiting("provider", f"to process the refund of {amount}", discreet="to process the refund")
    if not settled(booking):
        what = f"to pay {rupees(totals(booking).due)}"
        return Waiting("customer", what, action_required="decide", discreet="to pay")
    if owed_document(booking) is not None:
        return Waiting("system", "to issue the invoice")
    return Waiting("system", "to finish")
