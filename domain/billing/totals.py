"""What a booking costs: charges, GST per charge, totals, all in paise."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Payment
from domain.booking import Booking
from domain.money import Paise, percent_of, to_whole_rupee


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing that has to be paid for, before GST; ``unit`` in paise. ``leg`` says which invoice it belongs to."""

    leg: str
    description: str
    sac: str
    quantity: int
    unit: Paise

    @property
    def amount(self) -> Paise:
        """Unit x quantity."""
        return self.unit * self.quantity


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


def price(charges: Sequence[Charge], booking: Booking) -> Totals:
    """Totals of these charges at the booking's rate, against what was paid and went back."""
    amounts = [charge.amount for charge in charges]
    taxes = [gst(amount, booking.rate, same_state=booking.policy.same_state) for amount in amounts]
    before = sum(amounts) + sum(tax.total for tax in taxes)
    return Totals(
        subtotal=sum(amounts),
        gst_percent=booking.rate,
        cgst=sum(tax.cgst for tax in taxes),
        sgst=sum(tax.sgst for tax in taxes),
        igst=sum(tax.igst for tax in taxes),
        # A cancellation is not rounded: a refund leaves exactly the fee and its GST, and nothing may stay due.
        round_off=to_whole_rupee(before) if booking.policy.round_to_rupee and booking.cancellation is None else 0,
        paid=paid(booking),
        refunded=sum(refund.amount for refund in booking.refunds if refund.status is RefundStatus.PROCESSED),
        given=_given(booking),
    )


def paid(booking: Booking) -> Paise:
    """Everything that came in, but unwanted money that goes back, by us or by the bank: it never pays for anything."""
    leaving = {refund.payment_row for refund in booking.refunds if refund.unsettled}
    received = [payment for payment in booking.payments if payment.status is PaymentStatus.SUCCESS]
    wanted = sum(payment.amount for payment in received if not payment.superseded)
    return wanted + sum(
        _gone(booking, payment) if payment.id in leaving else payment.amount - _taken(booking, payment)
        for payment in received
        if payment.superseded
    )


def _gone(booking: Booking, payment: Payment) -> Paise:
    """What of unwanted money has gone back while more of it is to go: what is due counts it as refunded as well."""
    return _refunded(booking, payment) if booking.policy.unwanted_is_not_due else 0


def _taken(booking: Booking, payment: Payment) -> Paise:
    """What the bank took of unwanted money, as far as it was still with us: the rest went back twice, our loss."""
    taken = booking.charged_back(payment.payment_id)
    if not booking.policy.loss_is_not_due:
        return taken
    return min(taken, max(0, payment.amount - _refunded(booking, payment)))


def _refunded(booking: Booking, payment: Payment) -> Paise:
    back = [each for each in booking.refunds if each.payment_row == payment.id]
    return sum(refund.amount for refund in back if refund.status is RefundStatus.PROCESSED)


def _given(booking: Booking) -> Paise:
    kept = {payment.id for payment in booking.payments if not payment.superseded}
    by_hand = [refund for refund in booking.refunds if refund.by_hand and refund.payment_row in kept]
    return sum(refund.amount for refund in by_hand if refund.status is RefundStatus.PROCESSED)
