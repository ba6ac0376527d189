"""Whole lives of bookings of a local service, from the request to the confirmation, beside bare Temporal in turns.

By the calls that people make: requested, accepted (every fifth after another offer of the provider), paid at the
checkout and reported by webhook, begun, completed, confirmed. The provider's share is transferred on hold and released.
The clock stops when every share is released and the last mail is out; what is counted are versions in the timelines.
"""

import asyncio
import time
from typing import Any

from temporalio.client import Client

from bench.bare_temporal import Bare, bare_worker
from bench.clients import Person
from bench.life_cost import histories
from bench.moves import Turn, add_moves, in_turns
from bench.results import Line, Results, Round, Say, Side
from bench.service_people import KIND, Offered, ServicePeople
from bench.stacks import Info, processor_seconds, spent
from kinds.local_services.domain.kind import LOCAL_SERVICES

AT_ONCE, LIVES, WANTED_SHARE = 16, 30, 0.25
_CASE = "service-lives"
_LOOK_EVERY = 0.05
_PATIENCE, _QUIET_WITHIN = 90.0, 120.0
_PAID = "SELECT booking_id FROM booking_events WHERE booking_id = ANY($1) AND action = 'pay'"
_OPEN = """
    SELECT (SELECT count(*) FROM outbox WHERE booking_id = ANY($1))
        + cardinality($1) - (SELECT count(*) FROM payouts WHERE booking_id = ANY($1) AND state = 'released')
"""
_VERSIONS = "SELECT count(*) FROM booking_events WHERE booking_id = ANY($1)"
_MAILS = "SELECT count(*) FROM notifications WHERE booking_id = ANY($1) AND sent_at IS NOT NULL"
_CONFIRMED = """
    SELECT count(DISTINCT booking_id) FROM booking_events
    WHERE booking_id = ANY($1) AND action = 'confirm' AND status = 'COMPLETED'
"""


class Services:
    """The product, as one side of the comparison."""

    def __init__(self, info: Info, people: ServicePeople) -> None:
        self._info, self._people = info, people
        self._waiting: dict[int, asyncio.Event] = {}
        self.versions_of_a_life = self.mails_of_a_life = 0
        self.bookings: list[int] = []

    async def round(self, at_once: int, lives: int) -> Round:
        """So many lives, ``at_once`` of them at any time.

        Raises:
            RuntimeError: some of them were not confirmed, so they are no whole lives.
        """
        gate, database = asyncio.Semaphore(at_once), self._people.database
        seekers = self._people.seekers

        async def one(number: int) -> int:
            offered, wish = self._people.wish()
            async with gate:
                return await self._live(seekers[number % len(seekers)], offered, wish, negotiated=number % 5 == 4)

        before, began = processor_seconds(self._info), time.perf_counter()
        watching = asyncio.create_task(self._watch())
        bookings = await asyncio.gather(*(one(number) for number in range(lives)))
        async with asyncio.timeout(_QUIET_WITHIN):
            while await database.fetchval(_OPEN, bookings):  # noqa: ASYNC110 - of another process
                await asyncio.sleep(_LOOK_EVERY)
        seconds, used = time.perf_counter() - began, spent(before, processor_seconds(self._info))
        watching.cancel()
        versions = int(await database.fetchval(_VERSIONS, bookings))
        if (confirmed := await database.fetchval(_CONFIRMED, bookings)) != lives:
            raise RuntimeError(f"{confirmed} of {lives} bookings were confirmed")
        self.versions_of_a_life = round(versions / lives)
        self.mails_of_a_life = round(int(await database.fetchval(_MAILS, bookings)) / lives)
        self.bookings += bookings
        return Round(versions, seconds, used)

    async def _live(self, seeker: Person, offered: Offered, wish: dict[str, Any], *, negotiated: bool) -> int:
        provider, booking = offered.provider, int((await seeker.call("POST", "/bookings/", wish))["id"])
        path = f"/bookings/{booking}"
        if negotiated:
            offer = await provider.call("POST", f"{path}/offers", {"total_price": "1350.00", "note": "windows too"})
            await seeker.call("POST", f"{path}/offers/{offer['offers'][-1]['id']}/accept")
        else:
            await provider.call("PATCH", f"{path}/status", {"status": "ACCEPTED"})
        intent = await seeker.call("POST", f"{path}/payment-intents")
        await self._people.pay(intent["checkout"]["order_id"])
        await self._paid(booking)
        await provider.call("PATCH", f"{path}/status", {"status": "IN_PROGRESS"})
        await provider.call("PATCH", f"{path}/status", {"status": "COMPLETED"})
        await seeker.call("PATCH", f"{path}/status", {"status": "COMPLETED"})
        return booking

    async def _paid(self, booking: int) -> None:
        """Wait until the rows show it: without a call of the API, for nobody asked."""
        event = self._waiting[booking] = asyncio.Event()
        async with asyncio.timeout(_PATIENCE):
            await event.wait()

    async def _watch(self) -> None:
        while True:
            if self._waiting:
                for row in await self._people.database.fetch(_PAID, list(self._waiting)):
                    self._waiting.pop(row["booking_id"]).set()
            await asyncio.sleep(_LOOK_EVERY)


async def measure_service_lives(info: Info, people: ServicePeople, results: Results, rounds: int, say: Say) -> None:
    """The product and bare Temporal in turns."""
    client = await Client.connect(info["temporal"], namespace=info["temporal_namespace"])
    with bare_worker(info) as worker:
        product, bare = Services(info, people), Bare(info, client, worker)
        await product.round(4, 5)  # what is made once (templates, prepared statements, compiled code) is made
        await bare.round(4, 4, 4)
        product.bookings.clear()
        sides: dict[str, Turn] = {
            "product": lambda: product.round(AT_ONCE, LIVES),
            "bare Temporal": lambda: bare.round(AT_ONCE, LIVES, product.versions_of_a_life),
        }
        found = await in_turns(sides, say, f"{_CASE}, {AT_ONCE} at once", rounds)
    _report(results, found["product"], found["bare Temporal"])
    history = await histories(info, product.bookings, LOCAL_SERVICES.name)
    life = {"versions": product.versions_of_a_life, "mails": product.mails_of_a_life, **history}
    results.details[f"{_CASE}-life"] = life
    told = f"{life['versions']} versions, {life['mails']} mails, {history['events']:.0f} events"
    size = f"{history['bytes'] / 1024:.0f} KiB, {history['tasks']:.1f} tasks, of them lost {history['lost']:.2f}"
    results.add(Line(_CASE, "a life", told, size))


def _report(results: Results, ours: Side, limit: Side) -> None:
    figures = (
        ("both roles of the worker", ours.together("worker", "activities"), limit.together("bare"), None),
        ("API, of webhooks too", ours.together("api", f"api-{KIND}"), None, None),
        ("Temporal", ours.together("temporal"), limit.together("temporal"), None),
        ("PostgreSQL, Temporal's rows too", ours.together("postgres"), limit.together("postgres"), None),
        ("mail server and sandbox", ours.together("mail", "razorpay"), None, None),
        ("all processes", ours.together(), limit.together(), None),
    )
    add_moves(results, _CASE, {"product": ours, "bare Temporal": limit}, WANTED_SHARE, figures)
