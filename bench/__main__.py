"""`make bench`: the product beside its limits and peers, in one run on one stack; a table, and JSON beside it.

``CASES=moves-16,webhooks`` chooses; a word that is no case stands for all that begin with it.
``ARGS="--open 500,2000,10000"`` says with how many open bookings the recovery is measured. Everything stays on this
machine.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.life_cost import measure_life
from bench.moves import LIVES, measure_dbos, measure_moves
from bench.one_hour import measure_one_hour
from bench.reads import Result, measured
from bench.recovery import CACHED, measure_recovery
from bench.results import ROUNDS, Line, Results, Say, machine
from bench.search import LIMIT, measure_search
from bench.service_lives import measure_service_lives
from bench.service_people import AT_ANY_TIME, INSTALLED, service_people
from bench.sockets import measure_sockets
from bench.stacks import production_stack
from bench.webhooks import measure_webhooks
from devstack.parts.base import REPOSITORY
from devstack.stack import Stack

MOVES = tuple(f"moves-{at_once}" for at_once in LIVES)
OF_SERVICES = ("search", "one-hour", "sockets", "service-lives")
"""Those of local services, which are installed for them alone."""
CASES = ("life", "reads", *MOVES, "dbos", "webhooks", *OF_SERVICES, "recovery")
RESULTS = REPOSITORY / ".bench"
Measure = Callable[[Stack, Results, Say], Awaitable[None]]


def main() -> int:
    """Measure what was asked for; with ``--judge`` 1 when something that is wanted was not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", default="", help=f"some of {', '.join(CASES)}, or how they begin (all)")
    parser.add_argument("--open", default="500,2000", help="open bookings at a recovery (500,2000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each side (5)")
    parser.add_argument("--json", type=Path, help="where the figures go (.bench/TIME.json)")
    parser.add_argument("--plan", action="store_true", help="print how PostgreSQL finds what is searched for")
    parser.add_argument("--judge", action="store_true", help="fail when something that is wanted was not kept")
    asked = parser.parse_args()
    began, results = time.monotonic(), Results()
    cases = chosen(asked.cases)

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", flush=True)

    results.details["machine"] = machine()
    say(f"cases: {', '.join(cases)}")
    with production_stack(**environment(cases)) as stack:
        numbers = [int(number) for number in asked.open.split(",")]
        if "reads" in cases:
            add_reads(measured(stack.info, asked.rounds), results)
        asyncio.run(_measure(stack, results, cases, numbers, asked.rounds, say))
    path = asked.json or RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.json"
    results.write(path)
    print(f"\n{results.table()}\n\nall figures: {path}; {time.monotonic() - began:.0f} s", flush=True)
    if asked.plan and "search" in results.details:
        print("\n".join(results.details["search"]["plan"]), flush=True)
    return int(asked.judge and any(line.kept is False for line in results.lines))


def chosen(words: str) -> list[str]:
    """The cases that are meant, in their order.

    Raises:
        SystemExit: there is no such case.
    """
    wanted = [word for word in words.replace(",", " ").split() if word]
    meant = {word: {word} if word in CASES else {case for case in CASES if case.startswith(word)} for word in wanted}
    if unknown := [word for word, cases in meant.items() if not cases]:
        raise SystemExit(f"no such case: {', '.join(unknown)}; there are {', '.join(CASES)}")
    return [case for case in CASES if not wanted or any(case in cases for cases in meant.values())]


def environment(cases: Collection[str]) -> dict[str, str]:
    """What a stack that is measured with these cases has in its environment."""
    # A poll would find the money by itself; only the provider's webhooks may bring it.
    env = {"REVCARE_PAYMENT_POLL": "30s", "REVCARE_LOG_LEVEL": "INFO", "REVCARE_WORKFLOW_CACHE": str(CACHED)}
    return env | INSTALLED | AT_ANY_TIME | LIMIT if set(OF_SERVICES) & set(cases) else env


def add_reads(found: Sequence[Result], results: Results) -> None:
    """A line for each read: processor time of the API beside that of a bare reply."""
    rows = [each.row() for each in found]
    results.details["reads"] = rows
    for row in rows:
        limit, ratio = row["limit"], row["cpu_ratio"]
        what, beside = f"{row['case']}: us of the API", f"bare Starlette {row['bare_cpu_us']:.0f}"
        wanted, kept = ("", None) if limit is None else (f"<= {limit:g}", ratio <= limit)
        results.add(Line("reads", what, f"{row['cpu_us']:.0f}", beside, ratio, wanted, kept))


async def _measure(stack: Stack, results: Results, cases: list[str], numbers: list[int], rounds: int, say: Say) -> None:
    if "life" in cases:
        await measure_life(stack.info, results, say)
    if levels := [at_once for at_once in LIVES if f"moves-{at_once}" in cases]:
        await measure_moves(stack.info, results, levels, rounds, say)
    if "dbos" in cases:
        await measure_dbos(stack.info, results, rounds, say)
    if "webhooks" in cases:
        await measure_webhooks(stack.info, results, rounds, say)
    if "search" in cases:
        await measure_search(stack.info, results, rounds, say)
    if "sockets" in cases:
        await measure_sockets(stack, results, rounds, say)
    if {"one-hour", "service-lives"} & set(cases):
        async with service_people(stack.info) as people:
            if "one-hour" in cases:
                await measure_one_hour(stack.info, people, results, rounds, say)
            if "service-lives" in cases:
                await measure_service_lives(stack.info, people, results, rounds, say)
    if "recovery" in cases:
        await measure_recovery(stack, results, numbers, say)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the SDK's threads can abort an ordinary exit
