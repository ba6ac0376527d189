"""The quote of a cancellation: GST on the fee, and what goes back. The fee itself is computed by the kind."""

from dataclasses import dataclass
from decimal import Decimal

from domain.billing.balance import SMALLEST_REFUND, refundable
from domain.billing.totals import gst
from domain.booking import Booking
from domain.money import Paise


@dataclass(frozen=True, slots=True)
class CancellationQuote:
    """What a cancellation would cost now; ``fee`` without GST, amounts in paise."""

    fee: Paise
    gst_on_fee: Paise
    refund: Paise
    allowed: bool
    reason: str | None = None

    @property
    def total(self) -> Paise:
        """The fee with its GST."""
        return self.fee + self.gst_on_fee


def quote_for(booking: Booking, fee: Paise, rate: Decimal) -> CancellationQuote:
    """Cancelling for that fee: its GST, and what is left to go back of the money that is in."""
    tax = gst(fee, rate, same_state=booking.policy.same_state).total
    captured = refundable(booking)
    refund = max(0, captured - fee - tax)
    if 0 < refund < SMALLEST_REFUND:
        # A remainder too small to refund is settled in the customer's favour: the fee gives way.
        fee, tax, refund = _lowered(captured - SMALLEST_REFUND, rate, same_state=booking.policy.same_state)
    return CancellationQuote(fee, tax, refund, allowed=True)


def gst_rate_of_fee(booking: Booking, percent: Decimal | None) -> Decimal:
    """The GST on a fee: the frozen rate, else that of the moment (0 % is a rate too), else the policy's."""
    if booking.gst_percent is not None:
        return booking.gst_percent
    return percent if percent is not None else booking.policy.gst_percent


def _lowered(total: Paise, rate: Decimal, *, same_state: bool) -> tuple[Paise, Paise, Paise]:
    """The highest fee that with its GST stays within ``total``, and the refund that it leaves."""
    fee = min(total, int(total * 100 / (100 + rate)) + 1)  # one more may still fit: both halves can round down
    while fee > 0 and fee + gst(fee, rate, same_state=same_state).total > total:
        fee -= 1
    tax = gst(fee, rate, same_state=same_state).total
    return fee, tax, total + SMALLEST_REFUND - fee - tax
