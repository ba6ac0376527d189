"""The read that is asked for most: a booking, unless it is still as it was when it was last shown. One statement.

Who may see it is asked every time, in the same statement: an unchanged booking that is not the viewer's any more is not
found.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic

from adapters.postgres.booking_queries import ENTRY, NOTHING_MORE, BookingWithTimeline, missing, with_timeline
from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.people_of_booking import EDITION_OF_KNOWN, PEOPLE, PEOPLE_EDITION
from adapters.postgres.states import reader_of
from adapters.postgres.visibility import viewer_of, visible_to
from domain.kind import B, BookingKind
from domain.people import Actor

_UNLESS_KNOWN = (
    "SELECT b.version, b.xmin AS written, p.people AS shown, w.detail AS problem,"  # noqa: S608 - constants of ours
    " hashtextextended(r.rows, 0) AS beside_now, CASE WHEN NOT k.known THEN r.rows END AS beside,"
    " CASE WHEN NOT k.known THEN b.state::text END AS state,"
    f" CASE WHEN NOT k.known THEN {PEOPLE} END AS people,"
    f" CASE WHEN NOT k.known THEN (SELECT coalesce(json_agg({ENTRY} ORDER BY e.version), '[]')::text"
    " FROM booking_events AS e WHERE e.booking_id = b.id) END AS timeline"
    " FROM bookings AS b LEFT JOIN workflow_problems AS w ON w.booking_id = b.id"
    # Who is in a booking is written with its row: while that is the same, nobody has to look for them again.
    f" CROSS JOIN LATERAL (SELECT CASE WHEN b.xmin = CAST(:written AS xid) THEN {EDITION_OF_KNOWN}"
    f" ELSE {PEOPLE_EDITION} END AS people) AS p"
    " CROSS JOIN LATERAL (SELECT {shown} AS rows) AS r"
    " CROSS JOIN LATERAL (SELECT coalesce(b.xmin = CAST(:written AS xid) AND p.people = CAST(:shown AS bigint)"
    " AND hashtextextended(r.rows, 0) IS NOT DISTINCT FROM CAST(:beside AS bigint)"
    " AND w.detail IS NOT DISTINCT FROM CAST(:problem AS text), false) AS known) AS k"
    " WHERE b.id = :id AND {visible}"
)
_NOTHING: dict[str, Any] = {"written": None, "shown": None, "problem": None, "people": None, "beside": None}


@dataclass(frozen=True, slots=True)
class Edition:
    """What a view of a booking depends on, beside its viewer: of equal ones the views are equal.

    ``written``: by which transaction the row was, for two transitions can have one version when a worker has died
    between them. ``shown``: of the ``people`` in it, by their ids. ``problem``: with its workflow. ``beside``: of what
    the storage of the kind has beside the state.
    """

    version: int
    written: int
    shown: int
    problem: str | None
    people: tuple[str, ...]
    beside: int | None = None


class BookingEditions(Generic[B]):
    """The bookings of one kind, as far as they are not known."""

    def __init__(self, database: Database, kind: BookingKind[B], shown: str = NOTHING_MORE) -> None:
        self._database = database
        self._kind = kind
        self._shown = shown
        self._state = reader_of(kind.state)

    async def unless_known(
        self, booking_id: int, viewer: Actor, known: Edition | None
    ) -> tuple[Edition, BookingWithTimeline[B] | None]:
        """The edition as it is now, and the booking unless that is the known one.

        Raises:
            NotFound: there is no such booking, or it is not the viewer's (any more).
        """
        seen = _NOTHING if known is None else {name: getattr(known, name) for name in _NOTHING}
        statement = _statement(visible_to(viewer.role), self._shown)
        row = await self._database.row(statement, id=booking_id, **viewer_of(self._kind, viewer), **seen)
        if row is None:
            raise missing(booking_id)
        if row["state"] is None and known is not None:
            return known, None
        seen_now = with_timeline(self._state, row)
        edition = (row["version"], row["written"], row["shown"], row["problem"], tuple(seen_now.people))
        return Edition(*edition, row["beside_now"]), seen_now


@cache
def _statement(visible: str, shown: str) -> Prepared:
    return Prepared(_UNLESS_KNOWN.format(visible=visible, shown=shown))
