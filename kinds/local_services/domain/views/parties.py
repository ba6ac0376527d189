"""The two people of a booking, as its readers may know them."""

from domain.kind import Json, ViewContext
from domain.people import Actor
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.money import paid_with
from kinds.local_services.domain.reputation import NEWCOMER
from kinds.local_services.domain.roles import Role

PEOPLE, STILL_KNOWN = "people", "still_known"
"""What the storage tells beside the state: the two by id, and whether they still know each other: a booking that is
closed is forgotten after 30 days."""


def party_view(booking: ServiceBooking, viewer: Actor, context: ViewContext, person_id: str) -> Json:
    """A party: in full for itself and admins, for the other once the booking is paid; before, without the last name."""
    person = context.person(person_id)
    told = context.rows.get(PEOPLE, {}).get(person_id, {})
    known = viewer.id == person_id or viewer.role == Role.ADMIN or _know_each_other(booking, context)
    first, _, last = person.name.partition(" ")
    last = told.get("last_name", last)
    shape: Json = {
        "id": person_id,
        "first_name": told.get("first_name", first),
        "last_name": last if known else initial(last),
        "avatar_url": person.photo,
        "rating_avg": told.get("rating_avg"),
        "rating_count": told.get("rating_count", 0),
        "reputation": told.get("reputation", float(NEWCOMER)),
    }
    return {**shape, "phone": person.phone} if known else shape


def initial(last_name: str) -> str:
    """A last name as strangers read it: one letter and a dot."""
    return f"{last_name[0]}." if last_name else ""


def _know_each_other(booking: ServiceBooking, context: ViewContext) -> bool:
    return paid_with(booking) is not None and bool(context.rows.get(STILL_KNOWN, True))
