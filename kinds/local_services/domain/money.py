"""The price of a service, and how what is kept of it is divided between provider, platform and the tax office.

Every amount is in paise, rounded half up by itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from domain.billing.provider import PaymentStatus
from domain.billing.records import Payment
from domain.billing.totals import Charge
from domain.money import Paise, percent_of
from kinds.local_services.domain import prices
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.errors import PriceOutOfRange
from kinds.local_services.domain.parts import Listing, Rates, TaxCase

SMALLEST_MOVE: Paise = 100
"""Below 1.00 the payment provider moves nothing."""
SERVICE_LEG = "service"


@dataclass(frozen=True, slots=True)
class Split:
    """What of an amount is whose: commission with its GST is the platform's, ``payout`` the provider's.

    ``tcs`` is withheld of a registered provider, ``gst_withheld`` is what the platform pays in place of an unregistered
    one. ``value`` is the amount without the GST that is in it.
    """

    amount: Paise
    value: Paise
    commission: Paise
    gst_on_commission: Paise
    tcs: Paise
    gst_withheld: Paise

    @property
    def payout(self) -> Paise:
        """The provider's share; never negative, whatever the rates."""
        return max(0, self.amount - self.commission - self.gst_on_commission - self.tcs - self.gst_withheld)


def split(amount: Paise, rates: Rates) -> Split:
    """How that much of a price is divided, at these rates."""
    commission = percent_of(amount, rates.commission)
    taxed = rates.tax_case is not TaxCase.NONE
    value = _without_gst(amount, rates.gst_percent) if taxed else amount
    return Split(
        amount=amount,
        value=value,
        commission=commission,
        gst_on_commission=percent_of(commission, rates.gst_percent),
        tcs=percent_of(value, rates.tcs) if rates.tax_case is TaxCase.PROVIDER else 0,
        gst_withheld=amount - value if rates.tax_case is TaxCase.PLATFORM else 0,
    )


def payout_of(amount: Paise, rates: Rates) -> Paise:
    """The provider's share of that much, as it can be paid out: below 1.00 nothing is."""
    share = split(amount, rates).payout
    return share if share >= SMALLEST_MOVE else 0


def tax_case(*, provider_gstin: str | None, platform_pays_gst: bool) -> TaxCase:
    """Who owes the GST: a registered provider himself, for some categories the platform instead of an unregistered."""
    if provider_gstin:
        return TaxCase.PROVIDER
    return TaxCase.PLATFORM if platform_pays_gst else TaxCase.NONE


def list_price(listing: Listing, duration: timedelta) -> Paise | None:
    """What the listing asks for a service of that length, with the options that were chosen; None for QUOTE."""
    chosen = [option.price for option in listing.options]
    return prices.list_price(listing.unit, listing.base_price, duration, listing.min_hours, chosen)


def must_be_payable(price: Paise | None) -> None:
    """A price lies between 1.00 and 1,000,000.00.

    Raises:
        PriceOutOfRange: it does not.
    """
    if price is not None and not prices.LOWEST <= price <= prices.HIGHEST:
        raise PriceOutOfRange("a price is 1.00 to 1000000.00")


def paid_with(booking: ServiceBooking) -> Payment | None:
    """The payment of the price; late money that goes back is none."""
    wanted = (row for row in booking.payments if row.status is PaymentStatus.SUCCESS and not row.superseded)
    return next(wanted, None)


def kept(booking: ServiceBooking) -> Paise:
    """What of the price stays with platform and provider, as far as it was ever paid."""
    if paid_with(booking) is None:
        return 0
    return (booking.total or 0) if booking.kept is None else booking.kept


def charges(booking: ServiceBooking) -> tuple[Charge, ...]:
    """What has to be paid for now: the price, or what is kept of it."""
    amount = booking.total if booking.kept is None else booking.kept
    if not amount:
        return ()
    return (Charge(SERVICE_LEG, booking.listing.title, booking.listing.sac, 1, amount),)


def _without_gst(amount: Paise, percent: Decimal) -> Paise:
    return int((amount * 100 / (100 + percent)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
