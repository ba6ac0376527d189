"""The worker dies in the middle, by `kill -9`, and the audience sees what that changes: nothing."""

import os
import signal
import time
from collections.abc import Callable, Sequence

from devstack.demo.act import IN_THE_WORKSHOP, Act
from devstack.demo.garage import Garage
from devstack.home import Home, read_json

_PATIENCE = 30.0


class Crash:
    """Asked again and again by the show; never waits, so the audience keeps seeing the bookings."""

    def __init__(self, home: Home, garage: Garage, shout: Callable[[str], None]) -> None:
        self._home, self._garage, self._shout = home, garage, shout
        self.killed: int | None = None
        self.back: int | None = None
        self.trouble: str | None = None
        self._at = 0.0
        self._versions: dict[int, int] = {}
        self._moved_on = False

    def watch(self, acts: Sequence[Act]) -> None:
        """Do what is due now."""
        if self.killed is None:
            busy = sum(act.status in IN_THE_WORKSHOP for act in acts)
            if busy * 2 >= len(acts):
                self._kill(acts, busy)
        elif self.back is None:
            self._look_for_the_new_one()
        elif not self._moved_on:
            self._look_for_a_move(acts)

    def worker(self) -> int | None:
        """The worker's process now."""
        info = read_json(self._home.stack_file) or {}
        pid: int | None = info.get("processes", {}).get("worker")
        return pid

    def verdict(self, acts: Sequence[Act]) -> str | None:
        """What went wrong with the crash itself; None when all went on as it should."""
        if self.killed is None:
            return "the worker was never killed: at no time was half of the bookings in the workshop"
        if self.back is None:
            return self.trouble or "the worker did not come back"
        stuck = [act.journey.id for act in acts if act.booked and self._stood_still(act)]
        return f"these bookings did not move on after the crash: {stuck}" if stuck else None

    def _kill(self, acts: Sequence[Act], busy: int) -> None:
        pid = self.worker()
        if pid is None:
            self.trouble, self.killed, self.back = "stack.json names no worker", 0, 0
            return
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it just went by itself; the next glance finds its successor
        self.killed, self._at = pid, time.monotonic()
        self._shout(f"kill -9 {pid}: the worker is dead, with {busy} of {len(acts)} bookings in the workshop")
        # Read now, without a worker: what comes later came after the crash.
        open_ones = [act for act in acts if act.booked and not act.over]
        self._versions = {act.journey.id: self._garage.admin.booking(act.journey.id)["version"] for act in open_ones}

    def _look_for_the_new_one(self) -> None:
        pid = self.worker()
        if pid is not None and pid != self.killed:
            self.back = pid
            self._shout(f"the worker is back as process {pid}, {self._since():.1f} s later")
        elif self._since() > _PATIENCE:
            self.trouble, self.back = f"the worker did not come back in {_PATIENCE:.0f} s", 0

    def _look_for_a_move(self, acts: Sequence[Act]) -> None:
        for act in acts:
            if act.booked and self._carried_on(act):
                self._moved_on = True
                self._shout(f"booking {act.journey.id} carries on, {self._since():.1f} s after the kill")
                return

    def _carried_on(self, act: Act) -> bool:
        at_the_crash = self._versions.get(act.journey.id)
        return at_the_crash is not None and act.shown["version"] > at_the_crash

    def _stood_still(self, act: Act) -> bool:
        return act.journey.id in self._versions and not self._carried_on(act)

    def _since(self) -> float:
        return time.monotonic() - self._at
