"""All stories at once, watched until the last has ended, with the crash in the middle."""

import time

from devstack.demo.act import Act
from devstack.demo.calls import Refused, TookTooLong
from devstack.demo.crash import Crash
from devstack.demo.garage import Garage
from devstack.demo.proof import Wrong, prove
from devstack.demo.stage import Stage
from devstack.demo.stories import STORIES
from devstack.home import Home

_GLANCE = 0.25
_STAGGER = 0.6


class Show:
    """Six bookings on one stage. `pace` is the pause before each step of each."""

    def __init__(self, home: Home, garage: Garage, stage: Stage, *, pace: float, patience: float) -> None:
        self._garage, self._stage = garage, stage
        self._patience = patience
        self.acts = [
            Act(story, garage, pace, patience, pace * _STAGGER * number) for number, story in enumerate(STORIES)
        ]
        self._crash = Crash(home, garage, stage.shout)

    def play(self) -> None:
        """Until every story is over, well or not."""
        for act in self.acts:
            act.begin()
        with self._stage.open():
            while not all(act.announced for act in self.acts):
                for act in self.acts:
                    self._follow(act)
                self._crash.watch(self.acts)
                self._stage.paint(self.acts, self._crash.worker())
                time.sleep(_GLANCE)

    def faults(self) -> list[str]:
        """Prove every booking in public; answers what is not as it should be."""
        found = []
        for act in self.acts:
            heading = f"{act.journey.id} {act.story.name:<10}" if act.booked else f".... {act.story.name:<10}"
            if act.trouble:
                found.append(f"{act.story.name}: {act.trouble}")
                self._stage.show(f"  {heading} NOT AS IT SHOULD BE: {act.trouble}")
                continue
            try:
                holds = list(prove(self._garage, act.story, act.journey.customer, act.booking, crashed=True))
            except (Wrong, Refused, TookTooLong) as error:
                found.append(f"booking {act.journey.id} ({act.story.name}): {error}")
                self._stage.show(f"  {heading} NOT AS IT SHOULD BE: {error}")
            else:
                self._stage.show(f"  {heading} {'; '.join(holds)}")
        if fault := self._crash.verdict(self.acts):
            found.append(fault)
        else:
            pids = f"process {self._crash.killed}, then {self._crash.back}"
            self._stage.show(f"  the worker was killed in the middle ({pids}) and no booking noticed")
        return found

    def _follow(self, act: Act) -> None:
        """Show what is new; announce the end once nothing can follow any more."""
        if act.announced:
            return
        over = act.over
        if act.booked:
            for entry in act.look(self._garage):
                self._stage.moved(act, entry)
                act.shown = entry
        if over:
            act.announced = True
            if act.trouble:
                self._stage.shout(f"{act.story.name} did not end as it should: {act.trouble}")
            else:
                self._stage.ended(act)
