"""Invalidation of the token caches of all API processes; whoever commits a change waits until each has applied it.

A process listens on a connection of its own and queries it twice a second (a heartbeat). Notifications arrive before
the answer to whatever is asked after them, so a heartbeat covers all that was committed before it was sent: it renews
the cache's lease for ``LEASE`` seconds. ``auth_listeners`` registers who may hold a lease; a row is deleted by its
process when it suspends its cache, or by another process that found the connection dead and then waited for a lease to
run out.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.auth.token_cache import TokenCache, uptime
from adapters.postgres.database import Database, search_path
from adapters.unending import unending

LEASE = 2.0
"""Seconds by which a heartbeat renews the lease: a connection that died in silence goes unnoticed for that long."""
_HEARTBEAT = 0.5
_HEARTBEAT_TIMEOUT = 1.0
_ACK_TIMEOUT = LEASE + 0.25
_RETRY_AFTER = 1.0

_CHANGED, _ACK = "revcare_auth_", "revcare_auth_ack_"
"""Channels of a kind: the name of its schema follows, as in the triggers."""
_REGISTER = """
    INSERT INTO auth_listeners (name, pid, session_began)
    SELECT $1, pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""
_UNREGISTER = "DELETE FROM auth_listeners WHERE name = ANY($1::text[])"
_SEND_HEARTBEAT = f"""
    SELECT EXISTS (SELECT FROM auth_listeners WHERE name = $1),
        (SELECT count(pg_notify('{_ACK}' || current_schema(), request || ' ' || $1)) FROM unnest($2::text[]) AS request)
"""  # noqa: S608 - constants of ours
_REQUEST_ACKS = text(
    f"""
    SELECT pg_notify('{_CHANGED}' || current_schema(), 'ack? ' || :request), coalesce((
        SELECT json_object_agg(l.name, s.pid IS NOT NULL) FROM auth_listeners AS l
        LEFT JOIN pg_stat_activity AS s ON s.pid = l.pid AND s.backend_start = l.session_began), '{{}}') AS listeners
    """  # noqa: S608 - constants of ours
)
_UNREGISTER_DEAD = text("DELETE FROM auth_listeners WHERE name = ANY(CAST(:names AS text[]))")
# The server drops the connection of a machine that is gone after some ten seconds, not after hours.
_PROBES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
_log = structlog.get_logger()


class _AckRequest:
    """One change that every registered process is asked to acknowledge."""

    def __init__(self) -> None:
        self._acked: set[str] = set()
        self._arrived = asyncio.Event()

    def acked(self, listener: str) -> None:
        self._acked.add(listener)
        self._arrived.set()

    def missing(self, listeners: set[str]) -> set[str]:
        return listeners - self._acked

    async def acked_by(self, listeners: set[str]) -> None:
        while self.missing(listeners):
            self._arrived.clear()
            await self._arrived.wait()


class AuthInvalidation:
    """Renews the lease of ``cache`` and drops its entries, and ``told`` is called; from ``start()`` to ``close()``."""

    def __init__(
        self, database: Database, postgresql_url: str, cache: TokenCache, told: Callable[[str, str], None]
    ) -> None:
        self._database = database
        self._dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._cache = cache
        self._told = told
        self._name = ""
        self._pending_acks: list[str] = []
        self._ack_wanted = asyncio.Event()
        self._requests: dict[str, _AckRequest] = {}
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; until that works, the cache has no lease."""
        meanwhile = "no connection for invalidations; every token is looked up"
        self._listening = asyncio.create_task(unending(self._listen, _RETRY_AFTER, meanwhile))

    async def close(self) -> None:
        """Close the connection."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def wait_for_acks(self) -> None:
        """Wait until no process answers from what was true before the last commit.

        Each acknowledges, usually within milliseconds; the lease of one that does not has run out at the end.
        """
        name = secrets.token_hex(8)
        request = self._requests[name] = _AckRequest()
        listeners: dict[str, bool] = {}
        try:
            async with asyncio.timeout(_ACK_TIMEOUT):
                listeners = await self._request_acks(name)
                await request.acked_by(set(listeners))
        except TimeoutError:
            silent = request.missing(set(listeners))
            _log.warning("not every API process acknowledged a change; its lease has run out", silent=len(silent))
            if dead := [each for each in silent if not listeners[each]]:
                await self._unregister(dead)
        finally:
            del self._requests[name]

    async def _request_acks(self, request: str) -> dict[str, bool]:
        """The registered processes, and whether their connection is alive."""
        try:
            async with self._database.read.connect() as connection:
                row = (await connection.execute(_REQUEST_ACKS, {"request": request})).one()
        except (OSError, SQLAlchemyError):
            await asyncio.sleep(_ACK_TIMEOUT)  # no process can be reached: the leases run out
            return {}
        return dict(row.listeners)

    async def _unregister(self, dead: list[str]) -> None:
        with contextlib.suppress(OSError, TimeoutError, SQLAlchemyError):
            async with asyncio.timeout(1), self._database.read.connect() as connection:
                await connection.execute(_UNREGISTER_DEAD, {"names": dead})

    async def _listen(self) -> None:
        settings = {**_PROBES, "search_path": search_path(self._database.schema)}
        connection = await asyncpg.connect(self._dsn, timeout=5, server_settings=settings)
        try:
            connection.add_termination_listener(lambda _: self._disconnected())
            async with asyncio.timeout(5):
                await self._begin(connection)
            while True:
                await self._heartbeat(connection)
        finally:
            self._cache.suspend()
            with contextlib.suppress(Exception):  # mostly it is gone, and who finds it dead deletes the row
                await connection.execute(_UNREGISTER, [self._name], timeout=1)
            with contextlib.suppress(Exception):
                await connection.close(timeout=1)

    async def _begin(self, connection: Any) -> None:
        await connection.add_listener(_CHANGED + self._database.schema, self._changed)
        await connection.add_listener(_ACK + self._database.schema, self._acked)
        earlier, self._name = self._name, secrets.token_hex(8)
        await connection.execute(_UNREGISTER, [earlier])
        await connection.execute(_REGISTER, self._name)

    async def _heartbeat(self, connection: Any) -> None:
        """Send the acknowledgements, learn that the server is there, and sleep until the next heartbeat is due."""
        self._ack_wanted.clear()
        pending, self._pending_acks = self._pending_acks, []
        since = uptime()
        async with asyncio.timeout(_HEARTBEAT_TIMEOUT):
            if not await connection.fetchval(_SEND_HEARTBEAT, self._name, pending):
                raise ConnectionError("not registered any more: nobody waits for our acknowledgement")
        self._cache.renew_lease(since + LEASE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEARTBEAT):
                await self._ack_wanted.wait()

    def _disconnected(self) -> None:
        self._cache.suspend()
        self._ack_wanted.set()

    def _changed(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        kind, _, subject = str(payload).partition(" ")
        if kind == "ack?":
            self._pending_acks.append(subject)
            self._ack_wanted.set()
        else:
            self._cache.invalidate(kind, subject)
            self._told(kind, subject)

    def _acked(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        name, _, listener = str(payload).partition(" ")
        if request := self._requests.get(name):
            request.acked(listener)
