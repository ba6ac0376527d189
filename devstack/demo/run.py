"""One run of a scenario: its thread, its booking, and what was displayed of it so far."""

import threading
import time

from devstack.demo.calls import Json, Refused, TookTooLong
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.scenarios import Scenario
from devstack.kinds.vehicle_service.shop import Shop

IN_THE_WORKSHOP = frozenset({"received", "analysis", "analysed", "in-progress"})


class ScenarioRun:
    """Drives its scenario in a thread of its own. `shown` is the last entry of the timeline that was displayed."""

    def __init__(self, scenario: Scenario, shop: Shop, pace: float, timeout: float, delay: float) -> None:
        self.scenario = scenario
        self.journey = Journey(scenario.name, shop, pace=pace, timeout=timeout)
        self.booking: Json = {}
        self.shown: Json = {"version": 0, "status": None}
        self.over = False
        self.announced = False
        self.trouble: str | None = None
        self._delay = delay
        # A daemon: Ctrl-C must not wait for a scenario.
        self._thread = threading.Thread(target=self._drive, name=scenario.name, daemon=True)

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

    def look(self, shop: Shop) -> list[Json]:
        """Fetch the booking; returns the new entries of its timeline."""
        self.booking = shop.admin.booking(self.journey.id)
        return [entry for entry in self.booking["timeline"] if entry["version"] > self.shown["version"]]

    def _drive(self) -> None:
        time.sleep(self._delay)
        try:
            self.scenario.drive(self.journey)
            self.journey.end()
        except (Refused, TookTooLong) as error:
            self.trouble = str(error)
            if self.booked and str(self.journey.id) not in self.trouble:
                self.trouble += f"; {self.journey.progress()}"
        except Exception as error:  # a fault of the demo must not look like a booking that hangs
            self.trouble = f"the demo itself failed: {type(error).__name__}: {error}"
        self.over = True
