"""Pauses that grow: what was tried in vain comes again ever later, so that it holds up nothing else."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

from domain.pauses import growing_pause

K = TypeVar("K")

MOST_REMEMBERED = 10_000
"""More things than this are not remembered: the one that was touched longest ago is simply due again."""


class Backoff(Generic[K]):
    """When each of many things may be tried again: after ``first``, then twice as long each time, up to ``longest``.

    Kept in memory: a restarted process tries everything at once, which is what an operator expects of a restart.
    """

    def __init__(
        self,
        first: timedelta,
        longest: timedelta,
        clock: Callable[[], float] = time.monotonic,
        most: int = MOST_REMEMBERED,
    ) -> None:
        self._first = first
        self._longest = max(longest, first)
        self._clock = clock
        self._most = most
        self._tried: OrderedDict[K, tuple[int, float]] = OrderedDict()

    def is_due(self, key: K) -> bool:
        """It was not tried, or its pause is over."""
        return self._tried.get(key, (0, 0.0))[1] <= self._clock()

    def resting(self) -> list[K]:
        """What is not due."""
        now = self._clock()
        return [key for key, (_, due) in self._tried.items() if due > now]

    def tried(self, key: K) -> int:
        """It was tried in vain; answers how often by now."""
        tries = self._tried.pop(key, (0, 0.0))[0] + 1
        self._remember(key, tries, self.pause(tries))
        return tries

    def rest(self, key: K, seconds: float) -> None:
        """It is not due for so long, whatever was tried."""
        tries = self._tried.pop(key, (0, 0.0))[0]
        self._remember(key, tries, seconds)

    def tries(self, key: K) -> int:
        """How often it was tried in vain."""
        return self._tried.get(key, (0, 0.0))[0]

    def forget(self, key: K) -> None:
        """It succeeded, or it is something else by now."""
        self._tried.pop(key, None)

    def pause(self, tries: int) -> float:
        """Seconds after so many tries."""
        return growing_pause(self._first, self._longest, tries - 1).total_seconds()

    def _remember(self, key: K, tries: int, pause: float) -> None:
        self._tried[key] = (tries, self._clock() + pause)
        while len(self._tried) > self._most:
            self._tried.popitem(last=False)
