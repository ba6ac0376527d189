"""Statements by asyncpg itself, on connections of SQLAlchemy's pool: where what is around a statement counts.

Each is a transaction of its own, or several are one. A connection stays with this way while one follows another: to
take it from the pool and to give it back costs more than a small statement.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cached_property, partial
from typing import Any, Protocol

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import greenlet_spawn

_NAMED = re.compile(r"(?<![:\\]):([a-z_]+)")
# The internal error is what a session says whose end has arrived, and was not yet noticed.
_LOST = (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError)
_GONE = (*_LOST, TimeoutError)
_KEPT_FOR = 1.0
"""Seconds after which an unused connection is given back."""
_PATIENCE = 0.05
"""Seconds for which a statement waits for a kept connection before it takes another one."""


class Prepared:
    """A statement with named parameters, as ``text`` has them; the driver prepares it once for each connection."""

    def __init__(self, named: str) -> None:
        self._named = named
        self.names = tuple(dict.fromkeys(_NAMED.findall(named)))
        places = {name: f"${place}" for place, name in enumerate(self.names, 1)}
        self.sql = _NAMED.sub(lambda found: places[found[1]], named).replace(r"\:", ":")

    @cached_property
    def text(self) -> TextClause:
        """The same for SQLAlchemy."""
        return text(self._named)


class StatementRunner(Protocol):
    """Runs statements: each on its own (``Database``), in a transaction of the driver, or on SQLAlchemy's."""

    async def row(self, statement: Prepared, **given: Any) -> Any:
        """The first row; None if there is none."""


class ConnectionRunner:
    """On a connection of SQLAlchemy, in its transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def row(self, statement: Prepared, **given: Any) -> Any:
        """The first row, by name; None if there is none."""
        result = await self._connection.execute(statement.text, given)
        return result.mappings().first() if result.returns_rows else None


class Transaction:
    """Statements of one transaction of the driver, one after the other."""

    def __init__(self, fetch: Callable[[Prepared, dict[str, Any]], Awaitable[Any]]) -> None:
        self._fetch = fetch

    async def row(self, statement: Prepared, **given: Any) -> Any:
        """The first row; None if there is none.

        Raises:
            DBAPIError: as SQLAlchemy says it.
        """
        try:
            return await self._fetch(statement, given)
        except (*_GONE, asyncpg.PostgresError) as error:
            raise _as_told(error, statement.sql, given) from error


class Driver:
    """Runs them, mostly on ``keeps`` connections that it keeps: a few are enough for thousands of small ones a second.

    Who finds them busy for long takes another one of the pool. ``watches`` are told of each statement.
    """

    def __init__(self, engine: Engine, keeps: int) -> None:
        self.watches: list[Callable[[str], None]] = []
        self._engine = engine
        self._keeps = keeps
        self._kept = 0
        self._idle: list[Any] = []
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._uses = 0
        self._giving_back: asyncio.TimerHandle | None = None

    async def row(self, statement: Prepared, given: dict[str, Any]) -> Any:
        """The first row; None if there is none.

        Raises:
            DBAPIError: as SQLAlchemy says it, so that nobody has to know which way a statement took.
        """
        connection, kept = await self._taken(statement.sql, given)
        try:
            row = await self._fetch(connection.driver_connection, statement, given)
        except asyncpg.PostgresError as error:
            if isinstance(error, _LOST):
                await self._drop(connection, kept, error)
            else:
                self._free(connection, kept)
            raise _as_told(error, statement.sql, given) from error
        except BaseException as error:
            # Given up in the middle, or lost: what is still on its way belongs to nobody.
            await self._drop(connection, kept, error)
            if isinstance(error, _GONE):
                raise _as_told(error, statement.sql, given) from error
            raise
        self._free(connection, kept)
        return row

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        """Several as one; whatever is raised in it takes it back.

        Raises:
            DBAPIError: as SQLAlchemy says it, of a statement or of the end.
        """
        connection, kept = await self._taken("BEGIN", {})
        session = connection.driver_connection
        try:
            async with session.transaction():
                yield Transaction(partial(self._fetch, session))
        except Exception as error:
            lost = error.connection_invalidated if isinstance(error, DBAPIError) else isinstance(error, _GONE)
            if lost:
                await self._drop(connection, kept, error)
            else:
                self._free(connection, kept)
            if isinstance(error, (*_GONE, asyncpg.PostgresError)):
                raise _as_told(error, "COMMIT", {}) from error
            raise
        except BaseException as error:
            await self._drop(connection, kept, error)
            raise
        self._free(connection, kept)

    async def _taken(self, sql: str, given: dict[str, Any]) -> tuple[Any, bool]:
        self._uses += 1
        try:
            return await self._connection()
        except (self._engine.dialect.loaded_dbapi.Error, *_LOST) as error:
            raise OperationalError(sql, given, error, connection_invalidated=True) from error

    async def _fetch(self, session: Any, statement: Prepared, given: dict[str, Any]) -> Any:
        for watch in self.watches:
            watch(statement.sql)
        return await session.fetchrow(statement.sql, *[given[name] for name in statement.names])

    def give_back(self) -> None:
        """Give back what is not in use."""
        if self._giving_back is not None:
            self._giving_back.cancel()
            self._giving_back = None
        while self._idle:
            self._kept -= 1
            self._idle.pop().close()

    async def _connection(self) -> tuple[Any, bool]:
        """A connection, and whether it is one of those that are kept."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.driver_connection.is_closed():
                return connection, True
            await self._drop(connection, True)
        if self._kept < self._keeps:
            self._kept += 1
            try:
                return await greenlet_spawn(self._engine.pool.connect), True
            except BaseException:
                self._kept -= 1
                raise
        if self._keeps and (connection := await self._next_free()) is not None:
            return connection, True
        return await greenlet_spawn(self._engine.pool.connect), False

    async def _next_free(self) -> Any:
        """One that is kept, when it is free; None if that takes too long."""
        loop = asyncio.get_running_loop()
        free = loop.create_future()
        self._waiting.append(free)
        timer = loop.call_later(_PATIENCE, _give_up, free)
        try:
            return await free
        except asyncio.CancelledError:
            if free.done() and not free.cancelled() and free.result() is not None:
                self._free(free.result(), True)
            raise
        finally:
            timer.cancel()

    def _free(self, connection: Any, kept: bool) -> None:
        if not kept:
            connection.close()
            return
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return
        self._idle.append(connection)
        if self._giving_back is None:
            self._look_again()

    async def _drop(self, connection: Any, kept: bool, error: BaseException | None = None) -> None:
        self._kept -= kept
        await greenlet_spawn(connection.invalidate, error)

    def _look_again(self) -> None:
        loop = asyncio.get_running_loop()
        self._giving_back = loop.call_later(_KEPT_FOR, self._look, self._uses)

    def _look(self, uses: int) -> None:
        if uses == self._uses:
            self.give_back()
        else:
            self._look_again()


def _give_up(free: "asyncio.Future[Any]") -> None:
    if not free.done():
        free.set_result(None)


def _as_told(error: BaseException, sql: str, given: dict[str, Any]) -> DBAPIError:
    if isinstance(error, _GONE):
        return OperationalError(sql, given, error, connection_invalidated=True)
    refused = isinstance(error, asyncpg.IntegrityConstraintViolationError)
    return (IntegrityError if refused else DBAPIError)(sql, given, error)
