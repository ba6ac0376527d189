"""What a notice says: in the application all about the booking, on a device a line that anybody may read over a
shoulder. No address, no phone and no message stands there."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.billing.views import when
from domain.emails import BookingEmail
from domain.notices import Notice
from kinds.local_services.domain import notices
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.emails import EMAILS

_TITLES = {
    notices.STARTED: "the work has begun",
    notices.ON_THE_WAY: "your provider is on the way",
    notices.REVIEW_RECEIVED: "somebody has reviewed you",
    notices.REVIEWS_PUBLISHED: "your reviews can be read",
    notices.MESSAGE_RECEIVED: "you have a new message",
    notices.SECURITY: "something concerns your account",
}


def title_of(kind: str) -> str:
    """The first line of a push about that type; where there is a mail, its subject."""
    mail = EMAILS.get(notices.slug_of(kind))
    words = mail.subject if mail is not None else _TITLES[kind]
    return words[0].upper() + words[1:]


def told(booking: ServiceBooking) -> Iterator[Notice]:
    """What the newest move tells its people."""
    payload = {
        "booking_id": booking.id,
        "version": booking.version,
        "status": str(booking.status),
        "title": booking.listing.title,
        "scheduled_at": when(booking.starts_at),
    }
    body = f"{booking.listing.title}, {_local(booking.starts_at, booking.policy.timezone)}"
    for each in notices.notices(booking):
        yield Notice(each.person, each.type, payload, title_of(each.type), body)


def reminded(email: BookingEmail) -> Notice:
    """What a reminder tells beside its mail: no move comes with it."""
    kind, facts = notices.type_of(email.slug), email.facts
    payload = {"booking_id": email.booking_id, "title": facts["title"], "waiting": facts.get("waiting") or None}
    return Notice(email.person_id, kind, payload, title_of(kind), f"{facts['title']}, {facts['start']}")


def _local(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).strftime("%d %b %Y, %H:%M")
