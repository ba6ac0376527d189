"""Customers' cars and addresses, as clients write them."""

from typing import Annotated

from pydantic import AliasChoices, Field, StringConstraints

from api.schemas.fields import Body, RowId, SecondLine, by_rule, documented
from api.schemas.people_fields import Text
from kinds.vehicle_service.domain.plates import LONGEST, plate

Plate = Annotated[
    str,
    StringConstraints(max_length=LONGEST),
    by_rule(plate),
    documented(pattern=r"^[A-Za-z0-9]([ .-]*[A-Za-z0-9]){3,11}$"),
]


class NewCar(Body):
    """A customer's car; the older spellings of its fields are accepted too."""

    registration_number: Annotated[Plate, Field(validation_alias=AliasChoices("registration_number", "reg_number"))]
    car_model_id: Annotated[RowId, Field(validation_alias=AliasChoices("car_model_id", "car_id"))]
    customer_id: Annotated[str | None, Field(pattern=r"^CST[0-9]{6,12}$")] = None


class CarChange(Body):
    """What of a car changes; absent stays."""

    registration_number: Annotated[
        Plate | None, Field(validation_alias=AliasChoices("registration_number", "reg_number"))
    ] = None
    car_model_id: Annotated[RowId | None, Field(validation_alias=AliasChoices("car_model_id", "car_id"))] = None


class NewAddress(Body):
    """Where a customer can be found."""

    label: Text
    line1: Text
    line2: SecondLine = None
    area_id: RowId
    customer_id: Annotated[str | None, Field(pattern=r"^CST[0-9]{6,12}$")] = None


class AddressChange(Body):
    """What of an address changes; absent stays, null clears ``line2``."""

    label: Text | None = None
    line1: Text | None = None
    line2: SecondLine = None
    area_id: RowId | None = None
