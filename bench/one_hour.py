"""Fifty people ask for one hour of one provider at the same moment: one gets it, and no two transactions deadlock."""

import asyncio
import time
from collections import Counter
from statistics import median
from typing import Any

import orjson

from bench.clients import Person
from bench.results import Line, Results, Say
from bench.service_people import SEEKERS, ServicePeople
from bench.stacks import Info, processor_seconds, spent

_CASE = "one-hour"
_TOLD_WITHIN = 11.0
"""Seconds after which a session of PostgreSQL has told what it counted: it does so when it is idle for ten."""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_HELD = """
    SELECT count(*) FROM provider_time WHERE provider_id = $1 AND lower(during) = CAST($2::text AS timestamptz)
"""


async def measure_one_hour(info: Info, people: ServicePeople, results: Results, rounds: int, say: Say) -> None:
    """Every round is about another hour; the first one is not counted, for it opens connections."""
    before = int(await people.database.fetchval(_DEADLOCKS))
    await _ask(people)
    seconds: list[float] = []
    winners: list[float] = []
    answers = Counter[str]()
    held = 0
    used = processor_seconds(info)
    for number in range(rounds):
        took, first, told, rows = await _ask(people)
        seconds.append(took)
        winners.append(first)
        answers += told
        held += rows
        say(f"{_CASE}: round {number + 1} of {rounds}: all answered in {took:.2f} s")
    asked = rounds * SEEKERS
    processor = {part: round(1000 * each / asked, 2) for part, each in spent(used, processor_seconds(info)).items()}
    await asyncio.sleep(_TOLD_WITHIN)
    deadlocks = int(await people.database.fetchval(_DEADLOCKS)) - before
    one_each = answers == Counter({"201": rounds, "409 SlotTaken": asked - rounds}) and held == rounds
    results.details[_CASE] = {
        "rounds_s": [round(each, 3) for each in seconds],
        "winners_s": [round(each, 3) for each in winners],
        "answers": dict(answers),
        "held": held,
        "deadlocks": deadlocks,
        "processor_ms": {part: each for part, each in processor.items() if each >= 0.05},
    }
    together = sum(each for part, each in processor.items() if part != "bench")
    results.add(
        Line(_CASE, f"{SEEKERS} at once for one hour: one wins, the others hear that it is taken", str(one_each), "",
             None, "all", one_each),
        Line(_CASE, "the same: deadlocks in PostgreSQL", str(deadlocks), "", None, "0", deadlocks == 0),
        Line(_CASE, "the same: seconds until all are answered, until one has won",
             f"{median(seconds):.2f}, {median(winners):.2f}"),
        Line(_CASE, "the same: ms a request, all processes", f"{together:.1f}"),
    )  # fmt: skip


async def _ask(people: ServicePeople) -> tuple[float, float, Counter[str], int]:
    """Seconds until all were answered and until one had won, what was answered, and rows of held time."""
    offered, wish = people.wish()
    began = time.perf_counter()

    async def one(seeker: Person) -> tuple[str, float]:
        status, content = await seeker.answer("POST", "/bookings/", wish)
        code = "" if status == 201 else f" {orjson.loads(content)['code']}"
        return f"{status}{code}", time.perf_counter() - began

    told: list[tuple[str, float]] = await asyncio.gather(*(one(seeker) for seeker in people.seekers))
    seconds = time.perf_counter() - began
    held: Any = await people.database.fetchval(_HELD, offered.provider.id, wish["scheduled_at"])
    won = min((at for status, at in told if status == "201"), default=seconds)
    return seconds, won, Counter(status for status, _ in told), int(held)
