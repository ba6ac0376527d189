"""Money of a visit: the customer's choice, orders, captured payments, cash, refunds and the books' numbers."""

from collections.abc import Iterable
from datetime import datetime

from domain.errors import AmountMismatch, Invalid, NotFound
from domain.kinds.vehicle_service.booking import (
    Booking,
    CreditNote,
    Invoice,
    Job,
    LineState,
    Method,
    Payment,
)
from domain.kinds.vehicle_service.life import LIFECYCLE, Action, State
from domain.kinds.vehicle_service.pricing import of_lines, totals
from domain.kinds.vehicle_service.requests import (
    ChooseCash,
    ConfirmServices,
    LapseOrder,
    NotePaymentFailure,
    OpenOrder,
    RecordInvoice,
    RefusePayment,
    TakePayment,
    VerifyCash,
)
from domain.kinds.vehicle_service.rules.outcome import Outcome, at_work, refuse
from domain.money import Paise, rupees
from domain.payments import CURRENCY, PaymentStatus, ProviderOrder
from domain.people import Role

SERVICE_LEG, FEE_LEG = "service", "fee"
SMALLEST_ORDER: Paise = 100


def confirm(draft: Booking, request: ConfirmServices, now: datetime) -> Outcome:
    """The customer's choice. Cash is agreed at once; an online choice waits for its order (``open_order``)."""
    amount = chosen_amount(draft, request)
    if request.method is Method.ONLINE:
        if amount < SMALLEST_ORDER:
            raise Invalid(f"an online payment must be at least {rupees(SMALLEST_ORDER)}")
        return Outcome(
            Action.CONFIRM_SERVICES, LIFECYCLE.after(draft.status, Action.CONFIRM_SERVICES, request.actor.role)
        )
    to = LIFECYCLE.after(draft.status, Action.CONFIRM_SERVICES, request.actor.role, State.IN_PROGRESS)
    _agree_on_cash(draft, request.service_ids, amount, now)
    return Outcome(Action.CONFIRM_SERVICES, to, "cash on delivery")


def chosen_amount(booking: Booking, request: ConfirmServices) -> Paise:
    """What the chosen lines cost in all: the amount of the order.

    Raises:
        ActionNotAllowed: the estimate is not there, or no longer.
        Invalid: the lines are not of this booking, or none was chosen.
    """
    LIFECYCLE.after(booking.status, Action.CONFIRM_SERVICES, request.actor.role)
    if booking.analysis is None or not booking.analysis.validated:
        raise refuse(booking, Action.CONFIRM_SERVICES, "the estimate is not validated yet")
    if not request.service_ids:
        raise Invalid("choose at least one service, or cancel the booking")
    if unknown := set(request.service_ids) - {line.service_id for line in booking.lines}:
        raise Invalid(f"services {sorted(unknown)} are not on this booking", services=sorted(unknown))
    return of_lines(booking.lines_of(request.service_ids), booking)


def same_order(booking: Booking, request: ConfirmServices) -> Payment | None:
    """The open order that already stands for this very choice."""
    order = booking.live_order()
    if order and request.method is Method.ONLINE and set(order.service_ids) == set(request.service_ids):
        return order
    return None


def open_order(draft: Booking, request: OpenOrder, now: datetime) -> Outcome:
    """The order of an online choice exists: other orders are superseded, unchosen lines declined."""
    to = LIFECYCLE.after(draft.status, Action.CONFIRM_SERVICES, request.actor.role)
    amount = chosen_amount(draft, request.choice)
    if request.order.amount != amount:
        raise AmountMismatch(f"the order is over {rupees(request.order.amount)}, the choice costs {rupees(amount)}")
    _supersede(draft)
    until = now + draft.policy.payment_window
    draft.payments.append(
        Payment(
            draft.next_child(),
            SERVICE_LEG,
            Method.ONLINE,
            amount,
            PaymentStatus.PENDING,
            now,
            order_id=request.order.order_id,
            expires_at=min(until, draft.decision_until) if draft.decision_until else until,
            service_ids=tuple(request.choice.service_ids),
        )
    )
    draft.method = Method.ONLINE
    _choose(draft, request.choice.service_ids, LineState.QUOTED)
    return Outcome(Action.CONFIRM_SERVICES, to, "online payment")


