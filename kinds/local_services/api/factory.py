"""From a body to a booking or a command that the rules can decide on: facts looked up, the list price computed.

Whether the provider's time is free is only asked about here; it is decided when the time is taken.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fastapi.exceptions import RequestValidationError

from adapters.mongo.gst import GstRates
from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.database import Database
from domain.booking import Customer
from domain.errors import ActionNotAllowed, Invalid, NotFound
from domain.people import Actor
from kinds.local_services.api.schemas.bookings import NewBooking, NewOffer, StatusChange
from kinds.local_services.api.terms import terms_of
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.errors import (
    ListingInactive,
    OutsideCoverage,
    OutsideSchedule,
    OwnListing,
    PhoneNotVerified,
)
from kinds.local_services.domain.money import list_price, must_be_payable, tax_case
from kinds.local_services.domain.parts import Offer, Option, Place, Rates
from kinds.local_services.domain.places import Point
from kinds.local_services.domain.slots import duration_of, is_duration, is_offered, on_grid
from kinds.local_services.postgres.held_time import next_free
from kinds.local_services.postgres.notes import has_arrived
from kinds.local_services.postgres.request_facts import (
    Offered,
    RequestFacts,
    gstin_of,
    must_not_be_too_many,
    newest_percent,
    request_facts,
)
from kinds.local_services.postgres.schedules import schedule_of
from kinds.local_services.settings import LocalServicesSettings


class ServiceRequests:
    """Builds bookings and the commands that need facts."""

    def __init__(
        self,
        database: Database,
        rates: GstRates,
        policy: LocalServicesSettings,
        queries: BookingQueries[ServiceBooking],
    ) -> None:
        self._database = database
        self._rates = rates
        self._policy = policy
        self._queries = queries

    async def booking(self, wish: NewBooking, requester: str, booking_id: int | None, now: datetime) -> ServiceBooking:
        """A booking at version 0.

        Raises:
            BookingError, RequestValidationError: why it cannot be.
        """
        duration = self._duration(wish.duration_hours)
        percent = await self._percent()
        async with self._database.read.connect() as connection:
            facts = await request_facts(connection, wish.listing_id, requester, booking_id)
            offered = self._must_be_possible(facts, wish, requester)
            start, step, notice = wish.scheduled_at, self._policy.time_step, self._policy.min_notice
            schedule = await schedule_of(connection, offered.provider, notice)
            if not on_grid(start, schedule.timezone, step):
                raise wrong("scheduled_at", f"a start lies on a step of {step}", start)
            if not is_offered(schedule, start, duration, now):
                free = await next_free(connection, offered.provider, start, duration, step, notice)
                raise OutsideSchedule("the provider does not work at that time", next_free_slots=free)
        listing = replace(offered.listing, options=_chosen(wish.option_ids, offered.options))
        price = list_price(listing, duration)
        must_be_payable(price)
        total = price if wish.total_price is None else wish.total_price
        return ServiceBooking(
            id=facts.booking_id,
            customer=Customer(requester, gstin=facts.requester_gstin),
            policy=terms_of(self._policy, schedule.timezone),
            created_at=now,
            provider=offered.provider,
            listing=listing,
            place=Place(**wish.location.model_dump()) if wish.location else None,
            starts_at=wish.scheduled_at,
            duration=duration,
            buffer=schedule.buffer,
            rates=self._rates_at(percent, offered.provider_gstin, platform_pays_gst=listing.platform_pays_gst),
            list_price=price,
            total=total,
            notes=wish.notes or None,
            offers=[Offer(1, requester, total, wish.scheduled_at, duration, None, now)],
        )

    async def status_change(self, actor: Actor, booking_id: int, body: StatusChange) -> commands.ServiceCommand:
        """What a wish for another status asks of the booking.

        Raises:
            ActionNotAllowed: nobody asks for that status.
        """
        given: dict[str, Any] = {"actor": actor, "expected": body.version}
        if body.status is Status.ACCEPTED:
            return commands.Accept(**given, rates=await self.rates_of_now(booking_id, actor))
        if body.status is Status.IN_PROGRESS:
            return commands.Start(**given)
        if body.status is Status.COMPLETED:
            return commands.Complete(**given)
        if body.status is Status.CANCELLED:
            return await self.cancellation(actor, booking_id, body)
        raise ActionNotAllowed("a booking is requested once", status=str(body.status), action="request")

    async def cancellation(self, actor: Actor, booking_id: int, body: StatusChange) -> commands.Cancel:
        """A cancellation, with the provider's word that he was there."""
        arrived = False
        if body.no_show:
            async with self._database.read.connect() as connection:
                arrived = await has_arrived(connection, booking_id, actor.id)
        return commands.Cancel(
            actor,
            reason=body.reason,
            no_show=body.no_show,
            arrived=arrived,
            fee_percent=body.fee_percent,
            expected=body.version,
        )

    def offer(self, actor: Actor, body: NewOffer) -> commands.Offer:
        """Another price or time."""
        duration = None if body.duration_hours is None else self._duration(body.duration_hours)
        return commands.Offer(
            actor, total=body.total_price, starts_at=body.scheduled_at, duration=duration, note=body.note
        )

    async def acceptance(self, actor: Actor, booking_id: int, offer_id: int) -> commands.AcceptOffer:
        """An offer is accepted at the rates of the moment."""
        return commands.AcceptOffer(actor, offer_id, rates=await self.rates_of_now(booking_id, actor))

    async def rates_of_now(self, booking_id: int, actor: Actor) -> Rates:
        """The rates that an acceptance freezes."""
        booking = (await self._queries.detail(booking_id, actor)).booking
        percent = await self._percent()
        async with self._database.read.connect() as connection:
            gstin = await gstin_of(connection, booking.provider)
        return self._rates_at(percent, gstin, platform_pays_gst=booking.listing.platform_pays_gst)

    async def _percent(self) -> Decimal:
        async def newest() -> Decimal | None:
            async with self._database.read.connect() as connection:
                return await newest_percent(connection)

        return await self._rates.percent_or(newest)

    def _rates_at(self, percent: Decimal, gstin: str | None, *, platform_pays_gst: bool) -> Rates:
        case = tax_case(provider_gstin=gstin, platform_pays_gst=platform_pays_gst)
        return Rates(percent, self._policy.commission, self._policy.tcs, case, gstin)

    def _duration(self, hours: Decimal) -> timedelta:
        duration, step = duration_of(hours), self._policy.time_step
        if not is_duration(duration, step):
            raise wrong("duration_hours", f"a duration is {2 * step} to 24 hours, in steps of {step}", str(hours))
        return duration

    def _must_be_possible(self, facts: RequestFacts, wish: NewBooking, requester: str) -> Offered:
        offered = facts.offered
        if offered is None:
            raise NotFound(f"there is no listing {wish.listing_id}")
        if not facts.is_there:
            raise NotFound(f"there is no person {requester}")
        if self._policy.phone_verification == "on" and not facts.verified:
            raise PhoneNotVerified("verify the phone number before you request a service")
        if offered.provider == requester:
            raise OwnListing("this is your own listing")
        if not offered.takes_requests:
            raise ListingInactive(f"listing {wish.listing_id} takes no requests")
        must_not_be_too_many(facts.open_requests)
        if offered.area is not None:
            if wish.location is None:
                raise wrong("location", "this listing needs a location", None)
            if not offered.area.covers(Point(wish.location.lat, wish.location.lng)):
                raise OutsideCoverage(f"that is not within {offered.area.radius_km} km of {offered.area.label}")
        return offered


def wrong(field: str, why: str, value: Any) -> RequestValidationError:
    """A field of a body that only settings or stored rows can judge."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": why, "input": str(value)}])


def _chosen(ids: list[int], offered: dict[int, Option]) -> tuple[Option, ...]:
    if len(set(ids)) < len(ids):
        raise wrong("option_ids", "the values must be distinct", ids)
    if unknown := set(ids) - offered.keys():
        raise Invalid(f"the listing has no option {min(unknown)}", option_id=min(unknown))
    return tuple(offered[each] for each in ids)
