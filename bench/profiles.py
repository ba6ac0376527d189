"""`make bench-profile`: where the time of each role goes while bookings live.

py-spy looks at the processes from outside, 200 times a second, and counts the thread that holds the interpreter's
lock: what runs beside it (the SDK's core, the kernel) is in the processor time of the process, printed first. Then the
dearest functions of each role: those of ours with all that they call, and any function by its own time.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from bench.lives import People
from bench.moves import Product
from bench.peers import installed
from bench.results import Say
from bench.service_lives import Services
from bench.service_people import AT_ANY_TIME, INSTALLED, service_people
from bench.stacks import Info, production_stack
from devstack.parts.base import REPOSITORY

ROLES = ("worker", "activities")
"""Of the worker; the API's process is the kind's."""
_RATE = 200
Watched = AbstractContextManager[None]
Live = Callable[[Info, Watched, int, int, Say], Coroutine[Any, Any, dict[str, float]]]


def main() -> int:
    """Profile the three roles and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.profiles", description=__doc__)
    parser.add_argument("--kind", choices=tuple(KINDS), default="vehicle-service", help="whose lives (vehicle-service)")
    parser.add_argument("--lives", type=int, default=48, help="bookings that live meanwhile (48)")
    parser.add_argument("--at-once", type=int, default=16, help="of them at any time (16)")
    parser.add_argument("--top", type=int, default=10, help="functions of each kind (10)")
    parser.add_argument("--keep", type=Path, help="a folder for the raw profiles")
    asked = parser.parse_args()
    programs = installed(print)
    env, live, api = KINDS[asked.kind]
    roles = (*ROLES, api)
    with production_stack(**env) as stack, tempfile.TemporaryDirectory() as place:
        folder = asked.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        watched = _watched(stack.info, programs / "py-spy", folder, roles)
        used = asyncio.run(live(stack.info, watched, asked.lives, asked.at_once, print))
        for role in roles:
            _show(role, folder / f"{role}.txt", used[role], asked.top)
    return 0


async def _visits(info: Info, watched: Watched, lives: int, at_once: int, say: Say) -> dict[str, float]:
    people = await People.of(info)
    try:
        return await _live(Product(info, people), watched, lives, at_once, say)
    finally:
        await people.close()


async def _services(info: Info, watched: Watched, lives: int, at_once: int, say: Say) -> dict[str, float]:
    async with service_people(info) as people:
        return await _live(Services(info, people), watched, lives, at_once, say)


async def _live(side: Product | Services, watched: Watched, lives: int, at_once: int, say: Say) -> dict[str, float]:
    await side.round(4, 8)
    with watched:
        found = await side.round(at_once, lives)
    used = ", ".join(f"{part} {value:.1f}" for part, value in found.milliseconds().items() if value >= 0.1)
    say(f"{found.operations} versions, {found.rate:.1f} a second; ms of processor a version: {used}")
    return found.milliseconds()


KINDS: dict[str, tuple[dict[str, str], Live, str]] = {
    "vehicle-service": ({}, _visits, "api"),
    "local-services": (INSTALLED | AT_ANY_TIME, _services, "api-local-services"),
}
"""What a stack needs in its environment, what lives in it, and the kind's API process."""


@contextmanager
def _watched(info: Info, spy: Path, folder: Path, roles: Sequence[str]) -> Iterator[None]:
    watching = [
        subprocess.Popen(  # noqa: S603 - the profiler
            [
                str(spy), "record", "--gil", "--format", "raw", "--rate", str(_RATE),
                "--duration", "3600", "--output", str(folder / f"{role}.txt"), "--pid", str(info["processes"][role]),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for role in roles
    ]  # fmt: skip
    try:
        yield
    finally:
        for each in watching:
            each.send_signal(2)  # it writes what it has
            each.wait(60)


def _show(role: str, raw: Path, used: float, top: int) -> None:
    own, within, total = Counter[str](), Counter[str](), 0
    for line in raw.read_text().splitlines():
        stack, _, number = line.rpartition(" ")
        frames = [_place(frame) for frame in stack.split(";")]
        total += int(number)
        own[frames[-1]] += int(number)
        within.update({frame: int(number) for frame in set(frames) if _is_ours(frame)})
    print(f"\n== {role}: {used:.1f} ms of processor a version; shares of the time in which Python ran")
    for what, counted in (("ours, with what they call", within), ("any, by their own time", own)):
        print(f"-- {what}")
        for place, samples in counted.most_common(top):
            print(f"   {samples / max(total, 1):6.1%}  {place}")


def _place(frame: str) -> str:
    """The function and its file, without the line; files of packages without their folder."""
    function, _, rest = frame.partition(" (")
    path = rest.rpartition(":")[0]
    for root in (f"{REPOSITORY}/.venv/lib/", f"{REPOSITORY}/"):
        path = path.removeprefix(root)
    return f"{function} ({path.rpartition('site-packages/')[2]})"


def _is_ours(place: str) -> bool:
    path = place.partition(" (")[2].rstrip(")")
    return path.startswith(("activities/", "adapters/", "api/", "domain/", "kinds/", "workers/", "workflows/"))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