def choose_cash(draft: Booking, request: ChooseCash, now: datetime) -> Outcome:
    """The customer takes cash for the lines on the table; at the door it opens the collection instead."""
    if draft.status is not State.ANALYSED:
        return _open_collection(draft, request, now)
    to = LIFECYCLE.after(draft.status, Action.CHOOSE_CASH, request.actor.role)
    service_ids = cash_lines(draft)
    amount = chosen_amount(draft, ConfirmServices(request.actor, service_ids, Method.OFFLINE))
    _agree_on_cash(draft, service_ids, amount, now)
    return Outcome(Action.CHOOSE_CASH, to, "cash on delivery")


def cash_lines(booking: Booking) -> tuple[int, ...]:
    """The lines that cash without a list means: those chosen for an order before, else the requested ones."""
    chosen = next((p.service_ids for p in reversed(booking.payments) if p.service_ids), ())
    return chosen or tuple(line.service_id for line in booking.lines if line.origin == "requested")


def take(draft: Booking, request: TakePayment, now: datetime) -> Outcome:
    """Captured money confirms the lines it was asked for, and work can begin."""
    to = LIFECYCLE.after(draft.status, Action.PAY, request.actor.role)
    payment = _row_of(draft, request.payment.order_id)
    if not wanted(draft, payment) or payment.amount != request.payment.amount:
        raise refuse(draft, Action.PAY, "this money is not what the booking waits for")
    _supersede(draft, but=payment)
    payment.status, payment.payment_id, payment.captured_at = PaymentStatus.SUCCESS, request.payment.payment_id, now
    draft.method = Method.ONLINE
    if draft.status is State.ANALYSED:
        _choose(draft, payment.service_ids, LineState.CONFIRMED)
    else:
        _no_cash_then(draft)
    return Outcome(Action.PAY, to, f"{rupees(payment.amount)} received online")


def wanted(booking: Booking, payment: Payment) -> bool:
    """The booking still waits for the money of this order, also when its window is over."""
    if payment.superseded or payment.spent or payment.status is PaymentStatus.SUCCESS:
        return False
    if booking.status is State.ANALYSED:
        return payment.amount == of_lines(booking.lines_of(payment.service_ids), booking)
    return booking.collection_open and payment.amount == totals(booking).due


def note_failure(draft: Booking, request: NotePaymentFailure, now: datetime) -> Outcome:
    """An attempt failed: recorded as an attempt only, the order stays payable.

    Wrong money that is held but never taken blocks its order at the provider: the next choice makes a new one.
    """
    to = LIFECYCLE.after(draft.status, Action.PAYMENT_FAILED, request.actor.role)
    payment = _row_of(draft, request.payment.order_id)
    payment.failed_attempts = (*payment.failed_attempts, request.payment.payment_id)
    asked_for = (request.payment.amount, request.payment.currency) == (payment.amount, CURRENCY)
    if request.payment.status == "authorized" and payment.live and not asked_for:
        payment.spent, payment.status = True, PaymentStatus.FAILED
    return Outcome(Action.PAYMENT_FAILED, to, request.note or request.payment.error)


def lapse(draft: Booking, request: LapseOrder, now: datetime) -> Outcome:
    """The payment window is over; the customer may confirm again until the decision deadline."""
    to = LIFECYCLE.after(draft.status, Action.EXPIRE, request.actor.role)
    _row_of(draft, request.order_id).status = PaymentStatus.FAILED
    return Outcome(Action.EXPIRE, to, "the payment window is over")


def verify_cash(draft: Booking, request: VerifyCash, now: datetime) -> Outcome:
    """Cash counts only when it equals the amount due, to the paisa."""
    to = LIFECYCLE.after(draft.status, Action.VERIFY_CASH, request.actor.role)
    at_work(draft, request.actor, Action.VERIFY_CASH, Job.DROP)
    due = totals(draft).due
    if due == 0:
        raise refuse(draft, Action.VERIFY_CASH, "nothing is due on this booking")
    if request.amount != due:
        raise AmountMismatch(f"{rupees(request.amount)} was collected, {rupees(due)} is due", due=rupees(due))
    _supersede(draft)
    row = next((p for p in draft.payments if p.method is Method.OFFLINE and p.status is PaymentStatus.PENDING), None)
    if row is None:
        row = Payment(draft.next_child(), _leg(draft), Method.OFFLINE, due, PaymentStatus.PENDING, now)
        draft.payments.append(row)
    row.status, row.captured_at, row.collected_by = PaymentStatus.SUCCESS, now, request.actor.id
    draft.collection_open, draft.method, draft.payment_refused = False, Method.OFFLINE, None
    return Outcome(Action.VERIFY_CASH, to, f"{rupees(due)} received in cash")


