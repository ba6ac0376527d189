"""What a visit costs: lines, GST per line, totals, all in paise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.money import Paise, percent_of, to_whole_rupee
from kinds.vehicle_service.domain.lifecycle import State
from kinds.vehicle_service.domain.parts import Line
from kinds.vehicle_service.domain.visit import VisitBooking


@dataclass(frozen=True, slots=True)
class Tax:
    """GST on one amount: CGST and SGST in equal halves within the state, IGST across states."""

    cgst: Paise
    sgst: Paise
    igst: Paise

    @property
    def total(self) -> Paise:
        """All of it."""
        return self.cgst + self.sgst + self.igst


@dataclass(frozen=True, slots=True)
class Totals:
    """The money of a booking at one moment."""

    subtotal: Paise
    gst_percent: Decimal
    cgst: Paise
    sgst: Paise
    igst: Paise
    round_off: Paise
    paid: Paise
    refunded: Paise
    given: Paise = 0

    @property
    def total(self) -> Paise:
        """What it costs, taxes and round-off included."""
        return self.subtotal + self.cgst + self.sgst + self.igst + self.round_off

    @property
    def due(self) -> Paise:
        """What is still to come in, never negative; what staff gave back by hand (``given``) is not asked for again."""
        return max(0, self.total - self.paid + self.refunded - self.given)


def gst(amount: Paise, percent: Decimal, *, same_state: bool = True) -> Tax:
    """GST on one taxable amount; each half is rounded half up by itself, so CGST always equals SGST."""
    if same_state:
        half = percent_of(amount, percent / 2)
        return Tax(half, half, 0)
    return Tax(0, 0, percent_of(amount, percent))


def price(amounts: Sequence[Paise], booking: VisitBooking) -> Totals:
    """Totals of some taxable amounts of this booking, at its rate, against what was paid and went back."""
    taxes = [gst(amount, booking.rate, same_state=booking.policy.same_state) for amount in amounts]
    before = sum(amounts) + sum(tax.total for tax in taxes)
    return Totals(
        subtotal=sum(amounts),
        gst_percent=booking.rate,
        cgst=sum(tax.cgst for tax in taxes),
        sgst=sum(tax.sgst for tax in taxes),
        igst=sum(tax.igst for tax in taxes),
        round_off=to_whole_rupee(before) if booking.policy.round_to_rupee else 0,
        paid=paid(booking),
        refunded=sum(refund.amount for refund in booking.refunds if refund.status is RefundStatus.PROCESSED),
        given=_given(booking),
    )


def totals(booking: VisitBooking) -> Totals:
    """What the booking costs now: its lines, or the fee once it is cancelled."""
    if booking.status is State.CANCELLED:
        fee = booking.cancellation.fee if booking.cancellation else 0
        # Not rounded to a rupee: a refund leaves exactly the fee and its GST, and nothing may stay due.
        return replace(price([fee] if fee else [], booking), round_off=0)
    return price([line.amount for line in booking.kept_lines], booking)


def of_lines(lines: Sequence[Line], booking: VisitBooking) -> Paise:
    """What these lines would cost in all: the amount of an order."""
    return price([line.amount for line in lines], booking).total


def paid(booking: VisitBooking) -> Paise:
    """Everything that came in, but unwanted money that goes back, by us or by the bank: it never pays for anything."""
    leaving = {refund.payment_row for refund in booking.refunds if refund.unsettled}
    return sum(
        payment.amount - (booking.charged_back(payment.payment_id) if payment.superseded else 0)
        for payment in booking.payments
        if payment.status is PaymentStatus.SUCCESS and not (payment.superseded and payment.id in leaving)
    )


def _given(booking: VisitBooking) -> Paise:
    kept = {payment.id for payment in booking.payments if not payment.superseded}
    by_hand = [refund for refund in booking.refunds if refund.by_hand and refund.payment_row in kept]
    return sum(refund.amount for refund in by_hand if refund.status is RefundStatus.PROCESSED)


def settled(booking: VisitBooking) -> bool:
    """Nothing is left to collect."""
    return totals(booking).due == 0
