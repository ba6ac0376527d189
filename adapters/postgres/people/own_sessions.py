"""Sessions as their person sees them, and the end of one of them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.people.sessions import END, hold_person
from adapters.postgres.sql_format import INSTANT

_IS_OPEN = """
    EXISTS (SELECT FROM refresh_tokens AS r
        WHERE r.family = {} AND r.user_id = :person AND r.used_at IS NULL AND r.expires_at > now())
"""
_HAS_SESSION = text(f"SELECT {_IS_OPEN.format(':session')}")
_END_ONE = text(END.format("family = :session AND user_id = :person"))

OPEN_SESSIONS = Listing(
    f"""
    SELECT s.id, s.device, s.address, {INSTANT.format("s.began_at")} AS began_at,
        {INSTANT.format("s.last_used_at")} AS last_used_at,
        EXISTS (SELECT FROM refresh_tokens AS c WHERE c.family = s.id AND c.access_jti = :jti) AS current,
        s.began_at AS place_began
    FROM sessions AS s WHERE s.user_id = :person AND {_IS_OPEN.format("s.id")}
    """,  # noqa: S608 - constants of ours
    (SortColumn("place_began", "timestamptz", descending=True), SortColumn("id", "text")),
)
"""The sessions of ``person`` that can still be renewed, newest first; current is that of the access token ``jti``."""


async def end_session_of(connection: AsyncConnection, person_id: str, session: str) -> bool:
    """End one of a person's sessions, as a logout in it would. False if they have no such session (any more)."""
    await hold_person(connection, person_id)
    named = {"session": session, "person": person_id}
    if not (await connection.execute(_HAS_SESSION, named)).scalar_one():
        return False
    await connection.execute(_END_ONE, named)
    return True
