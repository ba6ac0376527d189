"""`make attack`: whether customers notice when everything at once is tried on the product, and whether it recovers.

Each round is two sides in turn, with the same customers: the attackers meet a bare listener beside the product, then
the product. Everything stays on this machine. Ends with 1 when something that is wanted was not kept.
"""

import argparse
import asyncio
import os
import sys
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from attack.customers import allowed, slowest
from attack.listener import bare_listener
from attack.preparation import Prepared, prepared
from attack.rounds import Seen, attacked, faults, forget_failures
from attack.scenario import BACK_WITHIN, DESCRIPTORS_LEFT, MORE_MIB, WHOLE, Scenario
from bench.results import Line, Results, Say, machine
from bench.stacks import Info, production_stack
from devstack.parts.base import REPOSITORY

RESULTS = REPOSITORY / ".bench"
_AFTER, _PAUSE = 5.0, 2.0
_LIMITS = {"REVCARE_REGISTRATIONS_PER_ADDRESS": "60", "REVCARE_REGISTRATIONS_IN_ALL": "2000"}
"""As in production: a development stack lets everybody register."""


def main() -> int:
    """Attack, print, and answer 0 when everything was kept."""
    parser = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    parser.add_argument("--rounds", type=int, default=WHOLE.rounds, help=f"of both sides ({WHOLE.rounds})")
    parser.add_argument("--seconds", type=float, default=WHOLE.seconds, help=f"of each side ({WHOLE.seconds:g})")
    parser.add_argument("--only", default="", help=f"some of {', '.join(WHOLE.per_second)}, with commas (all)")
    parser.add_argument("--json", type=Path, help="where the figures go (.bench/attack-TIME.json)")
    asked = parser.parse_args()
    scenario = replace(WHOLE, rounds=asked.rounds, seconds=asked.seconds, per_second=chosen(asked.only))
    began, results = time.monotonic(), Results()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", flush=True)

    results.details |= {"machine": machine(), "scenario": asdict(scenario)}
    say(f"{scenario.customers} customers; a second: {_told(scenario)}")
    with production_stack(REVCARE_LOG_LEVEL="INFO", **_LIMITS) as stack:
        say("people register, one of them pays an order")
        with prepared(stack.info, scenario) as there:
            sides = asyncio.run(_rounds(stack.info, there, scenario, say))
    add_lines(sides, scenario, results)
    path = asked.json or RESULTS / f"attack-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.json"
    results.write(path)
    print(f"\n{results.table()}\n")
    for line in faults([one for _, product in sides for one in (*product.during, *product.after)]):
        print(f"failed: {line}")
    print(f"all figures: {path}; {time.monotonic() - began:.0f} s", flush=True)
    return int(any(line.kept is False for line in results.lines))


def chosen(words: str) -> dict[str, float]:
    """The rates of these kinds, or of all.

    Raises:
        SystemExit: there is no such kind.
    """
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    if unknown := set(wanted) - WHOLE.per_second.keys():
        raise SystemExit(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(WHOLE.per_second)}")
    return {kind: rate for kind, rate in WHOLE.per_second.items() if not wanted or kind in wanted}


async def _rounds(info: Info, there: Prepared, scenario: Scenario, say: Say) -> list[tuple[Seen, Seen]]:
    """Both sides of every round: beside the listener, and the product."""
    sides = []
    for number in range(scenario.rounds):
        await forget_failures(info)
        with bare_listener() as url:
            beside = await attacked(info, there, url, scenario)
        say(f"round {number + 1} of {scenario.rounds}: beside a bare listener {_figures(beside)}")
        await asyncio.sleep(_PAUSE)
        product = await attacked(info, there, info["api"], scenario, after=_AFTER)
        say(f"round {number + 1} of {scenario.rounds}: the product attacked {_figures(product)}")
        sides.append((beside, product))
    return sides


def add_lines(sides: list[tuple[Seen, Seen]], scenario: Scenario, results: Results) -> None:
    """What was found, beside what is wanted."""
    beside = median(slowest(each.during) for each, _ in sides)
    during = median(slowest(each.during) for _, each in sides)
    later = median(slowest(each.after) for _, each in sides)
    products = [product for _, product in sides]
    failed = sum(bool(one.fault) for each in products for one in (*each.during, *each.after))
    asked = sum(len(each.during) + len(each.after) for each in products)
    most, more = max(each.most.descriptors for each in products), max(_more_mib(each) for each in products)
    left = max(each.later.descriptors - each.before.descriptors for each in products)
    limit, within = allowed(beside), f"{BACK_WITHIN:g} s later"
    bound = most_descriptors(products, scenario)
    results.add(
        Line("customers", f"requests that failed, of {asked}", str(failed), "", None, "none", not failed),
        Line("customers", "p99, s", f"{during:.2f}", f"{beside:.2f}", during / beside if beside else None,
             f"<= {limit:.2f}", during <= limit),
        Line("customers", f"p99 {within}, s", f"{later:.2f}", f"{beside:.2f}", later / beside if beside else None,
             f"<= {limit:.2f}", later <= limit),
        Line("api", "descriptors, most", str(most), "", None, f"<= {bound}", most <= bound),
        Line("api", f"descriptors more than before, {within}", str(left), "", None, f"<= {DESCRIPTORS_LEFT}",
             left <= DESCRIPTORS_LEFT),
        Line("api", "connections not taken yet, most", str(max(each.most.waiting for each in products))),
        Line("api", f"connections not taken yet, {within}", str(max(each.later.waiting for each in products))),
        Line("api", "MiB more than before, most", f"{more:.0f}", "", None, f"<= {MORE_MIB:.0f}", more <= MORE_MIB),
    )  # fmt: skip
    totals: dict[str, int] = {}
    for each in products:
        for what, number in each.attackers.items():
            totals[what] = totals.get(what, 0) + number
    results.add(*(Line("attackers", what, str(number)) for what, number in sorted(totals.items())))
    results.details["rounds"] = [{"beside": _summary(one), "product": _summary(other)} for one, other in sides]


def most_descriptors(seen: list[Seen], scenario: Scenario) -> int:
    """What the process may have open at most: what it had, the attackers' sockets, and one a customer."""
    return max(each.before.descriptors for each in seen) + scenario.most_sockets + scenario.customers


def _more_mib(seen: Seen) -> float:
    return seen.most.mib - seen.before.mib


def _figures(seen: Seen) -> str:
    asked = [*seen.during, *seen.after]
    failed = sum(bool(one.fault) for one in asked)
    return (
        f"p99 {slowest(seen.during):.2f} s of {len(seen.during)}, {failed} failed; "
        f"{seen.most.descriptors} descriptors, {_more_mib(seen):.0f} MiB more"
    )


def _summary(seen: Seen) -> dict[str, object]:
    held = {"before": seen.before, "most": seen.most, "later": seen.later}
    times = {
        what: round(slowest([one for one in seen.during if one.what == what]), 3)
        for what in sorted({one.what for one in seen.during})
    }
    figures = {"p99": slowest(seen.during), "p99_later": slowest(seen.after), "p99_each": times}
    return {**figures, "faults": faults([*seen.during, *seen.after]), "attackers": seen.attackers, "held": held}


def _told(scenario: Scenario) -> str:
    return ", ".join(f"{rate:g} x {kind}" for kind, rate in scenario.per_second.items()) + f"; {scenario.idle} idle"


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the SDK's threads can abort an ordinary exit
