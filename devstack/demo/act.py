"""One booking on the stage: its story, the thread that tells it, and what the audience has seen of it so far."""

import threading
import time

from devstack.demo.calls import Json, Refused, TookTooLong
from devstack.demo.garage import Garage
from devstack.demo.journey import Journey
from devstack.demo.stories import Story

IN_THE_WORKSHOP = frozenset({"received", "analysis", "analysed", "in-progress"})


class Act:
    """Tells its story in a thread of its own. `shown` is the last entry of the timeline that was shown."""

    def __init__(self, story: Story, garage: Garage, pace: float, patience: float, delay: float) -> None:
        self.story = story
        self.journey = Journey(story.name, garage, pace=pace, patience=patience)
        self.booking: Json = {}
        self.shown: Json = {"version": 0, "status": None}
        self.over = False
        self.announced = False
        self.trouble: str | None = None
        self._delay = delay
        # Nobody waits for a story when the audience leaves.
        self._thread = threading.Thread(target=self._tell, name=story.name, daemon=True)

    def begin(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def booked(self) -> bool:
        return bool(self.journey.booking)

    @property
    def status(self) -> str | None:
        return self.booking.get("status")

    def look(self, garage: Garage) -> list[Json]:
        """See how the booking stands; answers the entries of the timeline that are new."""
        self.booking = garage.admin.booking(self.journey.id)
        return [entry for entry in self.booking["timeline"] if entry["version"] > self.shown["version"]]

    def _tell(self) -> None:
        time.sleep(self._delay)
        try:
            self.story.tell(self.journey)
            self.journey.end()
        except (Refused, TookTooLong) as error:
            self.trouble = str(error)
            if self.booked and str(self.journey.id) not in self.trouble:
                self.trouble += f"; {self.journey.story_so_far()}"
        except Exception as error:  # a mistake of ours must not look like a booking that hangs
            self.trouble = f"the demo itself failed: {type(error).__name__}: {error}"
        self.over = True
