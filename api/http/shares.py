"""How many requests of one person are worked on at once; further ones of theirs wait until one of those is answered.

Whoever sends hundreds at once waits for himself: the connections of the database, the processors, and the turns of the
loop are left to everybody else.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import _TrustedHosts

from api.dependencies import FOUND
from api.http.places import network_of
from domain.errors import TooMany, Unavailable

ALWAYS = 2
"""Requests of one owner that are worked on whatever others do."""
WAITING, PATIENCE = 50, 4.0
"""Further ones that may wait, and for how many seconds."""


@dataclass(slots=True)
class _Share:
    working: int = 0
    line: deque[asyncio.Future[None]] = field(default_factory=deque)


class Shares:
    """What a process works on. Each owner may have half of what is free of ``at_once``, and a few in any case: nobody
    waits for others, but for the few who send the most.

    Requests that a proxy (``trusted``) makes for itself, for nobody whom it names, are nobody's.
    """

    def __init__(self, at_once: int, trusted: str) -> None:
        self._at_once, self._trusted = at_once, _TrustedHosts(trusted)
        self._shares: dict[str, _Share] = {}
        self._total = 0

    def owner(self, scope: Scope) -> str | None:
        """Whose share a request takes: that of the person, or of a stranger's address; None if nobody's."""
        client = scope.get("client")
        host = client[0] if client else ""
        if host in self._trusted:
            return None
        known = scope.get(FOUND)
        return network_of(host) if known is None else str(known.row.id)

    async def take(self, owner: str) -> None:
        """Begin one more, at once or in its turn; to be given ``back``.

        Raises:
            TooMany: too many of this owner wait already.
            Unavailable: it waited too long.
        """
        share = self._shares.get(owner)
        if share is None:
            share = self._shares[owner] = _Share()
        if not share.line and self._may_begin(share):
            self._begin(share)
            return
        if len(share.line) >= WAITING:
            raise TooMany("too many of your requests wait already; wait for their answers")
        turn = asyncio.get_running_loop().create_future()
        share.line.append(turn)
        try:
            async with asyncio.timeout(PATIENCE):
                await turn
        except BaseException as fault:
            if not turn.cancelled():
                self.back(owner)
            elif turn in share.line:
                share.line.remove(turn)
            if isinstance(fault, TimeoutError):
                raise Unavailable("your other requests take too long; try again shortly") from None
            raise

    def back(self, owner: str) -> None:
        """One is answered, or its answer has begun: the next one of this owner begins if it may."""
        share = self._shares[owner]
        share.working -= 1
        self._total -= 1
        while share.line and self._may_begin(share):
            turn = share.line.popleft()
            if not turn.done():
                self._begin(share)
                turn.set_result(None)
        if not share.working:
            del self._shares[owner]

    def _may_begin(self, share: _Share) -> bool:
        return share.working < max(ALWAYS, (self._at_once - self._total) // 2)

    def _begin(self, share: _Share) -> None:
        share.working += 1
        self._total += 1


class Shared:
    """Around a route: each request takes a place in the share of its owner until its answer begins."""

    def __init__(self, app: ASGIApp, shares: Shares) -> None:
        self._app, self._shares = app, shares

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the turn, and answer."""
        owner = self._shares.owner(scope)
        if owner is None:
            await self._app(scope, receive, send)
            return
        await self._shares.take(owner)
        working = True

        def done() -> None:
            nonlocal working
            if working:
                working = False
                self._shares.back(owner)

        async def sending(message: Message) -> None:
            done()  # who does not read the answer, or reads a stream of hours, holds no place
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            done()
