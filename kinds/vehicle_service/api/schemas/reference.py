"""Reference rows, as admins write them. In a change an absent field stays."""

from datetime import time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from api.schemas.fields import Body, Image, Number, RowId, ShortText, Text, by_rule, documented


def _empty_text(text: Any) -> Any:
    return "" if text is None else text


_CLASS = Field(validation_alias=AliasChoices("name", "class", "class_"), examples=["Pick-up"])
_FUEL = Field(validation_alias=AliasChoices("name", "fuel_name"), examples=["Hydrogen"])
Pincode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{5}$"), Field(examples=["411004"])]
Year = Annotated[int, Field(ge=1950, le=2100, examples=[2024]), Number]
Clock = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    AfterValidator(time.fromisoformat),
    Field(examples=["08:00"]),
]
Capacity = Annotated[int, Field(ge=0, le=10_000, description="How many cars are fetched or brought in it"), Number]
Words = Annotated[Text, BeforeValidator(_empty_text, json_schema_input_type=Text | None)]
"""Text that may be empty; null empties it."""


def _null_empties(text: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return "" if text is None else read(text)


Description = Annotated[
    Text,
    by_rule(str, 1),
    WrapValidator(_null_empties, json_schema_input_type=Annotated[Text, documented(minLength=1)] | None),
]
"""Words that say something; null, not an empty text, takes them away."""


class NewNamed(Body):
    """A row that is nothing but a name."""

    name: ShortText


class NamedChange(Body):
    """Another name."""

    name: ShortText | None = None


class NewCarClass(Body):
    """A class of cars; ``class`` is accepted for its name."""

    name: Annotated[ShortText, _CLASS]


class CarClassChange(Body):
    """Another name."""

    name: Annotated[ShortText | None, _CLASS] = None


class NewFuelType(Body):
    """A fuel; ``fuel_name`` is accepted for its name."""

    name: Annotated[ShortText, _FUEL]


class FuelTypeChange(Body):
    """Another name."""

    name: Annotated[ShortText | None, _FUEL] = None


class NewCarModel(Body):
    """A model that the shop knows."""

    model: Annotated[ShortText, Field(examples=["Punch EV"])]
    manufacturer_id: RowId
    fuel_type_id: RowId
    car_class_id: RowId
    year: Year
    img: Image | None = None


class CarModelChange(Body):
    """What of a model changes; null takes the picture away."""

    model: ShortText | None = None
    manufacturer_id: RowId | None = None
    fuel_type_id: RowId | None = None
    car_class_id: RowId | None = None
    year: Year | None = None
    img: Image | None = None


class NewArea(Body):
    """A part of the city that the shop drives to."""

    name: Annotated[ShortText, Field(examples=["Deccan Gymkhana"])]
    pincode: Pincode


class AreaChange(Body):
    """What of an area changes."""

    name: ShortText | None = None
    pincode: Pincode | None = None


class NewTimeslot(Body):
    """A part of the day, which ends at midnight (00:00) at the latest; without a capacity it has the shop's."""

    name: Annotated[ShortText, Field(examples=["Late night"])]
    start_time: Clock
    end_time: Clock
    capacity: Capacity | None = None


class TimeslotChange(Body):
    """What of a timeslot changes; bookings keep the times they were made with."""

    name: ShortText | None = None
    start_time: Clock | None = None
    end_time: Clock | None = None
    capacity: Capacity | None = None


class NewCategory(Body):
    """A category of the catalogue."""

    name: Annotated[ShortText, Field(examples=["Audio"])]
    description: Description = ""


class CategoryChange(Body):
    """What of a category changes; null empties the description."""

    name: ShortText | None = None
    description: Description = ""
