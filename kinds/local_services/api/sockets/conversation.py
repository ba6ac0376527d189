"""The side of a socket that hears: its login, and what its person says in frames."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from adapters.access_lines import note_request
from adapters.auth.authenticator import Authenticator
from adapters.resources import Resources
from api.dependencies import CurrentUser, must_have
from api.errors import OUTAGES
from api.http.login import bearer_token
from domain.errors import BookingError, TooMany
from kinds.local_services.api.messaging import must_not_send_too_much, say
from kinds.local_services.api.people import phone_verified
from kinds.local_services.api.schemas.messages import Auth, InThread, ReadFrame, Resume, SendFrame
from kinds.local_services.api.sockets import frames
from kinds.local_services.api.sockets.hub import Sockets
from kinds.local_services.api.sockets.person_socket import PersonSocket
from kinds.local_services.postgres.feed import notify
from kinds.local_services.postgres.messages import other_in, read_messages
from kinds.local_services.settings import LocalServicesSettings

LOGIN_WITHIN = 5.0
"""Seconds after which somebody who has not said who they are is let go."""
_TYPING_EVERY = 3.0
_log = structlog.get_logger("sockets")
_THREADS = 20
"""Threads in which somebody types at once, as far as it is told."""


class Gone(Exception):
    """There is nobody on the other side any more."""


class Conversation:
    """A socket from its handshake to its end."""

    def __init__(self, socket: WebSocket, sockets: Sockets) -> None:
        self._socket, self._sockets = socket, sockets
        self._opened: Resources = socket.app.state.resources
        self._authenticator: Authenticator = socket.app.state.authenticator
        self._policy: LocalServicesSettings = socket.app.state.policy
        self._has_shown_phone = False
        self._told = PersonSocket(socket, self._opened.database, self._authenticator)
        self._rate = frames.FrameRate()
        self._typed: dict[int, float] = {}
        self._clock = asyncio.get_running_loop().time
        self._types: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "auth": self._auth,
            "resume": self._resume,
            "send": self._send,
            "read": self._read,
            "typing": self._typing,
            "ping": self._ping,
        }

    async def hold(self) -> None:
        """Accept the socket and hear and tell, until one of both sides closes it."""
        try:
            await self._socket.accept()
        except (OSError, WebSocketDisconnect):  # gone already
            return
        telling = asyncio.create_task(self._told.tell())
        try:
            with self._sockets.opened(self._told):
                await self._hear()
        except frames.Closing as closing:
            await self._close(closing, telling)
        except Gone:
            pass
        except Exception:
            _log.exception("a socket is given up")
            await self._close(frames.Closing(frames.BROKEN, "something broke on our side"), telling)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _hear(self) -> None:
        try:
            await self._begin()
            while True:
                await self._answer(await self._next())
        except frames.Closing as closing:
            self._told.close(closing.code, closing.reason)
            while True:  # what was on its way is thrown away
                await self._receive()

    async def _close(self, closing: frames.Closing, telling: "asyncio.Task[None]") -> None:
        self._told.close(closing.code, closing.reason)
        await telling

    async def _begin(self) -> None:
        """Whoever names their token with the handshake is known at once."""
        token = bearer_token(self._socket.scope["headers"])
        if not token:
            client = self._socket.client
            with self._sockets.silent(client.host if client else ""):
                token = await self._token_said()
        if not token:
            raise frames.Closing(frames.LOGIN, "auth comes first")
        try:
            await self._told.log_in(token, self._sockets)
        except OUTAGES:
            raise frames.Closing(frames.FULL, "a part that this needs is down; try again shortly") from None
        note_request(person=self._person.id)

    async def _token_said(self) -> str:
        """The token of the first frame; empty if that is another one."""
        try:
            async with asyncio.timeout(LOGIN_WITHIN):
                said = await self._next()
        except TimeoutError:
            raise frames.Closing(frames.NO_LOGIN, "no auth came") from None
        try:
            first = frames.said_in(said)
            return frames.shaped(Auth, first).token if first["type"] == "auth" else ""
        except BookingError:
            return ""

    async def _next(self) -> str:
        message = await self._receive()
        said = message.get("text")
        if said is None:
            raise frames.Closing(frames.BINARY, "frames are text")
        return str(said)

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise Gone
        return dict(message)

    async def _answer(self, text: str) -> None:
        client_id = None
        try:
            taken = self._rate.takes(self._clock())
            said = frames.said_in(text)
            client_id = frames.client_id_in(said)
            if not taken:
                raise TooMany(f"at most {frames.MOST_FRAMES} frames in {frames.WINDOW:.0f} seconds")
            if said["type"] not in self._types:
                raise frames.UnknownType
            await self._types[said["type"]](said)
        except frames.Closing:
            raise
        except Exception as fault:
            code, detail = await frames.refusal_of(fault)
            self._told.say("error", code=code, detail=detail, client_id=client_id)

    @property
    def _person(self) -> CurrentUser:
        assert self._told.person is not None  # noqa: S101 - nothing is heard before a login
        return self._told.person

    async def _auth(self, said: dict[str, Any]) -> None:
        await self._told.log_in(frames.shaped(Auth, said).token, self._sockets)

    async def _resume(self, said: dict[str, Any]) -> None:
        await self._told.resume(frames.shaped(Resume, said).last_id)

    async def _send(self, said: dict[str, Any]) -> None:
        wanted = frames.shaped(SendFrame, said)
        must_have(self._person, "WRITE:MESSAGES")
        if not self._has_shown_phone:
            await phone_verified(self._person, self._opened, self._policy)
            self._has_shown_phone = True
        await must_not_send_too_much(self._opened, self._person, self._policy)
        async with self._authenticator.writing() as connection:
            message = await say(self._opened, self._policy, connection, self._person, wanted.thread_id, wanted.words)
        self._told.say("ack", client_id=wanted.client_id, message=message)

    async def _read(self, said: dict[str, Any]) -> None:
        wanted = frames.shaped(ReadFrame, said)
        must_have(self._person, "UPDATE:MESSAGES")
        async with self._authenticator.writing() as connection:
            await read_messages(connection, wanted.thread_id, self._person.id, wanted.last_id)

    async def _typing(self, said: dict[str, Any]) -> None:
        """Told to whoever is there, and kept nowhere."""
        thread, now = frames.shaped(InThread, said).thread_id, self._clock()
        if now - self._typed.get(thread, -_TYPING_EVERY) < _TYPING_EVERY:
            return
        if len(self._typed) >= _THREADS:
            self._typed.pop(next(iter(self._typed)))
        self._typed[thread] = now
        other = await other_in(self._opened.database, thread, self._person.id)
        if other is not None:
            await notify(self._opened.database, f"typing {other} {thread} {self._person.id}")

    async def _ping(self, said: dict[str, Any]) -> None:
        self._told.say("pong")
