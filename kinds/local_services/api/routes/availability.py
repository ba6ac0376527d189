"""When providers work, and which times of a listing are free."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.dependencies import CurrentUser, OptionalUser, ReadConnection, WriteTransaction, requires
from api.responses import reply
from kinds.local_services.api.availability import Period, slots_of
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.queries import Blank, Hours, Short
from kinds.local_services.api.routes.services import ListingId
from kinds.local_services.api.schemas.availability import NewSchedule, ScheduleAnswer, SlotsAnswer
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres.schedules import put_schedule, schedule_of, schedule_row

own = APIRouter(prefix="/users/me/availability", tags=["users"])
router = APIRouter(prefix="/services/listings/{listing_id}/availability", tags=["services"])

Provider = Annotated[CurrentUser, requires(roles=(Role.PROVIDER,))]
End = Annotated[Short | None, Blank]


@own.get("", response_model=ScheduleAnswer, summary="When one works")
async def schedule(person: Provider, connection: ReadConnection, policy: PolicyNow) -> Response:
    """Until it is set: every day from 08:00 to 20:00."""
    return reply(schedule_row(await schedule_of(connection, person.id, policy.min_notice)))


@own.put("", response_model=ScheduleAnswer, summary="Replace when one works, for all listings")
async def set_schedule(
    person: Provider, connection: WriteTransaction, policy: PolicyNow, body: NewSchedule
) -> Response:
    """Bookings stay where they are. A time that a clock change skips moves forward, a doubled one is its first."""
    wanted = body.as_schedule(policy.min_notice)
    await put_schedule(connection, person.id, wanted, notice_is_own=body.min_notice_hours is not None)
    return reply(schedule_row(wanted))


@router.get("", response_model=SlotsAnswer, summary="The free times of a listing")
async def availability(
    connection: ReadConnection,
    viewer: OptionalUser,
    policy: PolicyNow,
    listing_id: ListingId,
    since: Annotated[
        End, Query(alias="from", description="A time with zone, or a date of the provider's calendar")
    ] = None,
    until: Annotated[
        End, Query(alias="to", description="Likewise, inclusive; at most 31 days, a week if not said")
    ] = None,
    duration_hours: Hours = None,
) -> Response:
    """One slot for each start on which a booking of `duration_hours` (at first the least of the listing, else an hour)
    would be granted to somebody who asks now; 2,000 at most."""
    period = Period(since, until, duration_hours)
    return reply(await slots_of(connection, listing_id, viewer, period, policy))
