"""Pauses that grow: whoever waits in vain waits twice as long the next time, up to a longest pause."""

from datetime import timedelta


def growing_pause(first: timedelta, longest: timedelta, times: int) -> timedelta:
    """``first``, twice as long after each of ``times`` further tries, and never more than ``longest``.

    Any number of times will do: it is doubled only until ``longest`` is reached, for a ``timedelta`` has an end.
    """
    if not first:
        return first
    doublings = min(times, int(longest / first).bit_length())
    return min(first * (1 << doublings), longest)
