"""Logins of one person that come at once write their sessions a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from domain.errors import TooMany, Unavailable

_AT_ONCE, _WAITING = 2, 50
_SECONDS = 4.0
"""As long as a statement waits for a lock by default."""


class _Gate:
    def __init__(self) -> None:
        self.turns = asyncio.Semaphore(_AT_ONCE)
        self.inside = 0


class LoginTurns:
    """Who waits for a turn holds no connection of the database: of a person whose row is locked, some logins would
    otherwise hold all that there are, and everybody else would be refused."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[str, _Gate] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, person_id: str) -> AsyncIterator[None]:
        """A turn of this person.

        Raises:
            Unavailable: there was none within some seconds.
            TooMany: many others wait for one already.
        """
        gate = self._gates.get(person_id)
        if gate is None:
            gate = self._gates[person_id] = _Gate()
        if gate.inside >= _AT_ONCE + _WAITING:
            raise TooMany("too many logins of this person wait; try again shortly")
        gate.inside += 1
        try:
            try:
                async with asyncio.timeout(_SECONDS):
                    await gate.turns.acquire()
            except TimeoutError:
                raise Unavailable("other logins of this person do not end; try again shortly") from None
            try:
                yield
            finally:
                gate.turns.release()
        finally:
            gate.inside -= 1
