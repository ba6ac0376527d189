"""What could not be fetched is fetched again: after pauses that grow, and by the next run of the workflow as well.

So is a dispute whose payment the booking does not know yet, or as soon as it does.

What is reported again and again, and brings nothing new, is fetched ever later too.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.pauses import growing_pause


@dataclass(frozen=True, slots=True)
class Recheck:
    """An order or a dispute to fetch again ``at`` that time, when it was tried in vain so many times.

    ``payment_id``: of a dispute that was fetched and is not recorded yet; ``unknown_since`` when the booking does not
    know that payment.
    """

    subject: str
    dispute: bool
    tries: int
    at: datetime
    payment_id: str | None = None
    unknown_since: datetime | None = None


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
        known = self._known.get(subject, Recheck(subject, dispute, 0, now))
        pause = growing_pause(self._first, self._longest, known.tries)
        self._known[subject] = replace(known, tries=known.tries + 1, at=now + pause)
        self._under_way.discard(subject)

    def payment_unknown(self, dispute_id: str, payment_id: str, now: datetime) -> datetime:
        """The booking does not know the payment of this dispute: as ``failed``. Answers since when that is so."""
        self.failed(dispute_id, now, dispute=True)
        known = self._known[dispute_id]
        since = known.unknown_since or now
        self._known[dispute_id] = replace(known, payment_id=payment_id, unknown_since=since)
        return since

    def concern(self, payment_id: str) -> bool:
        """A dispute of this payment is not recorded yet."""
        return any(each.payment_id == payment_id for each in self._known.values())

    def payment_is_known(self, payments: Collection[str]) -> bool:
        """One of these payments was waited for."""
        return any(self._of(payments))

    def wake(self, payments: Collection[str], now: datetime) -> None:
        """The booking knows these payments: the disputes that waited for one of them come now."""
        for each in list(self._of(payments)):
            self._known[each.subject] = replace(each, at=now, unknown_since=None)

    def _of(self, payments: Collection[str]) -> Iterable[Recheck]:
        waiting = (each for each in self._known.values() if each.unknown_since is not None)
        return (each for each in waiting if each.payment_id in payments and each.subject not in self._under_way)

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


@dataclass(frozen=True, slots=True)
class InVain:
    """An order, dispute or refund that was looked at so many times in a row in vain, the last time ``at`` that time."""

    subject: str
    times: int
    at: datetime


class VainReports:
    """Orders and disputes whose reports brought nothing new: the next ones are looked into ever later.

    The next run goes on with that: many reports make many runs, and each would begin with looks at once.
    ``longest``: no report waits longer than that for its look. ``carried_at_most``: of so many subjects the next run
    is told, those that were looked at last.
    """

    at_once = 2
    """So many looks in vain cost nothing: a payment is reported by the browser, a webhook and a poll."""
    longest = timedelta(minutes=1)
    carried_at_most = 50

    def __init__(self, carried_over: Iterable[InVain] = ()) -> None:
        self._looks = {each.subject: (each.times, each.at) for each in carried_over}

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

    def carried_over(self) -> tuple[InVain, ...]:
        """For the next run."""
        vain = [InVain(subject, times, at) for subject, (times, at) in self._looks.items() if times]
        return tuple(sorted(vain, key=lambda each: each.at)[-self.carried_at_most :])
