"""The switch of a restore in PostgreSQL: one transaction empties the live tables and fills them with staged rows.

No table is made or dropped, so statements that are prepared elsewhere, grants and sequences stay good, and nobody has
to connect anew. Whoever reads or writes meanwhile waits for the commit, which takes as long as the rows take to copy.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.backup import erasing, merge, rows
from adapters.backup.erasing import Erased
from adapters.backup.staging import SCHEMA, staged
from adapters.postgres.schemas import Place, Schema
from domain.backups import Restored
from domain.errors import Conflict, Unavailable

# Below deadlock_timeout (1 s): no session that waits for us starts a deadlock check, so none is aborted for our sake.
_LOCK_WITHIN_MS = 700
_BETWEEN_TRIES = 1.0
_GIVE_UP_AFTER = 120.0
_NAMED = 1000  # so many bookings are named one by one
_BUSY = ("55P03", "57014", "40P01")


class Switch:
    """Replaces rows by staged rows."""

    def __init__(self, postgresql_url: str, schemas: tuple[Schema, ...]) -> None:
        self._url = postgresql_url
        self._schemas = schemas

    async def run(
        self,
        *,
        keep_bookings: bool,
        before: Callable[[str, Restored], Awaitable[None]],
        beside: Callable[[Sequence[Erased]], Awaitable[None]],
    ) -> Restored:
        """All or nothing. ``before`` hears the transaction's id and what it does; ``beside`` is done last, with all who
        have left, then commit.

        Raises:
            Unavailable: the tables were busy all the time.
            Conflict: what is to be kept and what is to be restored cannot stand together.
        """
        engine = rows.engine(self._url)
        try:
            async with engine.connect() as connection:
                await _lock_everything(connection, rows.kept(self._schemas))
                try:
                    found = await _replace(connection, self._schemas, keep_bookings)
                except DBAPIError as refused:
                    if str(getattr(refused.orig, "sqlstate", "")).startswith("23"):
                        raise Conflict(f"bookings to be kept do not fit the backup: {refused.orig}"[:500]) from None
                    raise
                left = await erasing.all_who_left(connection, self._schemas)
                await erasing.erase_again(connection, self._schemas)
                number = (await connection.execute(text("SELECT pg_current_xact_id()::text"))).scalar_one()
                await before(number, found)
                await beside(left)
                await connection.commit()
            async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                await connection.execute(text("ANALYZE"))
            return found
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def nobody_leaves(self) -> AsyncIterator[Sequence[Erased]]:
        """Everybody who has left; nobody else does while the block lasts. For a restore of documents alone."""
        async with erasing.nobody_leaves(self._url, self._schemas) as left:
            yield left

    async def fate(self, transaction: str) -> str:
        """What became of a transaction: "committed", "aborted", or "in progress"."""
        engine = rows.engine(self._url)
        try:
            async with engine.connect() as connection:
                asked = await connection.execute(
                    text("SELECT pg_xact_status(CAST(CAST(:id AS text) AS xid8))"), {"id": transaction}
                )
                return asked.scalar() or "aborted"
        finally:
            await engine.dispose()


async def _lock_everything(connection: AsyncConnection, places: list[Place]) -> None:
    listed = ", ".join(place.sql for place in places)
    until = time.monotonic() + _GIVE_UP_AFTER
    while True:
        try:
            await connection.execute(text(f"SET LOCAL statement_timeout = {_LOCK_WITHIN_MS}"))
            await connection.execute(text(f"LOCK TABLE {listed} IN ACCESS EXCLUSIVE MODE"))
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            return
        except DBAPIError as busy:
            await connection.rollback()
            if getattr(busy.orig, "sqlstate", "") not in _BUSY:
                raise
            if time.monotonic() > until:
                raise Unavailable("the tables were in use all the time; nothing was changed") from None
            await asyncio.sleep(_BETWEEN_TRIES)


async def _replace(connection: AsyncConnection, schemas: tuple[Schema, ...], keep_bookings: bool) -> Restored:
    every = rows.kept(schemas)
    names = [place.name for place in every]
    ahead = await merge.ahead(connection)
    await merge.merge(connection, schemas, bookings=keep_bookings)
    await connection.execute(text("TRUNCATE " + ", ".join(place.sql for place in every)))
    for place in every:
        listed = rows.columns(place.table)
        await connection.execute(
            text(
                f"INSERT INTO {place.sql} ({listed}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - our own tables
                f"SELECT {listed} FROM {staged(place)}"
            )
        )
    await connection.execute(text(_NUMBERS_GO_ON))
    wanted = await rows.counted(connection, {place.name: staged(place) for place in every})
    found = await rows.counted(connection, {place.name: place.sql for place in every})
    if found != wanted:
        differing = sorted(name for name in names if found.get(name) != wanted.get(name))
        raise RuntimeError(f"the rows written are not those that were staged: {', '.join(differing)}")
    counts = {name: count.rows for name, count in found.items()}
    return Restored(rows=counts, bookings_ahead=len(ahead), ahead=ahead[:_NAMED])


_NUMBERS_GO_ON = f"""
    SELECT setval(format('%I.%I', e.schema, e.name)::regclass, e.last)
    FROM {SCHEMA}.sequence_ends AS e JOIN pg_sequences AS s ON s.schemaname = e.schema AND s.sequencename = e.name
    WHERE e.last > coalesce(s.last_value, 0)
"""  # noqa: S608 - a constant of ours
