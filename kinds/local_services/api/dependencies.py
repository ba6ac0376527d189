"""Dependencies of the routes of local services: settings of the moment, limits per person, what is made of bodies."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends

from adapters.resources import Resources
from api.bookings.dependencies import Services
from api.dependencies import CurrentUser, OpenResources
from api.http.rate_limits import count_request
from domain.errors import TooMany
from kinds.local_services.api.factory import ServiceRequests
from kinds.local_services.api.policy import PolicyNow

_MINUTE = timedelta(minutes=1)


async def must_not_exceed(opened: Resources, person: CurrentUser, what: str, most: int) -> None:
    """Count what a person does, in each minute.

    Raises:
        TooMany: it was done too often.
    """
    if await count_request(opened, f"{what} of {person.id}", _MINUTE) > most:
        raise TooMany(f"at most {most} {what} a minute", retry_after=60)


async def service_requests(opened: OpenResources, policy: PolicyNow, services: Services) -> ServiceRequests:
    """What makes bookings and commands of bodies."""
    return ServiceRequests(opened.database, opened.mongo.gst, policy, services.queries)


Requests = Annotated[ServiceRequests, Depends(service_requests)]
