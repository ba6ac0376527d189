"""Every change at the door is heard by every API process, and whoever made it waits until it was.

A process listens on a connection of its own and asks it for a sign of life twice a second. Notifications come before
the answer to whatever is asked after them, so a sign of life vouches for all that was committed before it was asked
for; for ``LEASE`` from then on tokens are known without a look. Who listens is in the register while that can be true:
a row is taken out by its process when it stops knowing tokens, or by another that found the connection dead and then
waited for a lease to run out.
"""

import asyncio
import contextlib
import secrets
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import structlog
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.known_tokens import KnownTokens, uptime
from adapters.postgres.engine import Database

LEASE = 2.0
"""Seconds for which a sign of life vouches: as long can a connection that died in silence go unnoticed."""
_BEAT = 0.5
_ANSWERS_WITHIN = 1.0
_LONGEST_WAIT = LEASE + 0.25
_RETRY_AFTER = 1.0

_CHANGES, _HEARD = "revcare_door", "revcare_door_heard"
_SIGN_IN = """
    INSERT INTO door_listeners (name, pid, session_began)
    SELECT $1, pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()
"""
_SIGN_OUT = "DELETE FROM door_listeners WHERE name = ANY($1::text[])"
_SIGN_OF_LIFE = f"""
    SELECT EXISTS (SELECT FROM door_listeners WHERE name = $1),
        (SELECT count(pg_notify('{_HEARD}', question || ' ' || $1)) FROM unnest($2::text[]) AS question)
"""  # noqa: S608 - constants of ours
_ASK_EVERYBODY = text(
    f"""
    SELECT pg_notify('{_CHANGES}', 'heard? ' || :question), coalesce((
        SELECT json_object_agg(l.name, s.pid IS NOT NULL) FROM door_listeners AS l
        LEFT JOIN pg_stat_activity AS s ON s.pid = l.pid AND s.backend_start = l.session_began), '{{}}') AS listeners
    """  # noqa: S608 - constants of ours
)
_STRIKE_OFF = text("DELETE FROM door_listeners WHERE name = ANY(CAST(:names AS text[]))")
# The server lets go of a process whose machine is gone after some ten seconds, not after hours.
_PROBES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
_TROUBLES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
_log = structlog.get_logger()


class _Question:
    """ "Have you heard?", put to everybody in the register."""

    def __init__(self) -> None:
        self._heard: set[str] = set()
        self._news = asyncio.Event()

    def heard(self, listener: str) -> None:
        self._heard.add(listener)
        self._news.set()

    def missing(self, listeners: set[str]) -> set[str]:
        return listeners - self._heard

    async def answered_by(self, listeners: set[str]) -> None:
        while self.missing(listeners):
            self._news.clear()
            await self._news.wait()


class DoorNews:
    """Keeps ``known`` honest from ``start()`` to ``close()``."""

    def __init__(self, database: Database, postgresql_url: str, known: KnownTokens) -> None:
        self._database = database
        self._dsn = make_url(postgresql_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._known = known
        self._name = ""
        self._owed: list[str] = []
        self._asked = asyncio.Event()
        self._questions: dict[str, _Question] = {}
        self._listening: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; until that works, nothing is known."""
        self._listening = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Let go of the connection."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def everybody_heard(self) -> None:
        """Wait until no process goes by what was true before the last commit.

        Each has said that it heard of it, usually within milliseconds; who does not has no lease any more at the end.
        """
        name = secrets.token_hex(8)
        question = self._questions[name] = _Question()
        listeners: dict[str, bool] = {}
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                listeners = await self._ask_everybody(name)
                await question.answered_by(set(listeners))
        except TimeoutError:
            silent = question.missing(set(listeners))
            _log.warning("not every API process says that it heard of a change: its lease is over", silent=len(silent))
            if dead := [each for each in silent if not listeners[each]]:
                await self._strike_off(dead)
        finally:
            del self._questions[name]

    async def _ask_everybody(self, question: str) -> dict[str, bool]:
        """Who is in the register, and whether their connection is alive."""
        try:
            async with self._database.read.connect() as connection:
                row = (await connection.execute(_ASK_EVERYBODY, {"question": question})).one()
        except (OSError, SQLAlchemyError):
            await asyncio.sleep(_LONGEST_WAIT)  # nobody can be asked: the leases run out
            return {}
        return dict(row.listeners)

    async def _strike_off(self, dead: list[str]) -> None:
        with contextlib.suppress(OSError, TimeoutError, SQLAlchemyError):
            async with asyncio.timeout(1), self._database.read.connect() as connection:
                await connection.execute(_STRIKE_OFF, {"names": dead})

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except _TROUBLES as trouble:
                _log.warning("changes at the door go unheard: every token is looked up", fault=type(trouble).__name__)
            await asyncio.sleep(_RETRY_AFTER)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(self._dsn, timeout=5, server_settings=_PROBES)
        try:
            connection.add_termination_listener(lambda _: self._gone())
            async with asyncio.timeout(5):
                await self._begin(connection)
            while True:
                await self._sign_of_life(connection)
        finally:
            self._known.distrust()
            with contextlib.suppress(*_TROUBLES):
                await connection.execute(_SIGN_OUT, [self._name], timeout=1)
            with contextlib.suppress(*_TROUBLES):
                await connection.close(timeout=1)

    async def _begin(self, connection: Any) -> None:
        await connection.add_listener(_CHANGES, self._changed)
        await connection.add_listener(_HEARD, self._was_heard)
        earlier, self._name = self._name, secrets.token_hex(8)
        await connection.execute(_SIGN_OUT, [earlier])
        await connection.execute(_SIGN_IN, self._name)

    async def _sign_of_life(self, connection: Any) -> None:
        """Tell those who asked, hear that the server is there, and rest until the next sign is due."""
        self._asked.clear()
        owed, self._owed = self._owed, []
        since = uptime()
        async with asyncio.timeout(_ANSWERS_WITHIN):
            if not await connection.fetchval(_SIGN_OF_LIFE, self._name, owed):
                raise ConnectionError("nobody waits for us: not in the register")
        self._known.vouch(since + LEASE)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BEAT):
                await self._asked.wait()

    def _gone(self) -> None:
        self._known.distrust()
        self._asked.set()

    def _changed(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        kind, _, subject = str(payload).partition(" ")
        if kind == "heard?":
            self._owed.append(subject)
            self._asked.set()
        else:
            self._known.forget(kind, subject)

    def _was_heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        name, _, listener = str(payload).partition(" ")
        if question := self._questions.get(name):
            question.heard(listener)
