"""Rows that expire, and when."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import text

from adapters.postgres.database import Database

MARGIN = timedelta(hours=1)
"""The clock that judges a token is another machine's: a revocation outlives what it revokes by this much."""
_AT_ONCE = 10_000

# table: the condition for expired rows. A refresh token's row also leads from its access token to the family.
EXPIRED = {
    "refresh_tokens": "expires_at < {then} AND access_expires_at < {then}",
    "revoked_tokens": "expires_at < {then}",
    "login_attempts": "since < {then} - CAST(:lockout AS interval)",
}
_THEN = "now() - CAST(:margin AS interval)"


class ExpiredRows:
    """Deletes expired rows of every kind in batches: no transaction is long and nobody waits for a lock."""

    def __init__(self, databases: Iterable[Database], lockout: timedelta) -> None:
        self._databases = tuple(databases)
        self._moments = {"margin": MARGIN, "lockout": lockout}

    async def purge_expired(self) -> dict[str, int]:
        """Delete expired rows; answers how many of each table."""
        return {table: await self._delete(table, expired.format(then=_THEN)) for table, expired in EXPIRED.items()}

    async def _delete(self, table: str, expired: str) -> int:
        return sum([await self._delete_in(database, table, expired) for database in self._databases])

    async def _delete_in(self, database: Database, table: str, expired: str) -> int:
        statement = text(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608 - constants of ours
            f"SELECT ctid FROM {table} WHERE {expired} LIMIT {_AT_ONCE} FOR UPDATE SKIP LOCKED))"
        )
        given = {name: moment for name, moment in self._moments.items() if f":{name}" in expired}
        total, gone = 0, _AT_ONCE
        while gone == _AT_ONCE:
            async with database.read.connect() as connection:
                gone = (await connection.execute(statement, given)).rowcount
            total += gone
        return total
