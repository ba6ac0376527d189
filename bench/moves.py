"""Moves: versions of bookings a second, through the product and through what it is compared with, in turns.

The product's side is whole lives over HTTP: booked online, analysed, paid by webhook, worked on, delivered, a fifth
given up with a refund. The clock stops when nothing is left to do for any of them and the last mail is out. What it is
compared with makes as many versions: bare Temporal (``bench.bare_temporal``), and DBOS with as many calls of others
(``bench.dbos_peer``). All share one Temporal server, one PostgreSQL, one mail server and one sandbox of the provider.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

from temporalio.client import Client

from bench.bare_temporal import Bare, bare_worker
from bench.dbos_peer import Dbos, dbos_server
from bench.life_cost import histories
from bench.lives import Car, People, given_up_in_turn, live
from bench.peers import NotInstalled
from bench.results import Line, Results, Round, Say, Side
from bench.stacks import Info, processor_seconds, spent

LIVES = {1: 5, 4: 10, 16: 30, 64: 65}
"""Bookings at once -> bookings of a round."""
DBOS_AT_ONCE = 16
WANTED_SHARE, WORKER_MS, API_MS, TEMPORAL_MS = 0.33, 12.0, 4.0, 11.0
"""Of the rate of bare Temporal, and processor time of a version."""
_QUIET_WITHIN = 120.0
_ROUNDS_AT_LEAST, _LONGEST_CASE = 2, 100.0
"""A case that takes longer, in seconds, ends after so many rounds: all of them together are to fit into 15 minutes."""
_OPEN = """
    SELECT (SELECT count(*) FROM outbox WHERE booking_id = ANY($1))
        + (SELECT count(*) FROM bookings WHERE id = ANY($1) AND NOT settled)
