"""Reviews in rows: lists of what somebody received or gave, reports of unfit ones, taking one out of sight.

They are written by their bookings alone. Until both are in, or the time for them is over, one is known to its author
and to admins only; afterwards to everybody, unless an admin hides it.
"""

from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.driver import ConnectionRunner
from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from adapters.postgres.statements import Json, one, write
from domain.errors import Duplicate, NotFound
from domain.people import Actor, Role
from kinds.local_services.postgres.audit import record
from kinds.local_services.postgres.reputations import renew

_HIDDEN = "EXISTS (SELECT FROM hidden_reviews AS h WHERE h.review_id = r.id)"
_OPEN = f"(r.published_at IS NOT NULL AND NOT {_HIDDEN})"
_ROWS = f"""
    SELECT r.id, r.booking_id, r.reviewer_id, r.reviewee_id, r.rating, r.comment,
        {INSTANT.format("r.created_at")} AS created_at, r.published_at IS NOT NULL AS published, {_HIDDEN} AS hidden,
        coalesce(r.published_at, r.created_at) AS place_since
    FROM reviews AS r
"""  # noqa: S608 - constants of ours
_SEEN = f"({_OPEN} OR CAST(:everything AS boolean) OR r.reviewer_id = CAST(:viewer AS text))"
_NEWEST = (SortColumn("place_since", "timestamptz", descending=True), SortColumn("id", descending=True))
_WITH_FLAGS = """
    SELECT r.id, (SELECT json_agg(json_build_object('id', f.id, 'flagged_by', f.flagged_by, 'reason', f.reason)
        ORDER BY f.id) FROM review_flags AS f WHERE f.review_id = r.id) AS flags,
"""
_REPORTED = "WHERE EXISTS (SELECT FROM review_flags AS f WHERE f.review_id = r.id)"

RECEIVED = Listing(
    f"{_ROWS} WHERE r.reviewee_id = :user_id AND {_OPEN}",
    _NEWEST,
    beside="""
        SELECT json_build_object('number', count(*), 'average', round(avg(r.rating), 2)::text) FROM reviews AS r
        WHERE r.reviewee_id = :user_id AND r.published_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM hidden_reviews AS h WHERE h.review_id = r.id)
    """,
)
"""Those that a person received, the newest first; beside them their number and average."""
GIVEN = replace(RECEIVED, rows=f"{_ROWS} WHERE r.reviewer_id = :user_id AND {_SEEN}")
"""Those that a person wrote; beside them number and average of what they received."""
FLAGGED = Listing(_ROWS.replace("SELECT r.id,", _WITH_FLAGS, 1) + _REPORTED, _NEWEST)
"""Those that somebody reported, with the reasons; for admins."""
_ONE = f"{_ROWS} WHERE r.id = :id AND {_SEEN}"
_PUBLISHED = f"SELECT r.id FROM reviews AS r WHERE r.id = :id AND {_OPEN}"  # noqa: S608 - constants of ours
_FLAG = """
    INSERT INTO review_flags (review_id, flagged_by, reason) VALUES (:id, :by, :reason)
    ON CONFLICT (review_id, flagged_by) DO NOTHING RETURNING id
"""
_FLAG_ROW = f"""
    SELECT f.id, f.review_id, f.reason, {INSTANT.format("f.created_at")} AS created_at FROM review_flags AS f
    WHERE f.id = :id
"""  # noqa: S608 - constants of ours
_HIDE = text("INSERT INTO hidden_reviews (review_id, hidden_by) VALUES (:id, :by) ON CONFLICT (review_id) DO NOTHING")
_SHOW = text("DELETE FROM hidden_reviews WHERE review_id = :id")


def viewed_by(viewer: Actor | None) -> Json:
    """The parameters that say what somebody sees of unpublished and hidden ones."""
    return {"viewer": viewer.id if viewer else None, "everything": viewer is not None and viewer.role == Role.ADMIN}


async def review(connection: AsyncConnection, review_id: int, viewer: Actor | None) -> Json:
    """One review.

    Raises:
        NotFound: there is none, or it is not for this viewer.
    """
    found = await one(connection, _ONE, id=review_id, **viewed_by(viewer))
    if found is None:
        raise NotFound(f"there is no review {review_id}")
    return found


async def flag(connection: AsyncConnection, review_id: int, by: str, reason: str) -> Json:
    """A report of a published review.

    Raises:
        NotFound: there is none.
        Duplicate: the same person has reported it already.
    """
    if await one(connection, _PUBLISHED, id=review_id) is None:
        raise NotFound(f"there is no review {review_id}")
    made = await write(connection, _FLAG, id=review_id, by=by, reason=reason)
    if made is None:
        raise Duplicate(f"review {review_id} is reported by you already")
    return await one(connection, _FLAG_ROW, id=made) or {}


async def hide(connection: AsyncConnection, review_id: int, admin: Actor, *, hidden: bool) -> Json:
    """Take a review out of sight, or bring it back; what its reviewee is thought of follows.

    Raises:
        NotFound: there is none.
    """
    found = await review(connection, review_id, admin)
    if found["hidden"] != hidden:
        await connection.execute(_HIDE if hidden else _SHOW, {"id": review_id, **({"by": admin.id} if hidden else {})})
        await renew(ConnectionRunner(connection), (found["reviewee_id"],))
        await record(connection, admin.id, "review-hide", "review", review_id, hidden=[found["hidden"], hidden])
    return {**found, "hidden": hidden}
