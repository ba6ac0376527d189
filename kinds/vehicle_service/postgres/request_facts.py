"""What a request is made of, as it was looked up: offers, places, the customer and the vehicle."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from domain.booking import Address, Customer
from domain.money import Paise
from kinds.vehicle_service.domain.parts import Timeslot, Vehicle


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it is offered for one car; without a price it is not offered for that class."""

    id: int
    title: str
    category_id: int
    difficulty: int
    sac: str
    hours: Decimal
    price: Paise | None
    fits: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the city."""

    id: int
    name: str
    pincode: str


@dataclass(frozen=True, slots=True)
class Places:
    """The slots of the shop's day, the customer's addresses in the order they were made, the areas asked for."""

    timeslots: dict[int, Timeslot]
    addresses: dict[int, Address]
    areas: dict[int, Area]


@dataclass(frozen=True, slots=True)
class NewBookingFacts:
    """Everything a new booking is made of; None where there is no such thing, or it is not the customer's."""

    booking_id: int
    customer: Customer | None
    vehicle: Vehicle | None
    offers: dict[int, Offer]
    places: Places


def offers_of(found: str) -> dict[int, Offer]:
    """The offers of a JSON array, by service."""
    offers = [Offer(**{**row, "hours": Decimal(row["hours"])}) for row in orjson.loads(found)]
    return {offer.id: offer for offer in offers}


def places_of(row: Any) -> Places:
    """The places of a row with the three arrays that every such statement selects."""
    return Places(
        timeslots={slot["id"]: Timeslot(**slot) for slot in orjson.loads(row.timeslots)},
        addresses={address["id"]: Address(**address) for address in orjson.loads(row.addresses)},
        areas={area["id"]: Area(**area) for area in orjson.loads(row.areas)},
    )