"""
_VERSIONS = "SELECT count(*) FROM booking_events WHERE booking_id = ANY($1)"
_MAILS = "SELECT count(*) FROM notifications WHERE booking_id = ANY($1) AND sent_at IS NOT NULL"
Turn = Callable[[], Awaitable[Round]]


class Product:
    """The product, as one side of the comparison."""

    def __init__(self, info: Info, people: People) -> None:
        self._info, self._people = info, people
        self.versions_of_a_life, self.mails_of_a_life = 15, 10
        self.bookings: list[int] = []

    async def round(self, at_once: int, lives: int) -> Round:
        """So many whole lives, ``at_once`` of them at any time; what is counted are versions in the timeline."""
        cars, gate = await self._people.cars(lives), asyncio.Semaphore(at_once)

        async def one(car: Car, given_up: bool) -> int:
            async with gate:
                return await live(self._people, car, given_up=given_up)

        before, began = processor_seconds(self._info), time.perf_counter()
        bookings = await asyncio.gather(*(one(*each) for each in zip(cars, given_up_in_turn(), strict=False)))
        await self._until_quiet(bookings)
        seconds, used = time.perf_counter() - began, spent(before, processor_seconds(self._info))
        versions = int(await self._people.database.fetchval(_VERSIONS, bookings))
        mails = int(await self._people.database.fetchval(_MAILS, bookings))
        self.versions_of_a_life, self.mails_of_a_life = round(versions / lives), round(mails / lives)
        self.bookings += bookings
        return Round(versions, seconds, used)

    async def _until_quiet(self, bookings: list[int]) -> None:
        async with asyncio.timeout(_QUIET_WITHIN):
            await self._people.until_none(_OPEN, bookings)


async def measure_moves(info: Info, results: Results, levels: list[int], rounds: int, say: Say) -> None:
    """Each level: the product and bare Temporal in turns."""
    people = await People.of(info)
    client = await Client.connect(info["temporal"], namespace=info["temporal_namespace"])
    with bare_worker(info) as worker:
        product, bare = Product(info, people), Bare(info, client, worker)
        await product.round(4, 4)  # what is made once (templates, prepared statements, compiled code) is made
        await bare.round(4, 4, 4)
        for at_once in levels:
            product.bookings.clear()
            lives = LIVES[at_once]
            sides: dict[str, Turn] = {
                "product": lambda at_once=at_once, lives=lives: product.round(at_once, lives),  # type: ignore[misc]
                "bare Temporal": lambda at_once=at_once, lives=lives: bare.round(  # type: ignore[misc]
                    at_once, lives, product.versions_of_a_life
                ),
            }
            found = await in_turns(sides, say, f"moves, {at_once} at once", rounds)
            _report(results, at_once, found["product"], found["bare Temporal"])
            history = await histories(info, product.bookings)
            results.details[f"moves-{at_once}-histories"] = history
            lost = f"{1000 * history['lost'] / history['tasks']:.1f}"
            results.add(Line(f"moves-{at_once}", "of 1,000 tasks of the workflows lost and done again", lost))
        results.details["life"] = {"versions": product.versions_of_a_life, "mails": product.mails_of_a_life}
    await people.close()


async def measure_dbos(info: Info, results: Results, rounds: int, say: Say) -> None:
    """The product and DBOS in turns, with the same mails and calls of the provider."""
    people = await People.of(info)
    product = Product(info, people)
    try:
        async with dbos_server(info, say) as served:
            dbos = Dbos(info, *served)
            await product.round(4, 4)
            await dbos.round(4, 4, 4, 2)
            lives = LIVES[DBOS_AT_ONCE]
            sides: dict[str, Turn] = {
                "product": lambda: product.round(DBOS_AT_ONCE, lives),
                "DBOS": lambda: dbos.round(DBOS_AT_ONCE, lives, product.versions_of_a_life, product.mails_of_a_life),
            }
            found = await in_turns(sides, say, f"dbos, {DBOS_AT_ONCE} at once", rounds)
    except NotInstalled as reason:
        results.add(Line("dbos", "versions a second", "not measured", str(reason)))
        return
    finally:
        await people.close()
    ours, theirs = found["product"], found["DBOS"]
    results.details["dbos"] = {"product": ours, "DBOS": theirs}
    ratio = ours.rate / theirs.rate
    results.add(
        Line("dbos", f"versions a second, {DBOS_AT_ONCE} at once", f"{ours.rate:.1f}",
             f"DBOS {theirs.rate:.1f}", ratio, "ahead", ratio > 1),
        Line("dbos", "processor, all processes", f"{ours.together():.1f} ms", f"DBOS {theirs.together():.1f} ms",
             ours.together() / theirs.together()),
    )  # fmt: skip


async def in_turns(sides: dict[str, Turn], say: Say, what: str, rounds: int) -> dict[str, Side]:
    """Each side once in every round, in turned order every other time: what disturbs the machine disturbs all."""
    found: dict[str, list[Round]] = {name: [] for name in sides}
    began = time.monotonic()
    for number in range(rounds):
        if number >= _ROUNDS_AT_LEAST and time.monotonic() - began > _LONGEST_CASE:
            say(f"{what}: after {number} rounds, for it takes long")
            break
        for name in sorted(sides, reverse=bool(number % 2)):
            found[name].append(await sides[name]())
        rates = ", ".join(f"{name} {each[-1].rate:.0f}/s" for name, each in found.items())
        say(f"{what}: round {number + 1} of {rounds}: {rates}")
    return {name: Side.of(name, each) for name, each in found.items()}


def _report(results: Results, at_once: int, ours: Side, limit: Side) -> None:
    figures = (
        ("both roles of the worker", ours.together("worker", "activities"), limit.together("bare"), WORKER_MS),
        ("API", ours.together("api"), None, API_MS),
        ("Temporal", ours.together("temporal"), limit.together("temporal"), TEMPORAL_MS),
        ("PostgreSQL, Temporal's rows too", ours.together("postgres"), limit.together("postgres"), None),
        ("mail server and sandbox", ours.together("mail", "razorpay"), None, None),
    )
    wanted = WANTED_SHARE if at_once == DBOS_AT_ONCE else None
    add_moves(results, f"moves-{at_once}", {"product": ours, "bare Temporal": limit}, wanted, figures)


Figure = tuple[str, float, float | None, float | None]
"""What is meant, processor milliseconds of a version of the product and of the limit, and how many it may be."""


def add_moves(
    results: Results, case: str, sides: Mapping[str, Side], wanted: float | None, figures: Iterable[Figure]
) -> None:
    """Lines for versions a second of the product beside those of its limit, and for the processor time of each."""
    (_, ours), (name, limit) = sides.items()
    ratio = ours.rate / limit.rate
    results.details[case] = dict(sides)
    share, kept = ("", None) if wanted is None else (f">= {wanted}", ratio >= wanted)
    beside = f"{name} {limit.rate:.1f}"
    results.add(Line(case, "versions a second", f"{ours.rate:.1f}", beside, ratio, share, kept))
    for what, used, theirs, most in figures:
        beside = "" if theirs is None else f"{name} {theirs:.1f}"
        wish, kept = ("", None) if most is None else (f"<= {most:g}", used <= most)
        results.add(Line(case, f"ms a version: {what}", f"{used:.1f}", beside, None, wish, kept))
