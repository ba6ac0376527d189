"""Pushes: what a device is shown of a notice, and what became of an attempt to have it shown."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody has the application: ``token`` is the address that the push service gave it."""

    id: int
    token: str
    platform: str


@dataclass(frozen=True, slots=True)
class Push:
    """One push. ``title`` and ``body`` can be read on a locked screen: no address, phone or message stands there.

    ``notification_id`` names the row that the application shows; a device keeps one push of each.
    """

    notification_id: int
    type: str
    title: str
    body: str
    booking_id: int | None = None

    @property
    def collapse_key(self) -> str:
        """What makes a repeat take the place of what it repeats."""
        return str(self.notification_id)


class Fate(StrEnum):
    """What became of an attempt. ``GONE``: the token is nobody's any more. ``LATER``: the service did not take it."""

    SENT = "sent"
    GONE = "gone"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt; of one that is tried later, in how many ``seconds`` and why.

    ``attention``: waiting does not mend it, an operator has to.
    """

    fate: Fate
    seconds: float = 0.0
    why: str = ""
    attention: bool = False


SENT = Outcome(Fate.SENT)
GONE = Outcome(Fate.GONE)


def later(seconds: float, why: str, *, attention: bool = False) -> Outcome:
    """Not taken; to be tried again after so long."""
    return Outcome(Fate.LATER, seconds, why, attention)
