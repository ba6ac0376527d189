"""The reference data of the vehicle service as sheets: what a row may be, by the bodies and fields of the API.

An empty cell is worth the default of its field; a row without an ``id`` is a new one.
"""

from typing import Annotated

from pydantic import Field

from adapters.postgres.kind_operations import Check, Sheet
from api.schemas.fields import Body, Images, Number, RowId, ShortText
from kinds.vehicle_service.api.schemas.reference import (
    Capacity,
    Clock,
    NewArea,
    NewCarModel,
    NewCategory,
    NewNamed,
    NewTimeslot,
    Words,
)
from kinds.vehicle_service.api.schemas.services import Difficulty, Hours, Sac, WarrantyKms, WarrantyMonths
from kinds.vehicle_service.postgres import calendar, reference
from kinds.vehicle_service.postgres.closures import LOCK
from kinds.vehicle_service.postgres.tables.calendar import OpeningDay, SlotCapacity
from kinds.vehicle_service.postgres.tables.catalogue import PriceChart, Service, ServiceCategory, ServiceFuelType
from kinds.vehicle_service.postgres.tables.places import Area
from kinds.vehicle_service.postgres.tables.reference import Timeslot
from kinds.vehicle_service.postgres.tables.vehicles import Car, CarClass, FuelType, Manufacturer
from kinds.vehicle_service.settings import PolicySettings

LARGEST_GIVEN_ID = 1_000_000_000
"""Ids go on after the greatest: a file leaves as many again to be given."""

GivenId = Annotated[int | None, Field(ge=1, le=LARGEST_GIVEN_ID), Number]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday"), Number]
Price = Annotated[int, Field(ge=0, le=999_999_999_999, description="Paise"), Number]


def _slot_capacity() -> int:
    return PolicySettings().slot_capacity


class AreaRow(NewArea):
    """A part of the city."""

    id: GivenId = None


class TimeslotRow(NewTimeslot):
    """A part of the day; without a capacity it has the shop's."""

    id: GivenId = None
    capacity: Capacity = Field(default_factory=_slot_capacity)


class NamedRow(NewNamed):
    """A maker, a class or a fuel."""

    id: GivenId = None


class CarRow(NewCarModel):
    """A model that the shop knows."""

    id: GivenId = None


class CategoryRow(NewCategory):
    """A category of the catalogue."""

    id: GivenId = None


class ServiceRow(Body):
    """One thing the shop does; prices and fuels have sheets of their own."""

    id: GivenId = None
    title: ShortText
    description: Words = ""
    category_id: RowId
    works: Annotated[list[ShortText], Field(max_length=40)] = Field(default_factory=list)
    warranty_kms: WarrantyKms = 0
    warranty_months: WarrantyMonths = 0
    time_hrs: Hours
    difficulty: Difficulty
    images: Images = Field(default_factory=list)
    sac: Sac = "998714"


class PriceRow(Body):
    """What a service costs for a class of car, in paise, without GST."""

    service_id: RowId
    car_class_id: RowId
    price: Price


class OpeningDayRow(Body):
    """A day of the week, 1 is Monday, on which the shop is open until ``closes``, 00:00 for midnight."""

    weekday: Weekday
    opens: Clock
    closes: Clock


class SlotCapacityRow(Body):
    """How many cars are fetched or brought in a timeslot on a day of the week."""

    weekday: Weekday
    timeslot_id: RowId
    capacity: Capacity


class FuelRow(Body):
    """A fuel that a service fits."""

    service_id: RowId
    fuel_type_id: RowId


OUTSIDE = Check("outside", calendar.OUTSIDE, "a booking has a timeslot that is not offered then: move it")
CROWDED = Check("crowded", calendar.CROWDED, "a booking has a timeslot that takes fewer than hold it: move some")
SHEETS = (
    Sheet(Area, AreaRow, reference.AREAS.same),
    Sheet(Timeslot, TimeslotRow, reference.TIMESLOTS.same),
    Sheet(OpeningDay, OpeningDayRow, tells=(OUTSIDE,), lock=LOCK),
    Sheet(SlotCapacity, SlotCapacityRow, tells=(CROWDED,), lock=LOCK),
    Sheet(Manufacturer, NamedRow, reference.MANUFACTURERS.same),
    Sheet(CarClass, NamedRow, reference.CAR_CLASSES.same),
    Sheet(FuelType, NamedRow, reference.FUEL_TYPES.same),
    Sheet(Car, CarRow, reference.CAR_MODELS.same),
    Sheet(ServiceCategory, CategoryRow, reference.CATEGORIES.same),
    Sheet(Service, ServiceRow, reference.SERVICES.same),
    Sheet(ServiceFuelType, FuelRow),
    Sheet(PriceChart, PriceRow),
)
"""In the order in which they are imported: each names rows of those before it."""
