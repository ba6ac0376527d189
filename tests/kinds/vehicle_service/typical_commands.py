"""For every action the command that a typical_command person would send, given how the booking stands."""

from dataclasses import replace
from datetime import timedelta

from domain.billing.provider import ProviderDispute, ProviderOrder, ProviderPayment, RefundStatus
from domain.billing.records import Method, Payment
from domain.commands import (
    Alert,
    ClearAttention,
    Command,
    NotePaymentFailure,
    RecordDispute,
    RecordInvoice,
    RecordRefund,
    Repair,
    RetryRefund,
    ReturnMoney,
    TakePayment,
)
from domain.people import SYSTEM, Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job, Leg, LineStatus
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking
from tests.kinds.vehicle_service.people import ADMIN, ALL_ROUNDER, ASHA, QUOTES, RAVI, actor

_DISPUTE = ProviderDispute("disp_1", "pay_1", 100, 0, "open", "chargeback", "goods_not_received", None)
_JOB = {
    VisitStatus.BOOKED: Job.PICKUP,
    VisitStatus.PICKUP: Job.PICKUP,
    VisitStatus.RECEIVED: Job.ANALYSIS,
    VisitStatus.ANALYSIS: Job.ANALYSIS,
    VisitStatus.IN_PROGRESS: Job.SERVICE,
}


def someone(role: Role, booking: VisitBooking) -> Actor:
    """The person of that role who has to do with the booking; of mechanics the one at work."""
    match role:
        case Role.CUSTOMER:
            return ASHA
        case Role.ADMIN:
            return ADMIN
        case Role.MECHANIC:
            at_work = booking.active()
            return actor(at_work.mechanic if at_work else RAVI)
        case Role.SYSTEM:
            return SYSTEM


def typical_command(action: Action, booking: VisitBooking, role: Role) -> Command:
    """A command for that action with nothing wrong in it but, perhaps, that it is not possible now."""
    who = someone(role, booking)
    report = booking.open_report()
    report_id = report.id if report else 0
    left = tuple(line.service_id for line in booking.kept_lines if line.state is not LineStatus.DONE)
    quoted = tuple(line.service_id for line in booking.kept_lines)
    asked = {line.service_id: QUOTES[line.service_id] for line in booking.lines if line.service_id in QUOTES}
    money = _money(booking)
    match action:
        case Action.ASSIGN:
            return commands.Assign(who, _JOB.get(booking.status, Job.DROP), ALL_ROUNDER)
        case Action.SUBMIT_PROGRESS | Action.RECEIVE | Action.HAND_OVER:
            return commands.SubmitProgress(
                who, "all well", service_ids=left if booking.status is VisitStatus.IN_PROGRESS else ()
            )
        case Action.EDIT_PROGRESS:
            return commands.EditProgress(who, report_id, "all very well")
        case Action.VALIDATE_PROGRESS:
            return commands.ValidateProgress(who, report_id)
        case Action.SEND_BACK_PROGRESS:
            return commands.ValidateProgress(who, report_id, approved=False, reason="photos are missing")
        case Action.SUBMIT_ANALYSIS:
            return commands.SubmitAnalysis(who, "pads worn", None, asked)
        case Action.EDIT_ANALYSIS:
            return commands.EditAnalysis(who, "pads very worn")
        case Action.VALIDATE_ANALYSIS:
            return commands.ValidateAnalysis(who)
        case Action.SEND_BACK_ANALYSIS:
            return commands.ValidateAnalysis(who, approved=False, reason="too dear")
        case Action.CONFIRM_SERVICES:
            return commands.ConfirmServices(who, quoted, Method.OFFLINE)
        case Action.CHOOSE_CASH | Action.OPEN_COLLECTION:
            return commands.ChooseCash(who)
        case Action.VERIFY_CASH:
            return commands.VerifyCash(who, totals(booking).due)
        case Action.REFUSE_PAYMENT:
            return commands.RefusePayment(who, "nobody has told me of that sum")
        case Action.RETRY_REFUND:
            return RetryRefund(who, booking.refunds[-1].id if booking.refunds else 0)
        case Action.CLEAR_ATTENTION:
            return ClearAttention(who, "looked at")
        case Action.DISPUTE:
            return RecordDispute(replace(_DISPUTE, payment_id=_paid(booking)), actor=who)
        case Action.REPAIR:
            return Repair(actor=who)
        case Action.RESCHEDULE:
            return commands.Reschedule(who, drop=_later(booking.drop))
        case Action.CANCEL:
            return commands.Cancel(who, "changed my mind")
        case Action.PAY:
            return TakePayment(money, actor=who)
        case Action.PAYMENT_FAILED:
            return NotePaymentFailure(money, actor=who)
        case Action.RETURN_MONEY:
            return ReturnMoney(money, "not wanted", actor=who)
        case Action.EXPIRE:
            return commands.LapseDecision(actor=who)
        case Action.ALERT:
            return Alert("a key", "look at this", actor=who)
        case Action.REFUND:
            row = booking.refunds[0].id if booking.refunds else 0
            return RecordRefund(row, RefundStatus.PROCESSED, "rfnd_1", actor=who)
        case Action.ISSUE_INVOICE:
            return RecordInvoice("invoice", 1, "service", "RC/26-27/000001", 100, actor=who)
        case Action.BOOK:
            raise AssertionError("a booking is made once")


def open_an_order(booking: VisitBooking, role: Role) -> commands.ConfirmServices:
    """The online choice with its order, which has no action of its own."""
    who = someone(role, booking)
    choice = commands.ConfirmServices(who, tuple(line.service_id for line in booking.kept_lines), Method.ONLINE)
    return replace(choice, order=ProviderOrder("order_x", totals(booking).total, "INR", "created", None))


def _paid(booking: VisitBooking) -> str:
    return next((payment.payment_id for payment in booking.payments if payment.payment_id), "pay_none")


def _later(drop: Leg) -> Leg:
    week = timedelta(days=7)
    return replace(drop, date=drop.date + week, starts_at=drop.starts_at + week)


def _money(booking: VisitBooking) -> ProviderPayment:
    orders: list[Payment] = [payment for payment in booking.payments if payment.order_id is not None]
    order_id, amount = (orders[-1].order_id, orders[-1].amount) if orders else ("order_none", 100)
    return ProviderPayment(
        "pay_x", order_id, amount, "INR", "captured", captured=True, amount_refunded=0, method="upi", error=None,
        created_at=1,
    )  # fmt: skip
