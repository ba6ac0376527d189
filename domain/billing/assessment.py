"""What follows from the fetched facts about an order.

Pure, and it reads what was fetched and nothing else: the order and the number of the reports cannot matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.billing.matching import ExpectedOrder, Match, match_payments
from domain.billing.provider import OrderFacts, PaymentStatus, ProviderPayment, RefundStatus
from domain.billing.records import Payment
from domain.billing.refund_attempts import known_refund, refund_is_news
from domain.booking import Booking
from domain.commands import AdoptRefund, Alert, Command, NotePaymentFailure, RecordRefund, ReturnMoney, TakePayment
from domain.kind import BookingKind, Expectation
from domain.money import rupees

NOT_TAKEN = "the payment came too late and was not taken; the bank releases the money by itself"
_UNEXPECTED = "the payment was not expected any more"
_MISMATCH = "the payment does not match what was asked for"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A payment to capture first (then fetch again), and the commands for the booking, in this order.

    ``under_way``: money that is wanted is at the bank, and will come or not; nobody can say yet.
    """

    capture: ProviderPayment | None = None
    commands: tuple[Command, ...] = ()
    under_way: bool = False

    @property
    def is_actionable(self) -> bool:
        """There is anything to do."""
        return self.capture is not None or bool(self.commands)


def assess_order(kind: BookingKind[Any], booking: Booking, facts: OrderFacts) -> Assessment:
    """What to do about an order of this booking; nothing about one that is not."""
    order_id = facts.order.order_id
    row = payment_of_order(booking, order_id)
    if row is None:
        return Assessment()
    expected = _expected_of(kind, booking, row, order_id)
    match = match_payments(expected, facts)
    commands = (*_of_payments(booking, row, match, wanted=expected.wanted), *_of_refunds(booking, facts))
    under_way = expected.capture and match.confirm is None and (match.in_flight or match.capture is not None)
    return Assessment(match.capture, commands, under_way)


def payment_of_order(booking: Booking, order_id: str) -> Payment | None:
    """What was asked for with that order; None for an order that is not this booking's."""
    return next((payment for payment in booking.payments if payment.order_id == order_id), None)


def expected_order(kind: BookingKind[Any], booking: Booking, order_id: str) -> ExpectedOrder | None:
    """What is to be paid with that order, by the state of now; None for an order that is not this booking's."""
    row = payment_of_order(booking, order_id)
    return None if row is None else _expected_of(kind, booking, row, order_id)


def awaited_orders(kind: BookingKind[Any], booking: Booking) -> list[str]:
    """The orders whose money the booking would take now, also those whose window is over: they stay payable."""
    asked = {payment.order_id: payment for payment in booking.payments if payment.status is not PaymentStatus.SUCCESS}
    return [order for order, row in asked.items() if order and _expected(kind, booking, row) is Expectation.TAKE]


def returned_before(booking: Booking, order_id: str) -> list[str]:
    """The payments of an order whose refunds we know of: what became of them is fetched with the order."""
    ours = {payment.payment_id for payment in booking.payments if payment.order_id == order_id}
    return sorted({refund.payment_id for refund in booking.refunds if refund.payment_id in ours})


def _expected_of(kind: BookingKind[Any], booking: Booking, row: Payment, order_id: str) -> ExpectedOrder:
    consumed = tuple(p.payment_id for p in booking.payments if p.payment_id is not None)
    expectation = _expected(kind, booking, row)
    wanted, capture = expectation is not Expectation.SEND_BACK, expectation is Expectation.TAKE
    return ExpectedOrder(order_id, row.amount, consumed, wanted, capture)


def _expected(kind: BookingKind[Any], booking: Booking, row: Payment) -> Expectation:
    return kind.expects(booking, row) if row.payable else Expectation.SEND_BACK


def _of_payments(booking: Booking, row: Payment, match: Match, *, wanted: bool) -> Iterator[Command]:
    if match.confirm is not None:
        yield TakePayment(match.confirm)
    wrong = {payment.payment_id for payment in match.mismatched}
    for payment in match.send_back:
        yield ReturnMoney(payment, _MISMATCH if payment.payment_id in wrong else _why_back(booking))
    for payment in match.mismatched:
        key = f"mismatch {payment.payment_id}"
        if key not in booking.alerted:
            asked = f"{rupees(payment.amount)} {payment.currency} came for an order over {rupees(row.amount)} INR"
            yield Alert(key, f"{asked}: {payment.payment_id}", lasting=True)
    if match.confirm is None and row.status is not PaymentStatus.SUCCESS:
        yield from _of_attempts(row, match, payable=row.live or wanted)


def _of_attempts(row: Payment, match: Match, *, payable: bool) -> Iterator[Command]:
    """An attempt that failed, or that came too late, is recorded once."""
    for payment in match.failed_attempts:
        if payable and payment.payment_id not in row.failed_attempts:
            yield NotePaymentFailure(payment)
    for payment in match.left_alone:
        if match.capture is None and payment.payment_id not in row.failed_attempts:
            yield NotePaymentFailure(payment, NOT_TAKEN)


def _of_refunds(booking: Booking, facts: OrderFacts) -> Iterator[Command]:
    ours = {payment.payment_id for payment in booking.payments if payment.payment_id is not None}
    for fact in facts.refunds:
        known = known_refund(booking.refunds, fact)
        if known is None:
            if fact.payment_id in ours:
                yield AdoptRefund(fact)
        elif refund_is_news(known, fact):
            note = f"refund {fact.refund_id} {fact.status}, after it was {known.status}"
            status = RefundStatus(fact.status)
            yield RecordRefund(known.id, status, fact.refund_id, note=note, again=not known.by_hand)


def _why_back(booking: Booking) -> str:
    return "the booking was cancelled" if booking.cancellation else _UNEXPECTED
