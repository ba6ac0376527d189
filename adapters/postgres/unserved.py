"""Bookings of kinds that a process does not run: a kind was taken away while some of its bookings were open."""

from collections.abc import Sequence

from sqlalchemy import text

from adapters.postgres.database import Database

_OPEN = text("SELECT kind, count(*) AS bookings FROM bookings WHERE NOT settled AND kind <> ALL(:served) GROUP BY kind")


async def unserved_bookings(database: Database, served: Sequence[str]) -> dict[str, int]:
    """How many bookings are open of each kind that is not among these."""
    async with database.read.connect() as connection:
        found = await connection.execute(_OPEN, {"served": list(served)})
        return {row.kind: row.bookings for row in found}
