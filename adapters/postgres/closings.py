"""Months whose books are closed. What keeps them closed are triggers (``migrations/engine/v0008_books.py``)."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from adapters.postgres.database import Database
from domain.books.months import BookMonth, Month
from domain.errors import Conflict, NotFound, Unavailable

# Below deadlock_timeout (1 s): no session that waits for us starts a deadlock check, so none is aborted for our sake.
_LOCK_WITHIN_MS = 700
_BETWEEN_TRIES = 1.0
_GIVE_UP_AFTER = 120.0
_BUSY = ("55P03", "57014", "40P01")

_COLUMNS = "id, month, since, until, timezone, layout, closed_at, digest"
_FIND = text(f"SELECT {_COLUMNS} FROM book_closings WHERE month = :month AND reopened_at IS NULL")  # noqa: S608
_LOCK = "LOCK TABLE ledger_entries, documents, settlements, settlement_items IN SHARE MODE"
_OVER = text("SELECT CAST(:until AS timestamptz) <= now()")
_CLOSE = text(
    "INSERT INTO book_closings (month, since, until, timezone, layout)"
    " VALUES (:month, :since, :until, :timezone, :layout) ON CONFLICT DO NOTHING"
)
_SEAL = text("UPDATE book_closings SET digest = :digest, layout = :layout WHERE id = :id AND digest IS NULL")
_REOPEN = text(
    "UPDATE book_closings SET reopened_at = now(), reason = :reason WHERE month = :month AND reopened_at IS NULL"
    " RETURNING id"
)


@dataclass(frozen=True, slots=True)
class Closing:
    """A month that is closed; ``digest`` and ``layout`` are those of the sheets that were made then."""

    id: int
    month: str
    since: datetime
    until: datetime
    timezone: str
    layout: int
    closed_at: datetime
    digest: str | None


class Closings:
    """Closes months and opens them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, month: Month) -> Closing | None:
        """The closing of a month, while it is closed."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_FIND, {"month": str(month)})).first()
        return Closing(**row._mapping) if row else None

    async def close(self, book: BookMonth, layout: int) -> Closing:
        """From here nothing is dated into the month any more; of a month that is closed already the closing of then.

        Raises:
            Conflict: the month is not over.
            Unavailable: the tables were in use all the time.
        """
        given = {"month": str(book.month), "since": book.since, "until": book.until}
        until = time.monotonic() + _GIVE_UP_AFTER
        while not await self._try(given | {"timezone": book.zone.key, "layout": layout}):
            if time.monotonic() > until:
                raise Unavailable("ledger and documents were in use all the time; the month is open still")
            await asyncio.sleep(_BETWEEN_TRIES)
        found = await self.find(book.month)
        if found is None:
            raise Conflict(f"{book.month} was reopened at the same time")
        return found

    async def seal(self, closing: Closing, digest: str, layout: int) -> None:
        """Keep the digest of the sheets that belong to a closing."""
        async with self._database.write.begin() as connection:
            await connection.execute(_SEAL, {"id": closing.id, "digest": digest, "layout": layout})

    async def reopen(self, month: Month, reason: str) -> None:
        """Let the month be changed again; closing and reason stay on record.

        Raises:
            NotFound: it is not closed.
        """
        async with self._database.write.begin() as connection:
            if (await connection.execute(_REOPEN, {"month": str(month), "reason": reason})).first() is None:
                raise NotFound(f"the books of {month} are not closed")

    async def _try(self, row: dict[str, Any]) -> bool:
        """Whoever is writing into the month ends first: the lock waits for them, and the next one sees the closing."""
        try:
            async with self._database.write.begin() as connection:
                if not (await connection.execute(_OVER, {"until": row["until"]})).scalar_one():
                    raise Conflict(f"{row['month']} is not over yet")
                await connection.execute(text(f"SET LOCAL lock_timeout = {_LOCK_WITHIN_MS}"))
                await connection.execute(text(_LOCK))
                await connection.execute(_CLOSE, row)
        except DBAPIError as busy:
            if getattr(busy.orig, "sqlstate", "") not in _BUSY:
                raise
            return False
        return True