def refuse_payment(draft: Booking, request: RefusePayment, now: datetime) -> Outcome:
    """The car stays with the mechanic and an admin is asked; it can still be paid, in cash or online."""
    to = LIFECYCLE.after(draft.status, Action.REFUSE_PAYMENT, request.actor.role)
    at_work(draft, request.actor, Action.REFUSE_PAYMENT, Job.DROP)
    due = totals(draft).due
    if due == 0:
        raise refuse(draft, Action.REFUSE_PAYMENT, "nothing is due on this booking")
    draft.payment_refused = request.reason or "no reason was given"
    return Outcome(Action.REFUSE_PAYMENT, to, f"{rupees(due)} was not paid at the door: {draft.payment_refused}")


def record_invoice(draft: Booking, request: RecordInvoice, now: datetime) -> Outcome:
    """The books have numbered an invoice or a credit note of this booking."""
    to = LIFECYCLE.after(draft.status, Action.ISSUE_INVOICE, request.actor.role)
    if request.kind == "invoice":
        draft.invoices.append(Invoice(request.id, request.leg, request.number, now, request.amount))
    else:
        draft.credit_notes.append(CreditNote(request.number, now, request.amount, request.invoice_number or ""))
    return Outcome(Action.ISSUE_INVOICE, to, request.number)


def _open_collection(draft: Booking, request: ChooseCash, now: datetime) -> Outcome:
    to = LIFECYCLE.after(draft.status, Action.OPEN_COLLECTION, request.actor.role)
    if request.actor.role is Role.MECHANIC:
        at_work(draft, request.actor, Action.OPEN_COLLECTION, Job.DROP)
    due = totals(draft).due
    if due == 0:
        raise refuse(draft, Action.OPEN_COLLECTION, "nothing is due on this booking")
    draft.collection_open = True
    if request.order is not None:
        _offer_online(draft, request.order, due, now)
    return Outcome(Action.OPEN_COLLECTION, to, f"{rupees(due)} to collect")


def _offer_online(draft: Booking, order: ProviderOrder, due: Paise, now: datetime) -> None:
    """At the door the customer may pay a fresh order instead of cash; it stays open until either is paid."""
    if order.amount != due:
        raise AmountMismatch(f"the order is over {rupees(order.amount)}, {rupees(due)} is due")
    _supersede(draft)
    pending, online = PaymentStatus.PENDING, Method.ONLINE
    row = Payment(draft.next_child(), _leg(draft), online, due, pending, now, order_id=order.order_id)
    draft.payments.append(row)


def _no_cash_then(draft: Booking) -> None:
    """Paid online at the door: no cash is waited for any more."""
    draft.collection_open, draft.payment_refused = False, None
    for payment in draft.payments:
        if payment.method is Method.OFFLINE and payment.status is PaymentStatus.PENDING:
            payment.superseded, payment.status = True, PaymentStatus.FAILED


def _leg(draft: Booking) -> str:
    return FEE_LEG if draft.status is State.CANCELLED else SERVICE_LEG


def _agree_on_cash(draft: Booking, service_ids: tuple[int, ...], amount: Paise, now: datetime) -> None:
    _supersede(draft)
    draft.method = Method.OFFLINE
    _choose(draft, service_ids, LineState.CONFIRMED)
    draft.payments.append(
        Payment(
            draft.next_child(), SERVICE_LEG, Method.OFFLINE, amount, PaymentStatus.PENDING, now, service_ids=service_ids
        )
    )


def _supersede(draft: Booking, but: Payment | None = None) -> None:
    """Orders that no longer stand: should their money still come, it goes back whole."""
    for payment in draft.payments:
        if payment.method is Method.ONLINE and payment is not but and payment.status is not PaymentStatus.SUCCESS:
            payment.superseded, payment.status = True, PaymentStatus.FAILED


def _choose(draft: Booking, service_ids: Iterable[int], state: LineState) -> None:
    chosen = set(service_ids)
    for line in draft.lines:
        line.state = state if line.service_id in chosen else LineState.DECLINED
        line.price = line.quote if state is LineState.CONFIRMED and line.service_id in chosen else None


def _row_of(draft: Booking, order_id: str | None) -> Payment:
    row = next((p for p in draft.payments if p.order_id == order_id and p.method is Method.ONLINE), None)
    if row is None:
        raise NotFound(f"order {order_id} is not of this booking")
    return row
