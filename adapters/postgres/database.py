"""The way to PostgreSQL: one pool, two engines on it.

``write`` opens transactions. ``read`` runs each statement on its own, so a read is one round trip instead of three.
``row`` and ``transaction`` are for the few statements that are sent most: by the driver itself, at a third of the cost.

Nothing waits without a limit: the server ends a statement, a wait for a lock and an idle transaction after their
time, and finds out when the machine at the other end has gone; the driver gives up a little later than the server,
for the case that the server has gone.
"""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import URL, ExceptionContext, event, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.postgres.driver import Driver, Prepared, Transaction
from settings import Stores


def asynchronous(url: str) -> URL:
    """The URL for asyncpg: ``postgresql://`` is what people write and other tools read."""
    return make_url(url).set(drivername="postgresql+asyncpg")


KEEPALIVES = {"tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
"""For every session: a client machine that vanished keeps its locks for a minute, not for two hours."""
_DRIVER_MARGIN = 2.0  # seconds that the driver waits longer than the server


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def search_path(schema: str) -> str:
    """Where a session looks for tables: in the schema of its kind, then in the engine's."""
    return "public" if schema == "public" else f'"{schema}", public'


def _session(stores: Stores, schema: str) -> dict[str, str]:
    """What every session of the pool is told when it begins; times in milliseconds."""
    limits = {
        "statement_timeout": stores.postgresql_statement_timeout,
        "lock_timeout": stores.postgresql_lock_timeout,
        "idle_in_transaction_session_timeout": stores.postgresql_idle_timeout,
    }
    told = {name: str(limit // timedelta(milliseconds=1)) for name, limit in limits.items()}
    return {"timezone": "UTC", "jit": "off", "search_path": search_path(schema), **KEEPALIVES, **told}


class Database:
    """A pool of connections that work for one schema; ``close()`` it at the end."""

    def __init__(self, stores: Stores, schema: str) -> None:
        self.schema = schema
        patience = stores.postgresql_statement_timeout.total_seconds() + _DRIVER_MARGIN
        self.write: AsyncEngine = create_async_engine(
            asynchronous(stores.postgresql_url),
            pool_size=stores.postgresql_pool,
            max_overflow=0,
            pool_timeout=stores.postgresql_pool_timeout.total_seconds(),
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            connect_args={"timeout": 10, "command_timeout": patience, "server_settings": _session(stores, schema)},
        )
        self._driver = Driver(self.write.sync_engine, stores.postgresql_pool // 3)
        self.watches = self._driver.watches
        """Who wants to know of the statements that bypass SQLAlchemy."""
        self.read: AsyncEngine = self.write.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self.write.sync_engine, "checkout", _reject_closed_connection)
        event.listen(self.write.sync_engine, "handle_error", _discard_unusable_connection)

    async def row(self, statement: Prepared, **given: Any) -> Any:
        """The first row of a statement by the driver itself, on a connection of the same pool; None if there is none.

        Raises:
            DBAPIError: as SQLAlchemy says it.
        """
        return await self._driver.row(statement, given)

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Several such statements as one transaction; whatever is raised in it takes it back.

        Raises:
            DBAPIError: as SQLAlchemy says it, of a statement or of the end.
        """
        return self._driver.transaction()

    async def close(self) -> None:
        """Close every connection."""
        self._driver.give_back()
        await self.write.dispose()


class Pools:
    """The pools of a process that works for several schemas, each opened when it is first asked for."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._opened: dict[str, Database] = {}

    def of(self, schema: str) -> Database:
        """The pool that works for this schema."""
        if schema not in self._opened:
            self._opened[schema] = Database(self._stores, schema)
        return self._opened[schema]

    async def close(self) -> None:
        """Close every connection of every pool."""
        for database in self._opened.values():
            await database.close()


def _reject_closed_connection(connection: Any, _record: Any, _proxy: Any) -> None:
    """asyncpg sees a server that went away at once: a restart costs no failed request, and no ping per checkout."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _discard_unusable_connection(context: ExceptionContext) -> Exception | None:
    """The driver's own time is over, or a session's end has arrived that the driver has not noticed yet.

    SQLAlchemy takes neither for a lost connection. Whoever asked is told of one, so that they can ask again.
    """
    fault = context.original_exception
    ended = isinstance(fault, context.dialect.loaded_dbapi.InternalClientError)
    if not ended and not isinstance(fault, TimeoutError):
        return None
    context.is_disconnect = True
    context.invalidate_pool_on_disconnect = False
    if not ended:
        return None
    return OperationalError(context.statement or "", context.parameters, fault, connection_invalidated=True)


@dataclass
class Statements:
    """The statements that were sent while somebody counted."""

    sent: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sent)


@contextmanager
def counting(database: Database) -> Iterator[Statements]:
    """Collect the SQL statements of both engines: tests assert that a detail read is one."""
    statements = Statements()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.sent.append(statement)

    engine = database.write.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    database.watches.append(statements.sent.append)
    try:
        yield statements
    finally:
        database.watches.remove(statements.sent.append)
        event.remove(engine, "before_cursor_execute", note)
