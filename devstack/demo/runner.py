"""Runs all scenarios at once until the last has ended, with crashes in the middle."""

import time

from devstack.demo.calls import Refused, TookTooLong
from devstack.demo.display import Display
from devstack.demo.expectations import VerificationFailed
from devstack.demo.kind import Demo
from devstack.demo.run import Run, Shop
from devstack.stack_folder import StackFolder

_INTERVAL = 0.25


class Runner:
    """Six bookings at once. `pace` is the pause before each step of each."""

    def __init__(
        self, demo: Demo, folder: StackFolder, shop: Shop, display: Display, *, pace: float, timeout: float
    ) -> None:
        self._demo, self._shop, self._display = demo, shop, display
        self.runs = list(demo.runs(shop, display.say, pace, timeout))
        self._crashes = list(demo.crashes(folder, shop, display.announce, self.runs))

    def run(self) -> None:
        """Run until every scenario has ended or failed."""
        for run in self.runs:
            run.begin()
        with self._display.open():
            while not all(run.announced for run in self.runs):
                for run in self.runs:
                    self._follow(run)
                self._watch_crashes()
                self._display.redraw(self.runs, self._crashes[0].process())
                self._display.waits(self.runs)
                time.sleep(_INTERVAL)

    def faults(self) -> list[str]:
        """Verify every booking and print the result; returns the failures."""
        found = []
        for run in self.runs:
            heading = f"{run.journey.id} {run.scenario.name:<10}" if run.booked else f".... {run.scenario.name:<10}"
            if run.trouble:
                found.append(f"{run.scenario.name}: {run.trouble}")
                self._display.show(f"  {heading} FAILED: {run.trouble}")
                continue
            try:
                holds = list(self._demo.verify(self._shop, run))
            except (VerificationFailed, Refused, TookTooLong) as error:
                found.append(f"booking {run.journey.id} ({run.scenario.name}): {error}")
                self._display.show(f"  {heading} FAILED: {error}")
            else:
                self._display.show(f"  {heading} {'; '.join(holds)}")
        if not found:
            found += self._of_all()
        for crash in self._crashes:
            if fault := crash.verdict(self.runs):
                found.append(fault)
            else:
                pids = f"process {crash.killed}, then {crash.back}"
                self._display.show(f"  {crash.title} was killed in the middle ({pids}) and every booking went on")
        return found

    def _of_all(self) -> list[str]:
        """The same for all bookings together."""
        try:
            for holds in self._demo.verify_all(self._shop, self.runs):
                self._display.show(f"  {holds}")
        except (VerificationFailed, Refused, TookTooLong) as error:
            self._display.show(f"  all bookings together FAILED: {error}")
            return [f"all bookings together: {error}"]
        return []

    def _watch_crashes(self) -> None:
        """The first that is not over, and whatever else was killed already."""
        first = next((crash for crash in self._crashes if not crash.over), None)
        for crash in self._crashes:
            if crash is first or (crash.killed is not None and not crash.over):
                crash.watch(self.runs)

    def _follow(self, run: Run) -> None:
        """Show what is new; announce the end once nothing can follow any more."""
        if run.announced:
            return
        over = run.over
        if run.booked:
            for entry in run.look(self._shop):
                self._display.moved(run, entry)
                run.shown = entry
        if over:
            run.announced = True
            if run.trouble:
                self._display.announce(f"{run.scenario.name} failed: {run.trouble}")
            else:
                self._display.ended(run)
