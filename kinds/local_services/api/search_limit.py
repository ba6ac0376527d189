"""How often one address may search in a minute: counted by each process for itself, in memory.

A search writes nothing, so it should not wait for a row that counts it.
"""

import time
from collections import OrderedDict

from fastapi import Request

from api.http.rate_limits import address_of
from domain.errors import TooMany
from kinds.local_services.api.policy import PolicyNow

_MOST_ADDRESSES = 20_000
_MINUTE = 60.0


class Searches:
    """The searches of the last minute, by address; a minute begins with the first one in it."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str, most: int, now: float) -> None:
        """One more.

        Raises:
            TooMany: it was ``most`` within this minute already.
        """
        since, number = self._known.pop(address, (now, 0))
        if now - since >= _MINUTE:
            since, number = now, 0
        self._known[address] = since, min(number + 1, most + 1)
        if len(self._known) > _MOST_ADDRESSES:
            self._known.popitem(last=False)
        if number >= most:
            raise TooMany("too many searches from your address", retry_after=max(1, round(since + _MINUTE - now)))


async def count_search(request: Request, policy: PolicyNow) -> None:
    """Count a search for the address that it comes from.

    Raises:
        TooMany: there were too many within a minute.
    """
    state = request.app.state
    if not hasattr(state, "searches"):
        state.searches = Searches()
    state.searches.count(address_of(request), policy.searches_per_minute, time.monotonic())
