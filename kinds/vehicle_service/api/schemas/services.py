"""Services and reviews, as admins and customers write them."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from api.schemas.fields import Body, Images, Money, Number, RowId, ShortText, distinct
from kinds.vehicle_service.api.schemas.fields import PersonId
from kinds.vehicle_service.api.schemas.reference import Words


class Price(Body):
    """What a service costs for a class of car, without GST."""

    car_class_id: RowId
    price: Money


def _must_name_each_class_once(chart: list[Price]) -> list[Price]:
    distinct([price.car_class_id for price in chart])
    return chart


def _empty_list(values: Any) -> Any:
    return [] if values is None else values


def _may_be_null(filled: Any) -> BeforeValidator:
    """Null is an empty list, and the document says so."""
    return BeforeValidator(_empty_list, json_schema_input_type=filled | None)


def _written_as_hours(hours: Any) -> Any:
    if isinstance(hours, bool) or (isinstance(hours, str) and not _HOURS.fullmatch(hours)):
        raise ValueError("hours are a number with at most two decimals")
    return hours


_HOURS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
_Works = Annotated[list[ShortText], Field(max_length=40)]
_PriceChart = Annotated[list[Price], Field(max_length=100), AfterValidator(_must_name_each_class_once)]
_FuelTypes = Annotated[list[RowId], Field(max_length=40), AfterValidator(distinct)]
Works = Annotated[_Works, Field(default_factory=list), _may_be_null(_Works)]
Pictures = Annotated[Images, Field(default_factory=list), _may_be_null(Images)]
PriceChart = Annotated[_PriceChart, Field(default_factory=list), _may_be_null(_PriceChart)]
FuelTypes = Annotated[_FuelTypes, Field(default_factory=list), _may_be_null(_FuelTypes)]
WarrantyKms = Annotated[int, Field(ge=0, le=1_000_000), Number]
WarrantyMonths = Annotated[int, Field(ge=0, le=240), Number]
Difficulty = Annotated[int, Field(ge=1, le=5, description="1 to 5; the mechanic's score"), Number]
Hours = Annotated[
    Decimal,
    Field(gt=0, le=200, decimal_places=2),
    BeforeValidator(_written_as_hours),
    WithJsonSchema({"type": ["number", "string"], "examples": [1.5]}),
]
Sac = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$"), Field(description="Service accounting code")]
Rating = Annotated[int, Field(ge=1, le=5), Number]


class _Parts(Body):
    price_chart: PriceChart
    fuel_type_ids: FuelTypes

    def prices(self) -> dict[int, int] | None:
        """The price chart in paise by car class; None if it was not sent."""
        chart = {price.car_class_id: price.price for price in self.price_chart}
        return chart if "price_chart" in self.model_fields_set else None

    def fuels(self) -> list[int] | None:
        """The fuel types; None if they were not sent."""
        return self.fuel_type_ids if "fuel_type_ids" in self.model_fields_set else None

    def fields(self) -> dict[str, Any]:
        """The columns of the service itself that were sent."""
        own = self.model_fields_set - {"price_chart", "fuel_type_ids"}
        return {name: getattr(self, name) for name in own}


class NewService(_Parts):
    """A service; without ``fuel_type_ids`` it fits every fuel, without a price for its class no car can have it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Brake pads, rear",
                    "description": "Pads replaced, slides greased.",
                    "category_id": 11,
                    "works": ["Pads replaced", "Slides greased"],
                    "warranty_kms": 10000,
                    "warranty_months": 6,
                    "time_hrs": 1.5,
                    "difficulty": 2,
                    "images": [],
                    "sac": "998714",
                    "price_chart": [{"car_class_id": 1, "price": "1400.00"}, {"car_class_id": 4, "price": "1960.00"}],
                    "fuel_type_ids": [1, 2, 4, 5],
                }
            ]
        }
    )

    title: Annotated[ShortText, Field(examples=["Brake pads, rear"])]
    description: Words = ""
    category_id: RowId
    works: Works
    warranty_kms: WarrantyKms = 0
    warranty_months: WarrantyMonths = 0
    time_hrs: Hours
    difficulty: Difficulty
    images: Pictures
    sac: Sac = "998714"


class ServiceChange(_Parts):
    """What of a service changes; a list that is sent replaces the whole list, null empties it."""

    title: ShortText | None = None
    description: Words = ""
    category_id: RowId | None = None
    works: Works
    warranty_kms: WarrantyKms | None = None
    warranty_months: WarrantyMonths | None = None
    time_hrs: Hours | None = None
    difficulty: Difficulty | None = None
    images: Pictures
    sac: Sac | None = None


class NewReview(Body):
    """What a customer thinks of a service; an admin writes down what ``customer_id`` said."""

    service_id: RowId
    rating: Rating
    review: Annotated[Words, Field(examples=["Quiet brakes again, car back on time."])] = ""
    images: Pictures
    customer_id: PersonId | None = None


class ReviewChange(Body):
    """What of a review changes."""

    rating: Rating | None = None
    review: Words = ""
    images: Pictures
