"""What the shop has paused, by the clock of the database: a pause whose time is over is none."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from domain.shop_pauses import Pause, Paused

_CURRENT = """
    SELECT what, created_at, until, reason, now() AS asked_at FROM pauses
    WHERE (until IS NULL OR until > now())
"""
_ALL = text(f"{_CURRENT} ORDER BY what")
_ONE = Prepared(f"{_CURRENT} AND what = :what")
_PAUSE = text(
    """
    INSERT INTO pauses (what, until, reason) VALUES (:what, :until, :reason)
    ON CONFLICT (what) DO UPDATE SET until = excluded.until, reason = excluded.reason,
        created_at = CASE WHEN pauses.until <= now() THEN now() ELSE pauses.created_at END
    """
)
_RESUME = text(
    "DELETE FROM pauses WHERE what = ANY(CAST(:which AS text[])) RETURNING what, until IS NULL OR until > now() AS held"
)


class Pauses:
    """The pauses of a shop, for all its kinds; ``timezone`` is that of its clock."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database = database
        self.timezone = timezone

    async def current(self) -> list[tuple[Pause, datetime]]:
        """Those that hold now, each with the moment at which that was asked."""
        async with self._database.read.connect() as connection:
            return [(_pause(row), row["asked_at"]) for row in (await connection.execute(_ALL)).mappings()]

    async def holding(self, what: Paused) -> tuple[Pause, datetime] | None:
        """The pause of this, if it holds now, with the moment at which that was asked."""
        row = await self._database.row(_ONE, what=what)
        return (_pause(row), row["asked_at"]) if row is not None else None

    async def must_not_hold(self, what: Paused) -> None:
        """Raises BookingsPaused or PaymentsPaused where that is paused now."""
        if (found := await self.holding(what)) is not None:
            pause, now = found
            raise pause.refusal(now, self.timezone)

    async def payments_must_be_taken(self) -> None:
        """Raises PaymentsPaused where payments are."""
        await self.must_not_hold(Paused.PAYMENTS)

    async def pause(self, what: Paused, until: datetime | None, reason: str) -> None:
        """From now on; a pause that holds gets another end and reason."""
        async with self._database.write.begin() as connection:
            await connection.execute(_PAUSE, {"what": what, "until": until, "reason": reason})

    async def resume(self, which: Collection[Paused]) -> list[Paused]:
        """Not any more; answers what was paused."""
        async with self._database.write.begin() as connection:
            rows = await connection.execute(_RESUME, {"which": list(which)})
            return sorted(Paused(row.what) for row in rows if row.held)


def _pause(row: Any) -> Pause:
    return Pause(Paused(row["what"]), row["created_at"], row["until"], row["reason"])
