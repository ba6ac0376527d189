"""What happens by the clock: which story is started when. One entry each; the worker keeps Temporal's Schedules so."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing order: start this workflow whenever the interval is over (in UTC, ``offset`` after midnight)."""

    id: str
    workflow: str
    every: timedelta
    note: str
    offset: timedelta = timedelta(0)


STANDING: tuple[Standing, ...] = (
    Standing(
        "nightly-reconciliation",
        "Reconciliation",
        timedelta(days=1),
        "the books against the provider, the bookings and the workflows",
        offset=timedelta(hours=21),
    ),
)
