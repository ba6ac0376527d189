"""The provider's share: transferred when the booking is paid, on hold until the work, or a decision, stands."""

from collections.abc import Iterator

from domain.billing.payout_steps import steps_of
from domain.billing.payouts import Payout, PayoutWish
from domain.money import Paise, rupees
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.money import kept, paid_with, payout_of, split


def payouts(booking: ServiceBooking) -> Iterator[PayoutWish]:
    """What the provider is to have of what is kept of the price."""
    payment = paid_with(booking)
    if payment is not None:
        share = payout_of(kept(booking), booking.rates)
        yield PayoutWish(booking.provider, payment.id, share, is_the_providers(booking), shares(booking))


def is_the_providers(booking: ServiceBooking) -> bool:
    """Nobody can take it from the provider any more: the work is confirmed or decided on, or what is kept of a
    cancelled booking is not a no-show that may still be disputed."""
    if booking.disputed:
        return False
    if booking.cancellation is not None:
        return booking.cancellation.hold_from is None
    return booking.confirmed


def shares(booking: ServiceBooking) -> dict[str, str | None]:
    """How what is kept of the price is divided beside the provider's share, as text."""
    parts = split(kept(booking), booking.rates)
    return {
        "commission": rupees(parts.commission),
        "gst_on_commission": rupees(parts.gst_on_commission),
        "tcs": rupees(parts.tcs),
        "gst_withheld": rupees(parts.gst_withheld),
        "tax_case": str(booking.rates.tax_case),
    }


def current(booking: ServiceBooking) -> Payout | None:
    """The newest payout, whatever became of it."""
    return booking.payouts[-1] if booking.payouts else None


def under_way(booking: ServiceBooking) -> Paise | None:
    """What is to be moved next of the provider's share; None when nothing is."""
    steps = steps_of(booking, payouts(booking))
    return steps[0].amount if steps else None
