"""What open bookings cost, and how long customers wait when the process that runs them is killed.

Memory: what the workflows role holds more after so many bookings were opened, all of them in its cache. Recovery: so
many bookings are open, the role is killed, and at the same moment 200 commands come for bookings that it had cached;
with one such process, which the stack starts anew, and with two of which one is killed.
"""

import asyncio
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from bench.flood import percentile
from bench.lives import People
from bench.results import Line, Results, Say
from bench.stacks import Info, processor_seconds, spent
from devstack.stack import Stack

CACHED = 1000
"""Bookings that the measured role may keep in memory."""
COMMANDS = 200
_OPENED_AT_ONCE = 16
_MEMORY_KIB = 150.0
_FIRST, _FIRST_OF_TWO, _P99 = 5.0, 3.0, 12.0
_JUDGED = 2000
_SETTLED_WITHIN = 60.0


class OpenBookings:
    """Bookings that are open; each is commanded once."""

    def __init__(self, stack: Stack, people: People, say: Say) -> None:
        self._stack, self._people, self._say = stack, people, say
        self._fresh: list[int] = []
        self.number = 0

    async def grow(self, wanted: int) -> None:
        """Until so many are open."""
        cars, gate = await self._people.cars(max(0, wanted - self.number)), asyncio.Semaphore(_OPENED_AT_ONCE)

        async def book(number: int) -> int:
            async with gate:
                body = self._people.wish(cars[number])
                if number and number % 500 == 0:
                    self._say(f"{self.number + number} bookings are open")
                return int((await cars[number].owner.call("POST", "/bookings/", body))["id"])

        self._fresh += sorted(await asyncio.gather(*(book(number) for number in range(len(cars)))))
        self.number += len(cars)
        await self.until_quiet()

    async def until_quiet(self) -> None:
        """Until all their mails have left."""
        async with asyncio.timeout(_SETTLED_WITHIN * 10):
            await self._people.until_none("SELECT count(*) FROM outbox")

    def cached(self, number: int) -> list[int]:
        """Some of the newest, which the workflows role has in its cache, none of them commanded yet."""
        newest = self._fresh[-CACHED:]
        chosen = random.Random(len(newest)).sample(newest, min(number, len(newest)))  # noqa: S311 - to mix
        self._fresh = [each for each in self._fresh if each not in set(chosen)]
        return chosen

    async def command(self, bookings: list[int]) -> list[tuple[int, float]]:
        """All at once: status and seconds of each answer."""
        return list(await asyncio.gather(*(self._assign(booking) for booking in bookings)))

    async def _assign(self, booking: int) -> tuple[int, float]:
        people, began = self._people, time.perf_counter()
        body = {
            "booking_id": booking,
            "mechanic_id": people.mechanic.id,
            "assignment_type_id": people.jobs["pickup"],
        }
        try:
            status = await people.admin.status_of("POST", "/bookings/admin/assign", body)
        except (OSError, EOFError, TimeoutError):
            status = 0
        return status, time.perf_counter() - began


async def measure_recovery(stack: Stack, results: Results, numbers: list[int], say: Say) -> None:
    """Memory for the first number of bookings, recovery for each."""
    people = await People.of(stack.info)
    bookings = OpenBookings(stack, people, say)
    await bookings.grow(20)
    for number in sorted(numbers):
        if number == min(numbers):
            await _memory(stack, bookings, results, number)
        await bookings.grow(number)
        await _killed(stack, bookings, results, number, roles=1)
        with second_role(stack.info):
            # Its share of the bookings comes to it with their next commands.
            await bookings.command(bookings.cached(40))
            await _killed(stack, bookings, results, number, roles=2)
    await people.close()


async def _memory(stack: Stack, bookings: OpenBookings, results: Results, number: int) -> None:
    already, held = bookings.number, _held(stack)
    before, began = processor_seconds(stack.info), time.perf_counter()
    await bookings.grow(number)
    seconds, used = time.perf_counter() - began, spent(before, processor_seconds(stack.info))
    opened = number - already
    each = (_held(stack) - held) / opened
    results.details["memory"] = {"opened": opened, "kib_each": each, "seconds": seconds, "processor": used}
    results.add(
        Line("memory", f"KiB of the workflows role a cached booking ({opened})", f"{each:.0f}", "", None,
             f"<= {_MEMORY_KIB:.0f}", each <= _MEMORY_KIB),
        Line("memory", "ms a new booking, both roles", f"{(used['worker'] + used['activities']) * 1000 / opened:.1f}"),
        Line("memory", "ms a new booking, API", f"{used['api'] * 1000 / opened:.1f}"),
    )  # fmt: skip


def _held(stack: Stack) -> float:
    """KiB that the workflows role has for itself."""
    return float(psutil.Process(stack.pid("worker")).memory_full_info().uss) / 1024


async def _killed(stack: Stack, bookings: OpenBookings, results: Results, number: int, *, roles: int) -> None:
    chosen = bookings.cached(COMMANDS)
    if len(chosen) < COMMANDS:
        results.add(Line(f"recovery-{number}", f"{roles} workflows role(s), one killed", "too few open bookings"))
        return
    killed = stack.kill("worker")
    answers = await bookings.command(chosen)
    await asyncio.to_thread(stack.wait_ready, "worker", instead_of=killed)
    await bookings.until_quiet()
    good = sorted(seconds for status, seconds in answers if 200 <= status < 300)
    refused = len(answers) - len(good)
    case = f"recovery-{number}"
    results.details[f"{case}-{roles}"] = {"answers": [[status, round(seconds, 3)] for status, seconds in answers]}
    if not good:
        results.add(Line(case, f"{roles} workflows role(s), one killed", "no answer", "", None, "", False))
        return
    first, p50, p99 = good[0], percentile(good, 50), percentile(good, 99)
    wanted = _FIRST if roles == 1 else _FIRST_OF_TWO
    kept = first <= wanted and p99 <= _P99 and not refused
    results.add(
        Line(
            case,
            f"{roles} workflows role(s), one killed: first, p50, p99, refused",
            f"{first:.1f} s, {p50:.1f} s, {p99:.1f} s, {refused}",
            "",
            None,
            f"<= {wanted:g} s, p99 <= {_P99:g} s, none",
            kept if number >= _JUDGED else None,
        )
    )


@contextmanager
def second_role(info: Info) -> Iterator[int]:
    """Another workflows role with the settings of the first; answers its process id once it works."""
    first = psutil.Process(info["processes"]["worker"])
    with (
        tempfile.NamedTemporaryFile("w+") as log,
        subprocess.Popen(  # noqa: S603 - what the stack has started
            first.cmdline(), env=first.environ(), cwd=first.cwd(), stdout=log.fileno(), stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _wait_until_it_works(process, Path(log.name))
            yield process.pid
        finally:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)


def _wait_until_it_works(process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + _SETTLED_WITHIN
    while "worker ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the second workflows role does not work: {log.read_text()[-500:]}")
        time.sleep(0.1)
