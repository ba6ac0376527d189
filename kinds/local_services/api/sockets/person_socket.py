"""One socket of a person: a side that hears its frames, and a side that tells.

Whatever is told goes through the telling side alone, at the pace of whoever reads it. Events are read from the rows
only when those before them were taken, so a replay fills nothing; answers wait in a queue with an end.
"""

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError

from adapters.auth.authenticator import Authenticator
from adapters.postgres.database import Database
from api.dependencies import CurrentUser, must_have
from domain.errors import BookingError
from kinds.local_services.api.sockets import frames
from kinds.local_services.postgres.feed import events_after, head_of, resumed_at

if TYPE_CHECKING:
    from kinds.local_services.api.sockets.hub import Sockets

MOST_WAITING = 256
"""Frames that wait until their reader takes them."""
_WARNED = 60.0
"""Seconds before the end of a token at which a new one is asked for."""
_SCOPE = "READ:MESSAGES"
_log = structlog.get_logger("sockets")


class PersonSocket:
    """A socket that was accepted; ``person`` is None until somebody has logged in."""

    def __init__(self, socket: WebSocket, database: Database, authenticator: Authenticator) -> None:
        self.socket = socket
        self.person: CurrentUser | None = None
        self._database, self._authenticator = database, authenticator
        self._token = ""
        self._warned = False
        self._at_login = 0
        self._told: int | None = None
        """The number of the last event that was told; None before this socket has resumed."""
        self._head = 0
        """The newest event that is known to be there."""
        self._waiting: deque[str] = deque()
        self._something = asyncio.Event()
        self._closing: tuple[int, str] | None = None

    async def log_in(self, token: str, sockets: "Sockets") -> None:
        """Begin to be somebody's, or go on as the same with another token.

        Raises:
            Closing: the token is not good, or somebody else's.
        """
        try:
            known = CurrentUser.of(await self._authenticator.authenticate(token))
            must_have(known, _SCOPE)
        except BookingError as refusal:
            raise frames.Closing(frames.LOGIN, refusal.detail) from None
        if self.person is not None and self.person.id != known.id:
            raise frames.Closing(frames.LOGIN, "that is another person's token")
        first = self.person is None
        self.person, self._token, self._warned = known, token, False
        if first:
            self._at_login = await head_of(self._database, known.id)
            sockets.known(self, known.id)
        self.say("ready", user_id=known.id, last_id=self._at_login if self._told is None else self._told)

    async def resume(self, last_id: int | None) -> None:
        """Tell what has happened since an event, and from then on what happens.

        Raises:
            AlreadyResumed: it does already.
        """
        assert self.person is not None  # noqa: S101 - nothing is heard before a login
        if self._told is not None:
            raise frames.AlreadyResumed
        begins = self._at_login
        if last_id is not None:
            found = await resumed_at(self._database, self.person.id, last_id)
            if found is None:
                begins = await head_of(self._database, self.person.id)
                self.say("reset", last_id=begins)
            else:
                begins = found
        self._told = begins
        # What has happened since was not waited for.
        self.wake(await head_of(self._database, self.person.id))

    def say(self, type: str, **fields: Any) -> None:  # noqa: A002 - the name on the wire
        """Tell something in its turn; somebody who takes nothing is let go."""
        if len(self._waiting) >= MOST_WAITING:
            self.close(frames.FULL, "what is told is not taken")
            return
        self._waiting.append(frames.frame(type, **fields))
        self._something.set()

    def wake(self, head: int) -> None:
        """There is an event with this number."""
        self._head = max(self._head, head)
        if self._told is not None and self._head > self._told:
            self._something.set()

    def close(self, code: int, reason: str) -> None:
        """Say nothing more, and close."""
        if self._closing is None:
            self._closing = code, reason
            self._something.set()

    async def check_login(self) -> None:
        """Close when the login has ended; ask for another token before it does."""
        if self.person is None:
            return
        try:
            self.person = CurrentUser.of(await self._authenticator.authenticate(self._token))
            must_have(self.person, _SCOPE)
        except BookingError as refusal:
            self.close(frames.LOGIN, refusal.detail)
            return
        except (OSError, SQLAlchemyError):  # asked again in some seconds
            return
        left = (self.person.token_expires_at - datetime.now(UTC)).total_seconds()
        if left <= _WARNED and not self._warned:
            self._warned = True
            self.say("auth_needed", **{"in": max(0, int(left))})

    async def tell(self) -> None:
        """The telling side, until the socket is closed."""
        try:
            while self._closing is None:
                await self._something.wait()
                self._something.clear()
                await self._tell_what_waits()
                await self._tell_events()
            await self.socket.close(*self._closing)
        except (WebSocketDisconnect, RuntimeError):  # gone, or closed by the server itself
            return
        except Exception:
            _log.exception("a socket is given up")
            await self.socket.close(frames.BROKEN)

    async def _tell_what_waits(self) -> None:
        while self._waiting and self._closing is None:
            await self.socket.send_text(self._waiting.popleft())

    async def _tell_events(self) -> None:
        person = self.person
        while person is not None and self._told is not None and self._head > self._told and self._closing is None:
            wanted = self._head
            try:
                told, last = await events_after(self._database, person.id, self._told)
            except (OSError, SQLAlchemyError) as fault:
                _log.info("events of a socket wait", fault=type(fault).__name__)
                return  # whoever looks everybody up comes back
            for each in told:
                await self.socket.send_text(each)
            self._told = last if told else wanted  # they are gone: whoever left has no feed
            await self._tell_what_waits()
