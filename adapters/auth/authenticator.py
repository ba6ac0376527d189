"""Authentication in one API process: access token to person, from the cache while its lease holds, else from rows."""

import hashlib
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.invalidation import AuthInvalidation
from adapters.auth.token_cache import CachedToken, TokenCache
from adapters.auth.tokens import Tokens
from adapters.postgres.database import Database
from adapters.postgres.people.sessions import SessionQueries
from domain.errors import SecondFactorNeeded, Unauthenticated
from domain.people import Role

_MARK = "changed auth rows"
# Statements that the triggers of these tables notify about; inserting a user invalidates nothing.
_CHANGE = re.compile(
    r"\b(UPDATE\s+users|DELETE\s+FROM\s+users|INSERT\s+INTO\s+revoked_tokens|"
    r"(UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(roles|permissions|role_permissions))\b",
    re.IGNORECASE,
)


@lru_cache(1000)
def changes_auth(statement: str) -> bool:
    """Whether a statement may make a cached token, person or scope stale."""
    return _CHANGE.search(statement) is not None


class Authenticator:
    """Finds the person of an access token; runs from ``start()`` to ``close()``."""

    def __init__(
        self, database: Database, tokens: Tokens, postgresql_url: str, *, second_factor_required: bool = False
    ) -> None:
        """``second_factor_required``: an admin who has none can do nothing but set one up."""
        self._database = database
        self._second_factor_required = second_factor_required
        self.tokens = tokens
        self._rows = SessionQueries(database)
        self._cache = TokenCache()
        self._invalidation = AuthInvalidation(database, postgresql_url, self._cache, self._changed)
        self._told: list[Callable[[str, str], None]] = []
        event.listen(database.write.sync_engine, "before_cursor_execute", _mark)

    def start(self) -> None:
        """Begin to cache tokens."""
        self._invalidation.start()

    def tell(self, told: Callable[[str, str], None]) -> None:
        """Call this whenever a "token" or a "person" is not what it was, with its id; any other kind means all of them.

        Nothing is told while there is no connection to PostgreSQL: who waits asks again after some seconds.
        """
        self._told.append(told)

    async def close(self) -> None:
        """Stop caching."""
        await self._invalidation.close()

    async def authenticate(self, token: str, *, setting_up: bool = False) -> CachedToken:
        """The person behind an access token: no statement when cached, else one for row, scopes and revocation.

        ``setting_up``: for what sets a second factor up.

        Raises:
            Unauthenticated: not genuine, expired, revoked, or the person is gone.
            SecondFactorNeeded: they have to set one up first.
        """
        known = await self._known(token)
        if not setting_up and self.must_set_up(known.row.role, second_factor=known.row.second_factor):
            raise SecondFactorNeeded("set up a second factor first: POST /auth/second-factor")
        return known

    def must_set_up(self, role: str, *, second_factor: bool) -> bool:
        """Whether somebody lacks the second factor that they have to have."""
        return self._second_factor_required and role == Role.ADMIN and not second_factor

    async def _known(self, token: str) -> CachedToken:
        fingerprint, now = hashlib.sha256(token.encode()).digest(), datetime.now(UTC)
        if (known := self._cache.get(fingerprint, now)) is not None:
            return known
        claims, generation = self.tokens.read("access", token), self._cache.generation
        row = await self._rows.person_of_token(claims.sub, claims.jti)
        if row is None or row.revoked:
            raise Unauthenticated("the token is not valid any more")
        known = CachedToken(row, claims.jti, claims.expires_at)
        self._cache.put(fingerprint, known, generation)
        return known

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. If it changes who may do what, the block ends when no process uses the old state any more."""
        async with self._database.write.begin() as connection:
            connection.info.pop(_MARK, None)
            yield connection
            changed = connection.info.pop(_MARK, False)
        if changed:
            await self._invalidation.wait_for_acks()

    def _changed(self, kind: str, subject: str) -> None:
        for told in self._told:
            told(kind, subject)


def _mark(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if changes_auth(statement):
        connection.info[_MARK] = True
