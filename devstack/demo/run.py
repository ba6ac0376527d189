"""One run of a scenario: its thread, its booking, and what was displayed of it so far."""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from devstack.demo.calls import Json, Refused, TookTooLong
from devstack.demo.expectations import VerificationFailed


class Admin(Protocol):
    """Who may see every booking."""

    def booking(self, booking_id: int) -> Json:
        """The booking; an entry of its ``timeline`` has version, at, status, action, note and by {role, id, name}."""


class Shop(Protocol):
    """The people of a stack."""

    @property
    def admin(self) -> Admin: ...

    def close(self) -> None: ...


class Journey(Protocol):
    """One booking from its first call to its end."""

    @property
    def booking(self) -> Json:
        """As it was last seen; empty until it is booked."""

    @property
    def id(self) -> int: ...

    def end(self) -> Json:
        """Wait until nothing is left to do."""

    def progress(self) -> str:
        """The current state, for the message of a timeout."""


J = TypeVar("J", bound=Journey)
Driven = TypeVar("Driven", bound=Journey, contravariant=True)


class Scenario(Protocol[Driven]):
    """What happens to a booking."""

    @property
    def name(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def drive(self) -> Callable[[Driven], None]: ...


S = TypeVar("S", bound=Scenario[Any])


class ScenarioRun(Generic[S, J]):
    """Drives its scenario in a thread of its own. `shown` is the last entry of the timeline that was displayed."""

    def __init__(self, scenario: S, journey: J, delay: float) -> None:
        self.scenario, self.journey = scenario, journey
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
        except (Refused, TookTooLong, VerificationFailed) as error:
            self.trouble = str(error)
            if self.booked and str(self.journey.id) not in self.trouble:
                self.trouble += f"; {self.journey.progress()}"
        except Exception as error:  # a fault of the demo must not look like a booking that hangs
            self.trouble = f"the demo itself failed: {type(error).__name__}: {error}"
        self.over = True


Run = ScenarioRun[Any, Any]
