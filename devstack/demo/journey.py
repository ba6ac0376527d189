"""What every journey of a demo has: its booking, a pace, a limit, and what it was doing when that is over."""

import threading
import time
from collections.abc import Callable

from devstack.demo.calls import Json, TookTooLong, pause_after
from devstack.demo.run import Shop


class BookingJourney:
    """Drives one booking. `pace` is the pause before each step in seconds; `timeout` bounds the whole."""

    def __init__(self, name: str, shop: Shop, *, pace: float, timeout: float) -> None:
        self.name = name
        self.booking: Json = {}
        self._shop = shop
        self._pace, self._timeout = pace, timeout
        self._deadline = time.monotonic() + timeout
        self._doing = "to begin"
        self._lock = threading.Lock()

    @property
    def id(self) -> int:
        return int(self.booking["id"])

    def now(self) -> Json:
        """The booking as the admin sees it at this moment."""
        with self._lock:
            self.booking = self._shop.admin.booking(self.id)
            return self.booking

    def end(self) -> Json:
        """Wait until nothing is left to do: money moved, documents issued, the workflow over."""
        return self.wait_for("the booking to close", lambda now: now["waiting_for"] is None)

    def wait_for(self, what: str, seen: Callable[[Json], object]) -> Json:
        """Poll until the condition holds."""
        self._doing, began = what, time.monotonic()
        while not seen(self.now()):
            if self._late():
                raise TookTooLong(self.progress())
            time.sleep(pause_after(time.monotonic() - began))
        return self.booking

    def progress(self) -> str:
        """The current state, for the message of a timeout."""
        if not self.booking:
            return f"{self.name}: not booked within {self._timeout:.0f} s"
        waiting = self.booking["waiting_for"]
        owner = f"it waits for {waiting['who']} {waiting['what']}" if waiting else "it is closed"
        where = f"{self.booking['status']} at version {self.booking['version']}, {owner}"
        return f"booking {self.id} ({self.name}) is {where}; its last step, of {self._timeout:.0f} s: {self._doing}"

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _step(self, doing: str) -> None:
        if self._late():
            raise TookTooLong(self.progress())
        self._doing = doing
        time.sleep(self._pace)
