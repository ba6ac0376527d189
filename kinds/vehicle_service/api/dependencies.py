"""Dependencies of the routes of vehicle services: factories of bookings and commands, filters of lists."""

from typing import Annotated

from fastapi import Depends, Query, Request

from adapters.pages import Filters
from api.bookings.dependencies import Services
from api.dependencies import OpenResources
from api.schemas.fields import Day
from kinds.vehicle_service.api.commands import CommandFactory, status_with_id
from kinds.vehicle_service.api.factory import BookingFactory
from kinds.vehicle_service.api.schemas.fields import PERSON_ID
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.postgres.booking_facts import BookingFacts
from kinds.vehicle_service.settings import PolicySettings


async def policy_now(request: Request) -> PolicySettings:
    """The prices and windows that new bookings get."""
    found: PolicySettings = request.app.state.policy
    return found


PolicyNow = Annotated[PolicySettings, Depends(policy_now)]


async def booking_factory(opened: OpenResources, policy: PolicyNow) -> BookingFactory:
    """What makes new bookings."""
    company = opened.settings.company
    facts = BookingFacts(opened.database, company.shop_timezone)
    return BookingFactory(facts, opened.mongo.gst, policy, company)


async def command_factory(
    opened: OpenResources, factory: Annotated[BookingFactory, Depends(booking_factory)], services: Services
) -> CommandFactory:
    """What makes commands on bookings."""
    facts = BookingFacts(opened.database, opened.settings.company.shop_timezone)
    return CommandFactory(facts, opened.mongo.gst, factory, services.queries)


async def filters(
    status: Annotated[VisitStatus | None, Query(description="A state by its name")] = None,
    status_id: Annotated[int | None, Query(ge=1, le=len(VisitStatus), description="A state by its id")] = None,
    since: Annotated[Day | None, Query(alias="from", description="Pickup on that date or later")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Pickup on that date or earlier")] = None,
    on: Annotated[Day | None, Query(alias="date", description="Pickup on that date")] = None,
) -> Filters:
    """What every list of bookings can be narrowed to."""
    wanted = status_with_id(status_id) if status_id is not None else status
    return Filters(status=str(wanted) if wanted else None, own={"since": on or since, "until": on or until})


Factory = Annotated[BookingFactory, Depends(booking_factory)]
Commands = Annotated[CommandFactory, Depends(command_factory)]
Filtered = Annotated[Filters, Depends(filters)]
MechanicId = Annotated[
    str | None, Query(alias="mechanic_id", pattern=PERSON_ID, description="Bookings with a job of this mechanic")
]
CustomerId = Annotated[str | None, Query(pattern=PERSON_ID, description="Bookings of this customer")]
