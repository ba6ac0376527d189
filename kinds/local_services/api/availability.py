"""The free times of a listing, as they are asked for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from api.dependencies import CurrentUser
from domain.kind import Json
from kinds.local_services.api.queries import length, moment_or_date, refused
from kinds.local_services.domain.roles import Role
from kinds.local_services.domain.schedules import DAY, Schedule
from kinds.local_services.domain.slots import MOST_DAYS, MOST_SLOTS, duration_of, free_slots, in_steps
from kinds.local_services.postgres.held_time import held_between, slot_row
from kinds.local_services.postgres.listings import listing_seen
from kinds.local_services.postgres.schedules import schedule_of
from kinds.local_services.settings import LocalServicesSettings

_USUAL = timedelta(days=7)
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Between what and for how long, as an address says it; None is not said."""

    since: str | None
    until: str | None
    hours: Decimal | None

    def starts(self, schedule: Schedule, now: datetime) -> tuple[datetime, datetime]:
        """From which moment (inclusive) to which (exclusive) a slot may begin.

        Raises:
            RequestValidationError: it is more than 31 days, or ends before it begins.
        """
        first: datetime | date = now if self.since is None else moment_or_date("from", self.since)
        begins = first if isinstance(first, datetime) else schedule.moment(first, 0)
        if self.until is None:
            return begins, begins + _USUAL + _LEAST
        last = moment_or_date("to", self.until)
        ends = last + _LEAST if isinstance(last, datetime) else schedule.moment(last, DAY)
        if self.since is not None and ends <= begins:
            raise refused("to", "it is before `from`", self.until)
        if _days(schedule, first, last, begins, ends) > MOST_DAYS + _LEAST:
            raise refused("to", f"at most {MOST_DAYS.days} days can be asked for", self.until)
        return begins, ends


def _days(
    schedule: Schedule, first: datetime | date, last: datetime | date, begins: datetime, ends: datetime
) -> timedelta:
    """How long it is; dates are counted, for a day of a clock change has another length."""
    if isinstance(first, datetime) or isinstance(last, datetime):
        return ends - begins
    return last - first + timedelta(days=1)


async def slots_of(
    connection: AsyncConnection,
    listing_id: int,
    viewer: CurrentUser | None,
    period: Period,
    policy: LocalServicesSettings,
) -> Json:
    """``{"timezone", "slots"}`` of a listing that the viewer may see; one that takes no requests has no slots.

    Raises:
        NotFound: there is no such listing for them.
        RequestValidationError: that cannot be asked for.
    """
    everything = viewer is not None and viewer.role == Role.ADMIN
    listing = await listing_seen(connection, listing_id, viewer.id if viewer else None, everything=everything)
    schedule, now = await schedule_of(connection, listing["provider_id"], policy.min_notice), datetime.now(UTC)
    since, until = period.starts(schedule, now)
    if period.hours is None:
        duration = in_steps(duration_of(listing["min_hours"] or 1), policy.time_step)
    else:
        duration = length(period.hours, policy.time_step)
    if not listing["is_active"]:
        return {"timezone": schedule.timezone, "slots": []}
    held = await held_between(connection, listing["provider_id"], since, until + duration + schedule.buffer)
    slots = free_slots(schedule, held, since, until, duration, now, policy.time_step)
    return {"timezone": schedule.timezone, "slots": [slot_row(each) for each in islice(slots, MOST_SLOTS)]}
