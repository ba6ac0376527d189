"""Deadlines: moments at which a booking changes by itself, or its customer is reminded, unless somebody acts before.

A deadline carries its own outcome, so that none can be added without one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.commands import Alert, Command
from domain.pauses import spread

_LATEST = timedelta(seconds=30)
_OF_THE_WAIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When ``at`` is reached, ``command`` is carried out, or ``email`` (slug, person id) is sent: one of both.

    ``key`` tells it from every other deadline of its booking; ``summary`` is what its timer shows in the Temporal UI.
    ``check_payment_first``: an order may have been paid without a report, so its facts are fetched before.
    """

    at: datetime
    key: str
    summary: str
    command: Command | None = None
    email: tuple[str, str] | None = None
    check_payment_first: bool = False

    def __post_init__(self) -> None:
        self.outcome  # noqa: B018 - raises when there is none, or more than one

    @property
    def outcome(self) -> Command | tuple[str, str]:
        """What happens when it is reached; whoever applies it has to know every sort (``assert_never``)."""
        match self.command, self.email:
            case Command() as command, None:
                return command
            case None, (slug, person):
                return slug, person
        raise ValueError(f"deadline {self.key!r} needs either a command or an e-mail")


def open_deadlines(deadlines: Iterable[Deadline], done: Collection[str]) -> list[Deadline]:
    """Those that were not applied yet (an applied one leaves its key), the earliest first."""
    return sorted((each for each in deadlines if each.key not in done), key=lambda each: each.at)


def due_deadline(open_ones: Iterable[Deadline], now: datetime) -> Deadline | None:
    """The one to apply now. One that changes the booking comes before an e-mail, which it may make useless."""
    due = [each for each in open_ones if each.at <= now]
    return min(due, key=lambda each: (each.command is None, each.at), default=None)


def wake_at(open_ones: Sequence[Deadline], name: str, now: datetime) -> datetime:
    """When the first of them is looked after, by the booking of that name.

    What only tells somebody may come up to half a minute later than it is due, or a hundredth of the wait where that is
    less: all bookings of a slot have such a deadline at one moment. It comes no later than what follows it.
    """
    first = open_ones[0]
    if not (first.command is None or isinstance(first.command, Alert)):
        return first.at
    late = first.at + spread(name, min(_LATEST, max(first.at - now, timedelta(0)) / _OF_THE_WAIT))
    return min([late, *(each.at for each in open_ones[1:])])
