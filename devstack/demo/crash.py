"""Kills a process of the product with SIGKILL in the middle of the demo; every booking goes on."""

import os
import signal
import time
from collections.abc import Callable, Sequence

from devstack.demo.run import Run, Shop
from devstack.stack_folder import StackFolder, read_json

_TIMEOUT = 30.0


class Crash:
    """Polled by the runner; never waits, so the display keeps refreshing."""

    def __init__(
        self,
        folder: StackFolder,
        shop: Shop,
        announce: Callable[[str], None],
        part: str,
        title: str,
        when: Callable[[Sequence[Run]], str | None] = lambda _: None,
    ) -> None:
        """Kill this part of the stack once ``when`` says in the middle of what, or somebody calls ``kill_now``."""
        self._folder, self._shop, self._announce = folder, shop, announce
        self._part, self.title, self._when = part, title, when
        self.killed: int | None = None
        self.back: int | None = None
        self.trouble: str | None = None
        self._at = 0.0
        self._versions: dict[int, int] | None = None
        self._moved_on = False

    def watch(self, runs: Sequence[Run]) -> None:
        """Do what is due now."""
        if self.killed is None and (amid := self._when(runs)):
            self.kill_now(amid)
        if self.killed is None:
            return
        if self._versions is None:
            self._count(runs)
        elif self.back is None:
            self._look_for_the_new_one()
        elif not self._moved_on:
            self._look_for_a_move(runs)

    @property
    def over(self) -> bool:
        """Whether the part is back and a booking went on, and both were displayed."""
        return self._moved_on

    def process(self) -> int | None:
        """The part's process now."""
        info = read_json(self._folder.stack_file) or {}
        pid: int | None = info.get("processes", {}).get(self._part)
        return pid

    def verdict(self, runs: Sequence[Run]) -> str | None:
        """What went wrong with the crash itself; None when all went on as it should."""
        if self.killed is None:
            return f"{self.title} was never killed: its moment did not come"
        if self.back is None:
            return self.trouble or f"{self.title} did not come back"
        stuck = [run.journey.id for run in runs if run.booked and self._stood_still(run)]
        return f"these bookings did not move on after the crash: {stuck}" if stuck else None

    def kill_now(self, amid: str) -> None:
        """Kill it now; ``amid`` says in the middle of what."""
        pid = self.process()
        if pid is None:
            self.trouble, self.killed, self.back = f"stack.json does not name {self._part}", 0, 0
            return
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it just went by itself; the next poll finds its successor
        self.killed, self._at = pid, time.monotonic()
        self._announce(f"kill -9 {pid}: {self.title} was killed, {amid}")

    def _count(self, runs: Sequence[Run]) -> None:
        """Read now, before anybody works again: what comes later came after the crash."""
        open_ones = [run for run in runs if run.booked and not run.over]
        self._versions = {run.journey.id: self._shop.admin.booking(run.journey.id)["version"] for run in open_ones}

    def _look_for_the_new_one(self) -> None:
        pid = self.process()
        if pid is not None and pid != self.killed:
            self.back = pid
            self._announce(f"{self.title} is back as process {pid}, {self._since():.1f} s later")
        elif self._since() > _TIMEOUT:
            self.trouble, self.back = f"{self.title} did not come back in {_TIMEOUT:.0f} s", 0

    def _look_for_a_move(self, runs: Sequence[Run]) -> None:
        for run in runs:
            if run.booked and self._carried_on(run):
                self._moved_on = True
                self._announce(f"booking {run.journey.id} goes on, {self._since():.1f} s after the kill")
                return

    def _carried_on(self, run: Run) -> bool:
        """It has a later version, or it has ended: its last transition may have been written when the worker was killed
        before Temporal knew, and is then made again under the same number."""
        at_the_crash = (self._versions or {}).get(run.journey.id)
        ended = run.over and run.trouble is None
        return at_the_crash is not None and (ended or run.shown["version"] > at_the_crash)

    def _stood_still(self, run: Run) -> bool:
        return run.journey.id in (self._versions or {}) and not self._carried_on(run)

    def _since(self) -> float:
        return time.monotonic() - self._at
