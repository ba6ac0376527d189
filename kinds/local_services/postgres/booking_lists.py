"""Lists of bookings for their parties and for admins: rows with all that a view needs.

A provider may be the requester of another booking, so what a row shows follows from the booking, not from a role.
"""

from typing import Any, Literal

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.people_of_booking import PEOPLE
from domain.people import Actor, Role
from kinds.local_services.domain.booking import KIND
from kinds.local_services.postgres.notes import SHOWN_PEOPLE

Sort = Literal["created_at", "-created_at", "scheduled_at", "-scheduled_at"]
Side = Literal["provider", "requester"]

_SIDES = {
    "provider": "s.provider_id = CAST(:viewer AS text)",
    "requester": "s.requester_id = CAST(:viewer AS text)",
    None: "CAST(:viewer AS text) IN (s.requester_id, s.provider_id)",
}
_FILTERS = {
    "statuses": "b.status = ANY(CAST(:statuses AS text[]))",
    "listing_id": "s.listing_id = :listing_id",
    "since": "s.scheduled_at >= CAST(:since AS timestamptz)",
    "until": "s.scheduled_at <= CAST(:until AS timestamptz)",
}
_ROWS = f"""
    SELECT b.id, b.state::text AS state, {PEOPLE} AS people, {SHOWN_PEOPLE} AS beside, '[]' AS timeline,
        NULL AS problem, {{placed}} AS place_at
    FROM service_bookings AS s JOIN bookings AS b ON b.id = s.booking_id
    WHERE b.kind = '{KIND}' AND {{conditions}}
"""  # noqa: S608 - constants of ours


def bookings_of(viewer: Actor, side: Side | None, sort: Sort, wanted: dict[str, Any]) -> tuple[Listing, dict[str, Any]]:
    """The list of what somebody may see, and its parameters. An admin without a side sees all bookings."""
    given = {name: value for name, value in wanted.items() if value is not None}
    conditions = [_FILTERS[name] for name in given]
    if side is not None or viewer.role != Role.ADMIN:
        conditions.append(_SIDES[side])
        given["viewer"] = viewer.id
    placed = "s.scheduled_at" if sort.endswith("scheduled_at") else "b.created_at"
    down = sort.startswith("-")
    order = (SortColumn("place_at", "timestamptz", descending=down), SortColumn("id", descending=down))
    return Listing(_ROWS.format(placed=placed, conditions=" AND ".join(conditions) or "true"), order), given
