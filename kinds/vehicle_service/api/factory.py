"""From a request to a booking that the rules can decide on: facts looked up, defaults filled in, prices computed.

Whatever a client says about prices is ignored. Capacity is only asked about here; it is decided when slots are taken.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from adapters.mongo.gst import GstRates
from domain.booking import RULES_OF_TODAY, Address, Customer
from domain.errors import Invalid, NotFound, NotYours, SlotTaken
from domain.indian_states import place_of_supply
from domain.money import paise
from domain.people import Actor
from kinds.vehicle_service.api.offers import requested_line
from kinds.vehicle_service.api.places import drop_place, first_address, pickup_place, timeslot
from kinds.vehicle_service.api.schemas.bookings import (
    AddressInPlace,
    CreateBooking,
    RescheduleBooking,
    Times,
    WantedService,
)
from kinds.vehicle_service.domain.commands import Reschedule
from kinds.vehicle_service.domain.parts import Leg, PickupType, Timeslot, Wish
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.rules.timing import must_fit_working_days, must_leave_working_days
from kinds.vehicle_service.domain.visit import Policy, VisitBooking
from kinds.vehicle_service.domain.wishes import leg_at, must_be_bookable, slot_in, starts_at
from kinds.vehicle_service.postgres.booking_facts import BookingFacts
from kinds.vehicle_service.postgres.request_facts import NewBookingFacts, Offer, Places
from kinds.vehicle_service.settings import PolicySettings
from settings import Company

MOST_WORKING_DAYS = 60

Slot = tuple[date, Timeslot]


class BookingFactory:
    """Builds new bookings, and new times of bookings."""

    def __init__(self, facts: BookingFacts, rates: GstRates, policy: PolicySettings, company: Company) -> None:
        self._facts = facts
        self._rates = rates
        self._policy = policy
        self._company = company
        self._zone = ZoneInfo(company.shop_timezone)

    async def booking(
        self, wish: CreateBooking, customer_id: str, booking_id: int | None, now: datetime
    ) -> VisitBooking:
        """A booking at version 0.

        Raises:
            NotFound, Invalid, SlotTaken: why it cannot be.
        """
        services = [line.service_id for line in wish.services]
        facts, percent = await asyncio.gather(
            self._facts.for_order(
                booking_id=booking_id,
                customer=customer_id,
                vehicle=wish.vehicle_id,
                services=services,
                areas=wish.areas,
            ),
            self._rates.percent_or(self._facts.newest_percent),
        )
        booking = await self._drafted(wish, facts, customer_id, percent, now)
        must_fit_working_days(booking)
        pickup, drop = await self._with_kept_addresses(wish, booking)
        return replace(booking, pickup=pickup, drop=drop)

    async def reschedule(
        self, wish: RescheduleBooking, booking: VisitBooking, actor: Actor, now: datetime
    ) -> Reschedule:
        """New legs for a booking; what the wish leaves open stays as it is, except a drop that became too early."""
        places = await self._facts.for_move(booking.customer.id, wish.areas)
        here, there = (None, None) if booking.walk_in else (pickup_place(wish, places), drop_place(wish, places))
        pickup = self._moved(booking.pickup, wish.pickup_date, wish.pickup_timeslot_id, here, places, now)
        earliest = (pickup or booking.pickup).date + timedelta(days=booking.working_days)
        drop_date, drop_slot = wish.drop_date, wish.drop_timeslot_id
        if drop_date is None and pickup and booking.drop.date < earliest:
            drop_date, drop_slot = await self._first_drop(earliest, booking.drop.timeslot.id, drop_slot)
        drop = self._moved(booking.drop, drop_date, drop_slot, there, places, now)
        changed = replace(booking, pickup=pickup or booking.pickup, drop=drop or booking.drop)
        must_fit_working_days(changed)
        collected, brought = await self._with_kept_addresses(wish, changed)
        return Reschedule(actor, pickup and collected, drop and brought)

    async def _drafted(
        self, wish: CreateBooking, facts: NewBookingFacts, customer_id: str, percent: Decimal, now: datetime
    ) -> VisitBooking:
        if facts.customer is None:
            raise NotFound(f"there is no customer {customer_id}")
        if facts.vehicle is None:
            raise NotFound(f"there is no vehicle {wish.vehicle_id}")
        lines = [requested_line(wanted, facts.offers) for wanted in wish.services]
        days = self._working_days(wish.services, facts.offers)
        pickup, drop, left_open = await self._legs(wish, facts.places, days, now)
        here = there = None
        if wish.pickup_type is PickupType.DOORSTEP:
            here = pickup_place(wish, facts.places) or first_address(facts.places)
            there = drop_place(wish, facts.places) or here
        on_record = here or next(iter(facts.places.addresses.values()), None)
        customer = replace(facts.customer, gstin=wish.gstin, billed_as=wish.billed_as, address=on_record)
        return VisitBooking(
            id=facts.booking_id,
            customer=customer,
            vehicle=facts.vehicle,
            pickup_type=wish.pickup_type,
            pickup=self._leg(*pickup, here),
            drop=self._leg(*drop, there),
            lines=lines,
            policy=self._snapshot(percent, customer),
            created_at=now,
            notes=wish.notes or None,
            working_days=days,
            wish=left_open,
        )

    def _working_days(self, wanted: list[WantedService], offers: Mapping[int, Offer]) -> int:
        hours = sum((offers[line.service_id].hours * line.quantity for line in wanted), Decimal(0))
        days = math.ceil(hours / self._policy.working_hours_per_day)
        if days > MOST_WORKING_DAYS:
            raise Invalid(f"that is work for {days} days; a booking can hold {MOST_WORKING_DAYS}")
        return max(1, days)

    async def _legs(self, wish: Times, places: Places, days: int, now: datetime) -> tuple[Slot, Slot, Wish | None]:
        """When: as wished, or the next free slot (a slot without a date: the first date on which it is free); and the
        wish, where it leaves something open."""
        pickup, drop = timeslot(places, wish.pickup_timeslot_id), timeslot(places, wish.drop_timeslot_id)
        wanted = Wish(wish.pickup_date, wish.pickup_timeslot_id, wish.drop_date, wish.drop_timeslot_id)
        for day in (wish.pickup_date, wish.drop_date):
            self._must_be_bookable(day, now)
        if wish.drop_date:
            must_leave_working_days(wish.pickup_date or self._today(now), wish.drop_date, days)
        if wish.pickup_date and pickup:
            self._must_be_ahead((wish.pickup_date, pickup), now)
            if wish.drop_date and drop:
                return (wish.pickup_date, pickup), (wish.drop_date, drop), None
        found = await self._facts.free(wanted, days)
        if found is None:
            raise await self._nothing_free(wish.pickup_date or self._today(now))
        return slot_in(found["pickup"]), slot_in(found["drop"]), wanted

    async def _nothing_free(self, first: date) -> SlotTaken:
        return SlotTaken("there is no free slot as wished", next_free_slots=await self._facts.next_free(first))

    async def _first_drop(self, first: date, usual: int, named: int | None) -> tuple[date, int]:
        """Where nothing is free, what will be refused when it is reserved."""
        found = await self._facts.free_drop(first, usual, named)
        if found is None:
            return first, named or usual
        day, slot = slot_in(found)
        return day, slot.id

    def _moved(
        self,
        leg: Leg,
        day: date | None,
        slot_id: int | None,
        place: Address | None,
        places: Places,
        now: datetime,
    ) -> Leg | None:
        """The leg at its new time and place; None when nothing about it was wished."""
        if day is None and slot_id is None and place is None:
            return None
        self._must_be_bookable(day, now)
        slot = day or leg.date, timeslot(places, slot_id) or leg.timeslot
        self._must_be_ahead(slot, now)
        return self._leg(*slot, place or leg.address)

    def _leg(self, day: date, slot: Timeslot, place: Address | None) -> Leg:
        return leg_at(day, slot, self._company.shop_timezone, place)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    def _must_be_bookable(self, day: date | None, now: datetime) -> None:
        if day is not None:
            must_be_bookable(day, self._today(now))

    def _must_be_ahead(self, slot: Slot, now: datetime) -> None:
        if starts_at(*slot, self._company.shop_timezone) <= now:
            raise Invalid(f"the {slot[1].name} slot on {slot[0]} has begun already")

    def _snapshot(self, percent: Decimal, customer: Customer) -> Policy:
        set_now, home = self._policy, self._company.supplier_gstin[:2]
        supplied_in = place_of_supply(customer.gstin, customer.address.pincode if customer.address else None, home)
        return Policy(
            inspection_fee=paise(set_now.inspection_fee),
            decision_window=set_now.decision_window,
            decision_reminders=set_now.decision_reminders,
            payment_window=set_now.payment_window,
            validation_alert=set_now.validation_alert,
            unassigned_alert=set_now.unassigned_alert,
            dispute_reminder=set_now.dispute_reminder,
            gst_percent=percent,
            round_to_rupee=set_now.round_to_rupee,
            same_state=supplied_in == home,
            timezone=self._company.shop_timezone,
            supply_state=supplied_in,
            **RULES_OF_TODAY,
        )

    async def _with_kept_addresses(self, wish: Times, booking: VisitBooking) -> tuple[Leg, Leg]:
        """The legs, with addresses given in place added to the customer's. Done last: a refusal leaves nothing."""
        pickup = await self._with_kept_address(booking.customer.id, booking.pickup, wish.pickup_address)
        new = wish.drop_address or wish.pickup_address
        return pickup, await self._with_kept_address(booking.customer.id, booking.drop, new)

    async def _with_kept_address(self, customer_id: str, leg: Leg, new: AddressInPlace | None) -> Leg:
        if new is None or leg.address is None or leg.address.id is not None:
            return leg
        kept = await self._facts.keep_address(customer_id, **new.model_dump())
        return replace(leg, address=replace(leg.address, id=kept))


def customer_of(user: Actor, wish: CreateBooking) -> str:
    """Whose booking it will be: customers book for themselves, admins for a customer.

    Raises:
        NotYours: a customer names another one.
        Invalid: an admin names nobody.
    """
    if user.role == Role.CUSTOMER:
        if wish.customer_id not in (None, user.id):
            raise NotYours("a customer books for themselves only")
        return user.id
    if wish.customer_id is None:
        raise Invalid("customer_id is needed: whose booking is it?")
    return wish.customer_id
