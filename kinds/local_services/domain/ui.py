"""What an admin reads in the Temporal UI about one booking. No names, no address."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.money import rupees
from domain.ui_texts import UiTexts
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.parts import Offer
from kinds.local_services.domain.payouts import current, share
from kinds.local_services.domain.views.parts import hours, price


def static_summary(booking: ServiceBooking) -> str:
    """One line that never changes: what, how long, when it was asked for."""
    zone = booking.policy.timezone
    return f"{booking.listing.title[:120]}, {hours(booking.duration)} h, {_local(booking, booking.starts_at)} ({zone})"


def static_details(booking: ServiceBooking) -> str:
    """The lines that never change, for the top of the workflow's page."""
    listing = booking.listing
    return f"Booking {booking.id} of {booking.requester} with {booking.provider}: listing {listing.id}, {listing.unit}"


def lines(booking: ServiceBooking) -> Iterator[str]:
    """Price and offers, and what the provider gets."""
    yield f"Price: {price(booking.total) or 'none yet'}"
    if paid_with(booking) is not None:
        made = current(booking)
        state = made.state if made is not None else "pending"
        yield f"Payout: {rupees(share(booking))}, {state}"
    yield "\n".join(_offer(booking, offer) for offer in booking.offers)


def _offer(booking: ServiceBooking, offer: Offer) -> str:
    what = f"{price(offer.total) or 'no price'}, {_local(booking, offer.starts_at)}, {hours(offer.duration)} h"
    return f"- offer {offer.id} by {offer.by}: {what} ({offer.state})"


def _assignee(booking: ServiceBooking) -> tuple[str, str]:
    return booking.provider, booking.provider


def _scheduled_at(booking: ServiceBooking) -> datetime:
    return booking.starts_at


def _status_note(booking: ServiceBooking) -> str:
    return f" · {booking.cancellation.cause}" if booking.cancellation else ""


def _local(booking: ServiceBooking, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).strftime("%d %b %H:%M")


UI = UiTexts(
    static_summary=static_summary,
    static_details=static_details,
    stages=(Status.REQUESTED, Status.ACCEPTED, Status.IN_PROGRESS, Status.COMPLETED),
    assignee=_assignee,
    assignee_title="Provider",
    scheduled_at=_scheduled_at,
    status_note=_status_note,
    lines=lines,
)
