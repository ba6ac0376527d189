"""The way to PostgreSQL: one pool, two engines on it.

``write`` opens transactions. ``read`` runs each statement on its own, so a read is one round trip instead of three.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from settings import Stores


def asynchronous(url: str) -> URL:
    """The URL for asyncpg: ``postgresql://`` is what people write and other tools read."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


class Database:
    """The pool of one process; ``close()`` it at the end."""

    def __init__(self, stores: Stores) -> None:
        self.write: AsyncEngine = create_async_engine(
            asynchronous(stores.postgresql_url),
            pool_size=stores.postgresql_pool,
            max_overflow=0,
            pool_timeout=10,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            connect_args={"timeout": 10, "server_settings": {"timezone": "UTC", "jit": "off"}},
        )
        self.read: AsyncEngine = self.write.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(self.write.sync_engine, "checkout", _refuse_the_dead)

    async def close(self) -> None:
        """Close every connection."""
        await self.write.dispose()


def _refuse_the_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """asyncpg sees a server that went away at once: a restart costs no failed request, and no ping per checkout."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


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
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
