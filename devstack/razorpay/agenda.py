"""What happens later: retries of webhooks, delayed outcomes, expiries. Entries survive a restart of the process.

An entry is removed together with what it brought about, so a kill in between repeats the task and loses none.
"""

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Awaitable, Callable

from devstack.razorpay.clock import Clock
from devstack.razorpay.store import Doc, Store

Task = Callable[[Doc], Awaitable[None]]
_TICK = 0.001  # seconds: the loop counts whole ones, and would go round and round for a part of one


class Agenda:
    """A heap of due times over stored entries; each due task runs in a task of its own."""

    def __init__(self, store: Store, clock: Clock, commit: Callable[[], None]) -> None:
        self._store, self._clock, self._commit = store, clock, commit
        self._tasks_by_name: dict[str, Task] = {}
        self._heap: list[tuple[float, int]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._last = 0
        for entry in store.all("agenda"):
            self._plan(entry)

    def teach(self, name: str, task: Task) -> None:
        """Say what an entry of that name does."""
        self._tasks_by_name[name] = task

    def add(self, task: str, due: float, **args: object) -> None:
        """Do that task at that time (the sandbox's clock), or at once if it has passed."""
        number = self._last + 1
        self._plan(self._store.put("agenda", str(number), {"number": number, "task": task, "due": due, "args": args}))
        self._wake.set()

    def wake(self) -> None:
        """Look again: the clock was moved or the entries were cleared.

        What is due starts here, not when ``run`` gets its turn: a request that arrives after this finds it done.
        """
        self._heap = [item for item in self._heap if self._store.get("agenda", str(item[1])) is not None]
        heapq.heapify(self._heap)
        self._start_due()
        self._wake.set()

    async def run(self) -> None:
        """Start what is due, for ever."""
        while True:
            self._wake.clear()
            self._start_due()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience()):
                    await self._wake.wait()

    async def stop(self) -> None:
        """Cancel the tasks that are running; they are still entries and run again after the next start."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _plan(self, entry: Doc) -> None:
        heapq.heappush(self._heap, (entry["due"], entry["number"]))
        self._last = max(self._last, entry["number"])

    def _patience(self) -> float | None:
        if not self._heap or self._clock.virtual:
            return None
        return max(_TICK, self._heap[0][0] - self._clock.now())

    def _start_due(self) -> None:
        while self._heap and self._heap[0][0] <= self._clock.now():
            self._start(heapq.heappop(self._heap)[1])

    def _start(self, number: int) -> None:
        entry = self._store.get("agenda", str(number))
        if entry is not None:
            task = asyncio.create_task(self._do(entry))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _do(self, entry: Doc) -> None:
        try:
            await self._tasks_by_name[entry["task"]](entry["args"])
        except Exception:
            logging.getLogger(__name__).exception("the sandbox could not do %s", entry)
        if self._store.get("agenda", str(entry["number"])) is entry:
            self._store.drop("agenda", str(entry["number"]))
        self._commit()
