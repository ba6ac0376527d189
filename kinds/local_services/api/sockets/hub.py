"""The sockets of a process: who has which, what wakes them, and how they end with their logins.

One connection listens to PostgreSQL for all of them, from the first socket to the last. What it hears only wakes: every
socket reads its person's feed itself. So what is lost with the connection is found again when everybody is looked up:
after each new connection, and every ``LOOK_UP`` seconds in any case.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from adapters.auth.authenticator import Authenticator
from adapters.postgres.database import KEEPALIVES
from adapters.resources import Resources
from adapters.unending import unending
from kinds.local_services.api.sockets import frames
from kinds.local_services.api.sockets.person_socket import PersonSocket
from kinds.local_services.postgres.feed import CHANNEL, heads_of

MOST, OF_A_PERSON = 2_000, 5
"""Sockets of a process, and of a person in it."""
SILENT = 200
"""Sockets of one address that have not said whose they are: more would keep everybody else out."""
LOOK_UP, CHECK_LOGINS = 15.0, 4.0
"""Seconds between looks at all feeds, and at all logins: news of them can get lost."""
_RETRY_AFTER = 2.0


class Sockets:
    """All sockets of a process."""

    def __init__(self, opened: Resources, authenticator: Authenticator) -> None:
        self._database = opened.database
        url = make_url(opened.settings.stores.postgresql_url).set(drivername="postgresql")
        self._dsn = url.render_as_string(hide_password=False)
        self._all: set[PersonSocket] = set()
        self._of: defaultdict[str, dict[PersonSocket, None]] = defaultdict(dict)
        """By person, the oldest first."""
        self._silent: Counter[str] = Counter()
        self._doubtful: set[PersonSocket] = set()
        self._told = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        authenticator.tell(self._login_changed)

    @contextmanager
    def opened(self, socket: PersonSocket) -> Iterator[None]:
        """One more, for as long as the context is open.

        Raises:
            Closing: there are as many as there may be.
        """
        if len(self._all) >= MOST:
            raise frames.Closing(frames.FULL, "this process has too many sockets: try again shortly")
        self._all.add(socket)
        if not self._working:
            self._working = [
                asyncio.create_task(
                    unending(self._listen, _RETRY_AFTER, "no news of feeds; sockets look by themselves")
                ),
                asyncio.create_task(
                    unending(self._watch_logins, _RETRY_AFTER, "logins of sockets are looked at again")
                ),
            ]
        try:
            yield
        finally:
            self._all.discard(socket)
            self._doubtful.discard(socket)
            if socket.person is not None:
                self._of[socket.person.id].pop(socket, None)
                if not self._of[socket.person.id]:
                    del self._of[socket.person.id]
            if not self._all:
                for task in self._working:
                    task.cancel()
                self._working = []

    @contextmanager
    def silent(self, address: str) -> Iterator[None]:
        """One more of an address that has not logged in, for as long as the context is open.

        Raises:
            Closing: it has as many as it may.
        """
        if self._silent[address] >= SILENT:
            raise frames.Closing(frames.FULL, "too many sockets of this address wait for a login: try again shortly")
        self._silent[address] += 1
        try:
            yield
        finally:
            self._silent[address] -= 1
            if not self._silent[address]:
                del self._silent[address]

    def known(self, socket: PersonSocket, person: str) -> None:
        """A socket is this person's; of more than there may be, their oldest one goes."""
        theirs = self._of[person]
        theirs[socket] = None
        if len(theirs) > OF_A_PERSON:
            oldest = next(iter(theirs))
            del theirs[oldest]
            oldest.close(frames.TOO_MANY_SOCKETS, "you have opened other sockets")

    async def _listen(self) -> None:
        await self._look_up()
        connection = await asyncpg.connect(self._dsn, timeout=10, command_timeout=10, server_settings=KEEPALIVES)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(CHANNEL, self._notified)
            while not lost.is_set():
                await self._look_up()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_UP):
                        await lost.wait()
        finally:
            await connection.close(timeout=2)

    async def _look_up(self) -> None:
        """Wake whoever has something to be told, whether that was heard or not."""
        if self._of:
            with suppress(OSError, SQLAlchemyError):
                for person, last in (await heads_of(self._database, self._of)).items():
                    self._wake(person, last)

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        kind, *words = str(payload).split(" ")
        if kind == "typing" and len(words) == 3:
            person, thread, typist = words
            for socket in self._of.get(person, ()):
                socket.say("typing", thread_id=int(thread), user_id=typist)
            return
        for each in (kind, *words):
            person, _, last = each.partition(":")
            if last.isdigit():
                self._wake(person, int(last))

    def _wake(self, person: str, last: int) -> None:
        for socket in self._of.get(person, ()):
            socket.wake(last)

    def _login_changed(self, kind: str, subject: str) -> None:
        """A ``token`` by its id or a ``person`` by theirs is not what it was; any other kind concerns everybody."""
        self._doubtful.update(self._concerned(kind, subject))
        self._told.set()

    def _concerned(self, kind: str, subject: str) -> Iterable[PersonSocket]:
        if kind == "person":
            return list(self._of.get(subject, ()))
        return [
            each for each in self._all if kind != "token" or (each.person is not None and each.person.jti == subject)
        ]

    async def _watch_logins(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + CHECK_LOGINS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due - clock())):
                    await self._told.wait()
            self._told.clear()
            looked_at = list(self._doubtful)
            self._doubtful.clear()
            if clock() >= due:
                looked_at, due = list(self._all), clock() + CHECK_LOGINS
            for socket in looked_at:
                await socket.check_login()
