"""The door of one API process: whose token it is, from memory while that is safe, else from the rows."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.known_tokens import Known, KnownTokens
from adapters.postgres.access import AccessReads
from adapters.postgres.door_news import DoorNews
from adapters.postgres.engine import Database
from adapters.security import Tokens
from domain.errors import Unauthenticated

_MARK = "changed the door"
# What the triggers of these tables tell the processes; a new person is no news.
_CHANGE = re.compile(
    r"\b(UPDATE\s+users|DELETE\s+FROM\s+users|INSERT\s+INTO\s+revoked_tokens|"
    r"(UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(roles|permissions|role_permissions))\b",
    re.IGNORECASE,
)


@lru_cache(1000)
def changes_the_door(statement: str) -> bool:
    """Whether a statement may make a known token, person or scope wrong."""
    return _CHANGE.search(statement) is not None


class Door:
    """Lets people in by their access tokens; open from ``start()`` to ``close()``."""

    def __init__(self, database: Database, tokens: Tokens, postgresql_url: str) -> None:
        self._database = database
        self._tokens = tokens
        self._rows = AccessReads(database)
        self._known = KnownTokens()
        self._news = DoorNews(database, postgresql_url, self._known)
        event.listen(database.write.sync_engine, "before_cursor_execute", _mark)

    def start(self) -> None:
        """Begin to know tokens by heart."""
        self._news.start()

    async def close(self) -> None:
        """Know nothing any more."""
        await self._news.close()

    async def whose(self, token: str) -> Known:
        """The person behind an access token: no statement for a known one, else one for row, scopes and revocation.

        Raises:
            Unauthenticated: not genuine, expired, revoked, or the person is gone.
        """
        fingerprint, now = hashlib.sha256(token.encode()).digest(), datetime.now(UTC)
        if (known := self._known.find(fingerprint, now)) is not None:
            return known
        claims, generation = self._tokens.read("access", token), self._known.generation
        row = await self._rows.person(claims.sub, claims.jti)
        if row is None or row.revoked:
            raise Unauthenticated("the token is not valid any more")
        known = Known(row, claims.jti, claims.expires_at)
        self._known.keep(fingerprint, known, generation)
        return known

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. If it changes who may do what, the block ends when no process goes by the old state."""
        async with self._database.write.begin() as connection:
            connection.info.pop(_MARK, None)
            yield connection
            changed = connection.info.pop(_MARK, False)
        if changed:
            await self._news.everybody_heard()


def _mark(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if changes_the_door(statement):
        connection.info[_MARK] = True
