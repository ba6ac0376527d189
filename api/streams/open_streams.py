"""The live streams of a process: so many for each person, and each ends with the login that it was opened with."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request

from adapters.auth.authenticator import Authenticator
from adapters.auth.token_cache import CachedToken
from api.dependencies import BEARER, Auth, CurrentUser, must_have, requires
from domain.errors import TooMany
from domain.people import Actor

SCOPE = "READ:BOOKINGS"
_COME_BACK = 10
"""Seconds after which somebody with too many streams may ask again."""


def _nothing() -> None:
    return


class OpenStream:
    """One stream and the login that it was opened with. ``wake`` makes it look again at once."""

    def __init__(self, person: CurrentUser, token: str, authenticator: Authenticator) -> None:
        self.viewer: Actor = person.actor
        self.jti = person.jti
        self.wake: Callable[[], None] = _nothing
        self._token = token
        self._authenticator = authenticator

    async def must_be_allowed(self) -> None:
        """Ask again, before anything is shown: a token is good only until a logout, a new password, or its end.

        Raises:
            Unauthenticated: the token is not valid any more, or the person is gone.
            ScopeRequired: the scope was taken away.
        """
        known: CachedToken = await self._authenticator.authenticate(self._token)
        person = CurrentUser.of(known)
        must_have(person, SCOPE)
        self.viewer = person.actor


class OpenStreams:
    """All streams of this process, ``most`` at a time for one person."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._streams: defaultdict[str, set[OpenStream]] = defaultdict(set)

    @contextmanager
    def opened(self, stream: OpenStream) -> Iterator[OpenStream]:
        """One more, for as long as the context is open.

        Raises:
            TooMany: the person has as many as they can have.
        """
        person = stream.viewer.id
        if len(self._streams.get(person, ())) >= self._most:
            detail = f"you have {self._most} live streams open; close one, or come back later"
            raise TooMany(detail, retry_after=_COME_BACK)
        self._streams[person].add(stream)
        try:
            yield stream
        finally:
            self._streams[person].discard(stream)
            if not self._streams[person]:
                del self._streams[person]

    def wake(self, kind: str, subject: str) -> None:
        """A ``token`` by its id or a ``person`` by theirs is not what it was; any other kind concerns everybody."""
        for stream in self._concerned(kind, subject):
            stream.wake()

    def _concerned(self, kind: str, subject: str) -> list[OpenStream]:
        if kind == "person":
            return list(self._streams.get(subject, ()))
        everybody = [stream for streams in self._streams.values() for stream in streams]
        return [stream for stream in everybody if kind != "token" or stream.jti == subject]


async def _open_stream(
    request: Request,
    person: Annotated[CurrentUser, requires(SCOPE)],
    auth: Auth,
    token: Annotated[str, Depends(BEARER)],
) -> AsyncIterator[OpenStream]:
    streams: OpenStreams = request.app.state.streams
    with streams.opened(OpenStream(person, token, auth)) as stream:
        yield stream


OpenedStream = Annotated[OpenStream, Depends(_open_stream)]
"""A stream for whoever asks; it counts until the answer has ended, however that comes about."""
