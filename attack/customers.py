"""Customers who go on with what they came for, each from an address of their own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from attack.scenario import SLOWEST
from bench.clients import Http
from bench.flood import percentile

Json = dict[str, Any]
Call = Callable[[], Awaitable[tuple[int, bytes]]]
"""Asks, and answers status and body."""
_LONGEST = 60.0
"""Seconds that a customer waits for the last answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: when it was made (``time.monotonic``), how long its answer took, what came instead of a good one."""

    what: str
    at: float
    seconds: float
    fault: str = ""


@dataclass(slots=True)
class Customer:
    """Somebody with a car, on a device that is known."""

    http: Http
    phone: str
    password: str
    device: str
    wish: Json
    token: str = ""
    booking: int | None = None
    """Open, and perhaps from an earlier visit that was broken off."""
    asked: list[Asked] = field(default_factory=list)

    async def visit(self, steps: "Steps") -> None:
        """Come on a new connection, log in, book, look, look again, think better of it; one step at a time."""
        await self.http.close()
        form = {"username": self.phone, "password": self.password}
        login = partial(self.http.post_form, "/api/v1/auth/login", self.device, **form)
        found = await steps.next(self, "login", login)
        if found:
            self.token = found["access_token"]
        if self.booking is None:
            found = await steps.next(self, "book", self._call("POST", "/bookings/", self.wish))
            self.booking = found["id"] if found else None
        await steps.next(self, "list", self._call("GET", "/bookings/customer"))
        if self.booking is not None:
            path = f"/bookings/{self.booking}"
            await steps.next(self, "look", self._call("GET", path))
            if await steps.next(self, "cancel", self._call("PUT", f"{path}/cancel", {"reason": "We sold the car."})):
                self.booking = None

    def _call(self, method: str, path: str, body: Json | None = None) -> Call:
        return lambda: self.http.send(method, f"/api/v1{path}", self.token, body)


class Steps:
    """When the next step of a customer is due, and what became of it."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._over = asyncio.Event()

    @property
    def over(self) -> bool:
        """Nobody goes on any more."""
        return self._over.is_set()

    def end(self) -> None:
        """Nobody begins a further step."""
        self._over.set()

    async def next(self, customer: Customer, what: str, call: Call) -> Any:
        """Wait until it is due, take it, and answer the JSON of a good answer; None for any other, or at the end."""
        last = customer.asked[-1].at if customer.asked else -self._every
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, last + self._every - time.monotonic())):
                await self._over.wait()
        if self.over:
            return None
        began, found, fault = time.monotonic(), None, ""
        try:
            status, body = await call()
            if 200 <= status < 300:
                found = orjson.loads(body)
            else:
                fault = f"{status} {body[:200].decode(errors='replace')}"
        except (OSError, EOFError, TimeoutError) as failure:
            fault = f"{type(failure).__name__} {failure}"
        customer.asked.append(Asked(what, began, time.monotonic() - began, fault))
        return found


class Customers:
    """All of them, from ``begin`` to ``end``."""

    def __init__(self, people: Sequence[Customer], every: float) -> None:
        self._people, self._steps, self._every = people, Steps(every), every
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """They come one shortly after the other."""
        self._tasks = [asyncio.create_task(self._come(n, each)) for n, each in enumerate(self._people)]

    async def end(self) -> None:
        """Wait for the last answers, and hang up."""
        self._steps.end()
        async with asyncio.timeout(_LONGEST):
            await asyncio.gather(*self._tasks)
        for each in self._people:
            await each.http.close()

    def asked(self, since: float, until: float) -> list[Asked]:
        """What was asked for in that time, or before it and not answered when it began."""
        every = (one for each in self._people for one in each.asked)
        within = (one for one in every if one.at < until and one.at + one.seconds >= since)
        return sorted(within, key=lambda one: one.at)

    async def _come(self, number: int, customer: Customer) -> None:
        await asyncio.sleep(self._every * number / len(self._people))
        while not self._steps.over:
            await customer.visit(self._steps)


def slowest(asked: Sequence[Asked]) -> float:
    """Seconds within which 99 of 100 were answered."""
    return percentile(sorted(one.seconds for one in asked), 99) if asked else 0.0


def allowed(beside: float) -> float:
    """Seconds that 99 of 100 may take, when they took so many beside the listener."""
    return max(2 * beside, SLOWEST)
