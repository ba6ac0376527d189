"""Tokens that were checked a moment ago, and whose they are: what makes the door cost no statement.

It knows nothing of networks. Somebody must vouch for it, again and again, that every change at the door would have
been heard of by now; as soon as nobody does, it knows nothing.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.access import PersonRow

SIZE = 10_000
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def uptime() -> float:
    """Seconds that also pass while the machine sleeps: what was vouched for before that is not vouched for after."""
    return time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True)
class Known:
    """A genuine token's person, as the row was when it was read."""

    row: PersonRow
    jti: str
    expires_at: datetime


class KnownTokens:
    """The tokens of one process by their fingerprint, those used last; each until it expires or something changes."""

    def __init__(self, size: int = SIZE, clock: Callable[[], float] = uptime) -> None:
        self._size = size
        self._clock = clock
        self._vouched_until = 0.0
        self._tokens: OrderedDict[bytes, Known] = OrderedDict()
        self.generation = 0
        """Counts the changes heard of: what was read under an earlier one must not be kept."""

    def __len__(self) -> int:
        return len(self._tokens)

    def vouch(self, until: float) -> None:
        """Up to this moment of the clock nothing changes unheard."""
        if not self._vouched_until:
            self.generation += 1  # what is being read now may have changed before anybody listened
        self._vouched_until = until

    def distrust(self) -> None:
        """Changes may go unheard from now on."""
        self._vouched_until = 0.0
        self._forget_everybody()

    def find(self, fingerprint: bytes, now: datetime) -> Known | None:
        """Whose token this is; None when it has to be looked up."""
        known = self._tokens.get(fingerprint)
        if known is None or not self._is_vouched_for():
            return None
        if known.expires_at <= now:
            del self._tokens[fingerprint]
            return None
        self._tokens.move_to_end(fingerprint)
        return known

    def keep(self, fingerprint: bytes, known: Known, generation: int) -> None:
        """Remember what was read since ``generation``, unless something has changed since."""
        if generation != self.generation or not self._is_vouched_for():
            return
        self._tokens[fingerprint] = known
        if len(self._tokens) > self._size:
            self._tokens.popitem(last=False)

    def forget(self, kind: str, subject: str) -> None:
        """Something changed: a ``token`` by its id, a ``person`` by theirs; anything else concerns everybody."""
        self.generation += 1
        if kind == "token":
            self._drop(lambda known: known.jti == subject)
        elif kind == "person":
            self._drop(lambda known: known.row.id == subject)
        else:
            self._forget_everybody()

    def _is_vouched_for(self) -> bool:
        return self._clock() < self._vouched_until

    def _drop(self, concerned: Callable[[Known], bool]) -> None:
        for fingerprint in [each for each, known in self._tokens.items() if concerned(known)]:
            del self._tokens[fingerprint]

    def _forget_everybody(self) -> None:
        self.generation += 1
        self._tokens.clear()
