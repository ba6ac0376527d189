"""Dependencies of the routes of vehicle services: the factories of bookings and commands."""

from typing import Annotated

from fastapi import Depends

from adapters.postgres.booking_facts import BookingFacts
from api.bookings.commands import CommandFactory
from api.bookings.dependencies import Services
from api.bookings.factory import BookingFactory
from api.dependencies import OpenResources


async def booking_factory(opened: OpenResources) -> BookingFactory:
    """What makes new bookings."""
    policy = opened.settings.policy
    return BookingFactory(BookingFacts(opened.database, policy.shop_timezone), opened.documents.gst, policy)


async def command_factory(
    opened: OpenResources, factory: Annotated[BookingFactory, Depends(booking_factory)], services: Services
) -> CommandFactory:
    """What makes commands on bookings."""
    facts = BookingFacts(opened.database, opened.settings.policy.shop_timezone)
    return CommandFactory(facts, opened.documents.gst, factory, services.queries)


Factory = Annotated[BookingFactory, Depends(booking_factory)]
Commands = Annotated[CommandFactory, Depends(command_factory)]
