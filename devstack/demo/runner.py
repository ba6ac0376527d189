"""Runs all scenarios at once until the last has ended, with two crashes in the middle."""

import time

from devstack.demo.calls import Refused, TookTooLong
from devstack.demo.crash import Crash
from devstack.demo.display import Display
from devstack.demo.run import ScenarioRun
from devstack.demo.verification import VerificationFailed, verify
from devstack.kinds.vehicle_service.scenarios import SCENARIOS
from devstack.kinds.vehicle_service.shop import Shop
from devstack.stack_folder import StackFolder

_INTERVAL = 0.25
_STAGGER = 0.6


class Runner:
    """Six bookings at once. `pace` is the pause before each step of each."""

    def __init__(self, folder: StackFolder, shop: Shop, display: Display, *, pace: float, timeout: float) -> None:
        self._shop, self._display = shop, display
        self._timeout = timeout
        self.runs = [
            ScenarioRun(scenario, shop, pace, timeout, pace * _STAGGER * number)
            for number, scenario in enumerate(SCENARIOS)
        ]
        self._crashes = [
            Crash(folder, shop, display.announce, "worker", "the worker that runs the bookings", 0.5),
            Crash(folder, shop, display.announce, "activities", "the worker that calls provider and mail server", 0.0),
        ]

    def run(self) -> None:
        """Run until every scenario has ended or failed."""
        for run in self.runs:
            run.begin()
        with self._display.open():
            while not all(run.announced for run in self.runs):
                for run in self.runs:
                    self._follow(run)
                next((crash for crash in self._crashes if not crash.over), self._crashes[-1]).watch(self.runs)
                self._display.redraw(self.runs, self._crashes[0].process())
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
                holds = list(verify(self._shop, run.scenario, run.journey.customer, run.booking, crashed=True))
            except (VerificationFailed, Refused, TookTooLong) as error:
                found.append(f"booking {run.journey.id} ({run.scenario.name}): {error}")
                self._display.show(f"  {heading} FAILED: {error}")
            else:
                self._display.show(f"  {heading} {'; '.join(holds)}")
        for crash in self._crashes:
            if fault := crash.verdict(self.runs):
                found.append(fault)
            else:
                pids = f"process {crash.killed}, then {crash.back}"
                self._display.show(f"  {crash.title} was killed in the middle ({pids}) and every booking went on")
        return found

    def _follow(self, run: ScenarioRun) -> None:
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
