"""Bookings whose workflow is missing or fails, and the bounds of starting workflows again.

A workflow is the only writer of its booking, so a booking without one is dead until it is started again from its rows.
Whatever finds such bookings may be wrong (a search index that lags, a Temporal of yesterday): bounds keep a mistake
small.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Conflict

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class Problem(StrEnum):
    """What is wrong with the workflow of an open booking."""

    MISSING = "missing"
    """It was terminated, failed or timed out, or Temporal does not know it: it is started again."""
    ENDED = "ended"
    """It says that it was complete, its rows do not: they were rewound. Nobody but an operator starts it again."""
    FAILING = "failing"
    """It exists and its tasks fail: a fault of this release. It is never ended by us, and goes on with a mended one."""


class RestartOutcome(StrEnum):
    """What became of the wish to start a booking's workflow again."""

    RESTARTED = "restarted"
    RUNS = "runs"
    SETTLED = "settled"
    COMPLETE = "complete"
    NOBODY_POLLS = "nobody-polls"


@dataclass(frozen=True, slots=True)
class BookingRef:
    """A booking of a kind."""

    kind: str
    booking_id: int


@dataclass(frozen=True, slots=True)
class WorkflowProblem:
    """A booking whose workflow does not work; ``detail`` is a sentence for people."""

    booking: BookingRef
    problem: Problem
    detail: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a workflow stands in Temporal. ``ended``: how its last run ended; None: it runs, or was never known."""

    runs: bool
    ended: str | None = None
    fails: bool = False

    def problem(self, booking: BookingRef) -> WorkflowProblem | None:
        """What that means for a booking that is open; None for a workflow that runs."""
        if self.runs:
            return None
        if self.ended == "completed":
            return WorkflowProblem(booking, Problem.ENDED, "its workflow is complete, its rows are open")
        why = f"its workflow was {self.ended}" if self.ended else "Temporal does not know its workflow"
        return WorkflowProblem(booking, Problem.MISSING, why)


@dataclass(frozen=True, slots=True)
class RecoveryBounds:
    """How much is started again without an operator.

    ``per_minute``: a restart is some calls of Temporal, a read of rows and a task, beside the customers' commands.
    ``at_once``: more workflows than that are not lost one by one. Temporal was restored from an older copy, or it is
    another one; what it still knows must not be mixed with what is started anew before somebody has looked.
    ``per_booking``: within an hour; a workflow that ends again and again has a reason that a restart does not mend.
    """

    per_minute: int = 20
    at_once: int = 100
    per_booking: int = 3


@dataclass(frozen=True, slots=True)
class Restart:
    """A workflow that was started again."""

    booking_id: int
    at: datetime


@dataclass(slots=True)
class RecoveryState:
    """What the recovery remembers from look to look.

    ``since``: the last look, from where closed runs are looked for; ``missing`` and ``failing``: how many there were.
    ``explained``: by kind, by how much the rows are more than the running workflows although none is missing.
    ``stopped``: too many were missing at once; ``told_to_go_on``: an operator has said that this is right.
    """

    bounds: RecoveryBounds = RecoveryBounds()
    since: datetime | None = None
    missing: int = 0
    failing: int = 0
    explained: dict[str, int] = field(default_factory=dict)
    restarts: list[Restart] = field(default_factory=list)
    stopped: bool = False
    told_to_go_on: bool = False

    def note_missing(self, number: int) -> bool:
        """So many are missing; True when the recovery stops because of that, now."""
        self.missing = number
        if number <= self.bounds.at_once:
            self.told_to_go_on = False
        elif not self.stopped and not self.told_to_go_on:
            self.stopped = True
            return True
        return False

    def go_on(self) -> None:
        """An operator has looked: all that are missing may be started again.

        Raises:
            Conflict: it was not stopped.
        """
        if not self.stopped:
            raise Conflict("the recovery was not stopped")
        self.stopped, self.told_to_go_on = False, True

    def allowed(self, wanted: Sequence[BookingRef], now: datetime) -> list[BookingRef]:
        """Those of the wanted ones that may be started again now, the first first."""
        if self.stopped:
            return []
        self.restarts = [each for each in self.restarts if now - each.at < _HOUR]
        lately = sum(now - each.at < _MINUTE for each in self.restarts)
        again = [each.booking_id for each in self.restarts]
        may = [each for each in wanted if again.count(each.booking_id) < self.bounds.per_booking]
        return may[: max(0, self.bounds.per_minute - lately)]

    def note_restart(self, booking: BookingRef, now: datetime) -> None:
        """That one was started again."""
        self.restarts.append(Restart(booking.booking_id, now))
