"""What could not be fetched is fetched again: after pauses that grow, and by the next run of the workflow as well.

What is reported again and again, and brings nothing new, is fetched ever later too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.pauses import growing_pause


@dataclass(frozen=True, slots=True)
class Recheck:
    """An order or a dispute to fetch again ``at`` that time, when it was tried in vain so many times."""

    subject: str
    dispute: bool
    tries: int
    at: datetime


class Rechecks:
    """The rechecks of one booking. One that is under way stays known, so that its next pause is longer."""

    def __init__(self, carried_over: Iterable[Recheck], first: timedelta, longest: timedelta) -> None:
        self._known = {each.subject: each for each in carried_over}
        self._under_way: set[str] = set()
        self._first = first
        self._longest = longest

    def __bool__(self) -> bool:
        return bool(self._known)

    @property
    def next_at(self) -> datetime | None:
        """When the next one is due; those that are under way do not count."""
        return min((each.at for each in self._known.values() if each.subject not in self._under_way), default=None)

    def failed(self, subject: str, now: datetime, *, dispute: bool) -> None:
        """It could not be fetched: it comes again, twice as late as the last time."""
        tries = self._known[subject].tries + 1 if subject in self._known else 1
        pause = growing_pause(self._first, self._longest, tries - 1)
        self._known[subject] = Recheck(subject, dispute, tries, now + pause)
        self._under_way.discard(subject)

    def later(self, subject: str, at: datetime, *, dispute: bool) -> None:
        """It is fetched at that time, unless it comes again by itself."""
        if subject not in self._known:
            self._known[subject] = Recheck(subject, dispute, 0, at)

    def done(self, subject: str) -> None:
        """It was fetched, or the provider does not know it."""
        self._known.pop(subject, None)
        self._under_way.discard(subject)

    def begin(self, now: datetime) -> list[Recheck]:
        """Those that are due; they are under way from now on."""
        due = [each for each in self._known.values() if each.at <= now and each.subject not in self._under_way]
        self._under_way.update(each.subject for each in due)
        return due

    def carried_over(self) -> tuple[Recheck, ...]:
        """For the next run."""
        return tuple(self._known.values())


class VainReports:
    """Orders and disputes whose reports brought nothing new: the next ones are looked into ever later.

    ``longest``: no report waits longer than that for its look.
    """

    at_once = 2
    """So many looks in vain cost nothing: a payment is reported by the browser, a webhook and a poll."""
    longest = timedelta(minutes=1)

    def __init__(self) -> None:
        self._looks: dict[str, tuple[int, datetime]] = {}

    def looked(self, subject: str, now: datetime, *, news: bool) -> None:
        """It was fetched."""
        before, _ = self._looks.get(subject, (0, now))
        self._looks[subject] = (0 if news else before + 1, now)

    def next_look(self, subject: str, now: datetime) -> datetime | None:
        """When a report that came now is looked into; None for at once."""
        vain, last = self._looks.get(subject, (0, now))
        if vain < self.at_once:
            return None
        at = last + growing_pause(timedelta(seconds=1), self.longest, vain - self.at_once)
        return at if at > now else None
