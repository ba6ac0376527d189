"""The provider's share: transferred when the booking is paid, on hold until the work, or a decision, stands."""

from collections.abc import Iterator
from dataclasses import replace

from domain.billing.balance import refundable_of
from domain.billing.payout_steps import steps_of
from domain.billing.payouts import Payout, PayoutWish
from domain.billing.provider import RefundStatus
from domain.billing.records import Refund
from domain.money import Paise, rupees
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.money import kept, paid_with, payout_of, split


def payouts(booking: ServiceBooking) -> Iterator[PayoutWish]:
    """What the provider is to have of what is kept of the price."""
    payment = paid_with(booking)
    if payment is not None:
        yield PayoutWish(booking.provider, payment.id, share(booking), is_the_providers(booking), shares(booking))


def divided(booking: ServiceBooking) -> Paise:
    """What of the price is divided: what is kept, as far as it was still there when the share became the provider's.

    Until then, what staff gave back by hand and what the bank took is not passed on as well. A refund by hand counts
    once it has arrived, for what is taken from a share is not given back to it.
    """
    payment, made = paid_with(booking), _released(booking)
    if payment is None:
        return 0
    refunds, disputes = [each for each in booking.refunds if not _may_fail(each)], booking.disputes
    if made is not None and (then := made.released_at) is not None:
        refunds = [each for each in refunds if each.requested_at <= then]
        disputes = [each for each in disputes if each.since <= then]
    if (refunds, disputes) != (booking.refunds, booking.disputes):
        booking = replace(booking, refunds=refunds, disputes=disputes)
    return min(kept(booking), refundable_of(booking, payment))


def share(booking: ServiceBooking) -> Paise:
    """The provider's: once released it is what he has, and nothing takes it from him."""
    made = _released(booking)
    return payout_of(divided(booking), booking.rates) if made is None else made.kept


def is_the_providers(booking: ServiceBooking) -> bool:
    """Nobody can take it from the provider any more: the work is confirmed or decided on, or what is kept of a
    cancelled booking is not a no-show that may still be disputed."""
    if booking.disputed or any(_may_fail(each) for each in booking.refunds):
        return False
    if booking.cancellation is not None:
        return booking.cancellation.hold_from is None
    return booking.confirmed


def shares(booking: ServiceBooking) -> dict[str, str | None]:
    """How what is divided of the price is divided beside the provider's share, as text."""
    parts = split(divided(booking), booking.rates)
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


def _released(booking: ServiceBooking) -> Payout | None:
    made = current(booking)
    return made if made is not None and made.made and not made.on_hold else None


def _may_fail(refund: Refund) -> bool:
    """Made by staff, and the bank has not said yet what became of it."""
    return refund.by_hand and refund.status is RefundStatus.PENDING
