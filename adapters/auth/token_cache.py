"""Access tokens that were checked a moment ago, with their person: such a request authenticates without a statement.

The cache does no I/O. It answers only under a lease that ``invalidation`` renews for as long as every change of people,
scopes and revocations is known to arrive; without a lease every look-up is a miss.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.people.sessions import PersonRow

SIZE = 10_000
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Seconds that also pass while the machine sleeps: a lease does not survive a suspended machine."""
    return time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True)
class CachedToken:
    """A genuine token's person, as the row was when it was read."""

    row: PersonRow
    jti: str
    expires_at: datetime


class TokenCache:
    """The tokens of one process by fingerprint; each until it expires, is invalidated or is the least recently used."""

    def __init__(self, size: int = SIZE, clock: Callable[[], float] = uptime) -> None:
        self._size = size
        self._clock = clock
        self._lease_until = 0.0
        self._tokens: OrderedDict[bytes, CachedToken] = OrderedDict()
        self.generation = 0
        """Counts the invalidations: what was read under an earlier one must not be stored."""

    def __len__(self) -> int:
        return len(self._tokens)

    def renew_lease(self, until: float) -> None:
        """Answer from the cache up to this moment of the clock."""
        if not self._lease_until:
            self.generation += 1  # rows being read now may have changed before the listener was there
        self._lease_until = until

    def suspend(self) -> None:
        """End the lease and drop everything: changes may go unnoticed from now on."""
        self._lease_until = 0.0
        self._clear()

    def get(self, fingerprint: bytes, now: datetime) -> CachedToken | None:
        """The person of this token; None when it has to be looked up."""
        known = self._tokens.get(fingerprint)
        if known is None or not self._has_lease():
            return None
        if known.expires_at <= now:
            del self._tokens[fingerprint]
            return None
        self._tokens.move_to_end(fingerprint)
        return known

    def put(self, fingerprint: bytes, token: CachedToken, generation: int) -> None:
        """Store what was read since ``generation``, unless something was invalidated since."""
        if generation != self.generation or not self._has_lease():
            return
        self._tokens[fingerprint] = token
        if len(self._tokens) > self._size:
            self._tokens.popitem(last=False)

    def invalidate(self, kind: str, subject: str) -> None:
        """Drop a ``token`` by its id or a ``person`` by theirs; any other kind drops everything."""
        self.generation += 1
        if kind == "token":
            self._drop(lambda known: known.jti == subject)
        elif kind == "person":
            self._drop(lambda known: known.row.id == subject)
        else:
            self._clear()

    def _has_lease(self) -> bool:
        return self._clock() < self._lease_until

    def _drop(self, concerned: Callable[[CachedToken], bool]) -> None:
        for fingerprint in [each for each, known in self._tokens.items() if concerned(known)]:
            del self._tokens[fingerprint]

    def _clear(self) -> None:
        self.generation += 1
        self._tokens.clear()
