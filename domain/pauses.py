"""Pauses that grow: whoever waits in vain waits twice as long the next time, up to a longest pause.

And pauses that differ: what many have to do at one moment is not done by all of them at once.
"""

from datetime import timedelta
from zlib import crc32


def growing_pause(first: timedelta, longest: timedelta, times: int) -> timedelta:
    """``first``, twice as long after each of ``times`` further tries, and never more than ``longest``.

    Any number of times will do: it is doubled only until ``longest`` is reached, for a ``timedelta`` has an end.
    """
    if not first:
        return first
    doublings = min(times, int(longest / first).bit_length())
    return min(first * (1 << doublings), longest)


def spread(name: str, longest: timedelta) -> timedelta:
    """A pause between nothing and ``longest``: always the same for one name, and another one for the next."""
    return longest * (crc32(name.encode()) / 2**32)
