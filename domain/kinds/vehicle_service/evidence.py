"""What follows from the fetched facts about an order.

Pure, and it reads what was fetched and nothing else: the order and the number of the reports cannot matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.kinds.vehicle_service import requests as ask
from domain.kinds.vehicle_service.booking import Booking, Payment
from domain.kinds.vehicle_service.life import State
from domain.kinds.vehicle_service.rules.paying import wanted
from domain.money import rupees
from domain.payments import (
    Expected,
    OrderEvidence,
    PaymentStatus,
    ProviderPayment,
    ProviderRefund,
    RefundStatus,
    Verdict,
    judge,
)

NOT_TAKEN = "the payment came too late and was not taken; the bank releases the money by itself"
_UNEXPECTED = "the payment was not expected any more"
_MISMATCH = "the payment does not match what was asked for"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A payment to capture first (then fetch again), and what the booking has to be told, in this order."""

    capture: ProviderPayment | None = None
    requests: tuple[ask.Request, ...] = ()

    @property
    def news(self) -> bool:
        """There is anything to do."""
        return self.capture is not None or bool(self.requests)


def conclude(booking: Booking, evidence: OrderEvidence) -> Conclusion:
    """What to do about an order of this booking; nothing about one that is not."""
    order_id = evidence.order.order_id
    row = next((payment for payment in booking.payments if payment.order_id == order_id), None)
    if row is None:
        return Conclusion()
    consumed = tuple(p.payment_id for p in booking.payments if p.payment_id is not None)
    verdict = judge(Expected(order_id, row.amount, consumed, wanted(booking, row)), evidence)
    return Conclusion(verdict.capture, (*_of_payments(booking, row, verdict), *_of_refunds(booking, evidence)))


def returned_before(booking: Booking, order_id: str) -> list[str]:
    """The payments of an order whose refunds we know of: what became of them is fetched with the order."""
    ours = {payment.payment_id for payment in booking.payments if payment.order_id == order_id}
    return sorted({refund.payment_id for refund in booking.refunds if refund.payment_id in ours})


def _of_payments(booking: Booking, row: Payment, verdict: Verdict) -> Iterator[ask.Request]:
    if verdict.confirm is not None:
        yield ask.TakePayment(verdict.confirm)
    wrong = {payment.payment_id for payment in verdict.mismatched}
    for payment in verdict.send_back:
        yield ask.ReturnMoney(payment, _MISMATCH if payment.payment_id in wrong else _why_back(booking))
    for payment in verdict.mismatched:
        key = f"mismatch {payment.payment_id}"
        if key not in booking.alerted:
            asked = f"{rupees(payment.amount)} {payment.currency} came for an order over {rupees(row.amount)} INR"
            yield ask.Alert(key, f"{asked}: {payment.payment_id}", lasting=True)
    if verdict.confirm is None and row.status is not PaymentStatus.SUCCESS:
        yield from _of_attempts(booking, row, verdict)


def _of_attempts(booking: Booking, row: Payment, verdict: Verdict) -> Iterator[ask.Request]:
    """An attempt that failed, or that came too late, is told once."""
    for payment in verdict.failed_attempts:
        if _payable(booking, row) and payment.payment_id not in row.failed_attempts:
            yield ask.NotePaymentFailure(payment)
    for payment in verdict.left_alone:
        if verdict.capture is None and payment.payment_id not in row.failed_attempts:
            yield ask.NotePaymentFailure(payment, NOT_TAKEN)


def _of_refunds(booking: Booking, evidence: OrderEvidence) -> Iterator[ask.Request]:
    keys = {refund.key for refund in booking.refunds}
    ours = {payment.payment_id for payment in booking.payments if payment.payment_id is not None}
    for fact in evidence.refunds:
        known = next((refund for refund in booking.refunds if refund.refund_id == fact.refund_id), None)
        if known is not None:
            if _turned(known.status, fact) and (known.by_hand or known.status is RefundStatus.PROCESSED):
                note = f"refund {fact.refund_id} {fact.status}, after it was {known.status}"
                status = RefundStatus(fact.status)
                yield ask.RecordRefund(known.id, status, fact.refund_id, note=note, again=not known.by_hand)
        elif fact.payment_id in ours and fact.receipt not in keys:
            yield ask.AdoptRefund(fact)


def _turned(status: RefundStatus, fact: ProviderRefund) -> bool:
    """A provider's word that is older than ours (pending) is no news."""
    return fact.status != status and fact.status != RefundStatus.PENDING


def _payable(booking: Booking, row: Payment) -> bool:
    return row.live or (booking.status is State.ANALYSED and not row.superseded)


def _why_back(booking: Booking) -> str:
    return "the booking was cancelled" if booking.cancellation else _UNEXPECTED
