"""What a customer sends about a booking (an admin too, for a customer)."""

from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from api.schemas.answers import example
from api.schemas.fields import (
    Body,
    Day,
    Gstin,
    Quantity,
    RowId,
    SecondLine,
    ServiceIds,
    ShortText,
    Text,
)
from domain.billing.records import Method
from kinds.vehicle_service.api.schemas.fields import PersonId
from kinds.vehicle_service.domain.parts import PickupType


class WantedService(Body):
    """One line; a price that comes with it is ignored, the price chart decides."""

    service_id: RowId
    quantity: Quantity = 1


class AddressInPlace(Body):
    """An address given in place; it joins the customer's addresses."""

    label: ShortText = "Other"
    line1: ShortText
    line2: SecondLine = None
    area_id: RowId


def _must_name_each_service_once(lines: list[WantedService]) -> list[WantedService]:
    if len({line.service_id for line in lines}) < len(lines):
        raise ValueError("each service once; use quantity for more")
    return lines


class Times(Body):
    """When and where the car is collected and brought back; what is not given has a default."""

    pickup_date: Day | None = None
    drop_date: Day | None = None
    pickup_timeslot_id: Annotated[
        RowId | None,
        Field(validation_alias=AliasChoices("pickup_timeslot_id", "timeslot_id"), description="Or `timeslot_id`"),
    ] = None
    drop_timeslot_id: RowId | None = None
    pickup_address_id: Annotated[
        RowId | None,
        Field(validation_alias=AliasChoices("pickup_address_id", "address_id"), description="Or `address_id`"),
    ] = None
    drop_address_id: RowId | None = None
    pickup_address: AddressInPlace | None = None
    drop_address: AddressInPlace | None = None

    @model_validator(mode="after")
    def _must_say_where_in_one_way(self) -> "Times":
        if (self.pickup_address_id and self.pickup_address) or (self.drop_address_id and self.drop_address):
            raise ValueError("give an address or the id of one, not both")
        return self

    @property
    def areas(self) -> list[int]:
        """The areas of the addresses given in place."""
        return [address.area_id for address in (self.pickup_address, self.drop_address) if address]


class CreateBooking(Times):
    """A new booking. A registered business that pays gives its GSTIN and its name for the invoice."""

    model_config = example(
        {
            "customer_id": "CST000210",
            "vehicle_id": 88,
            "pickup_type": "doorstep",
            "timeslot_id": 12,
            "services": [{"service_id": 45, "quantity": 1}, {"service_id": 52, "quantity": 1}],
            "notes": "Need quick turnaround",
        }
    )

    customer_id: Annotated[PersonId | None, Field(description="For whom; needed from an admin")] = None
    vehicle_id: Annotated[
        RowId,
        Field(
            validation_alias=AliasChoices("vehicle_id", "customer_car_id", "car_id"),
            description="The customer's car; or `customer_car_id`, `car_id`",
        ),
    ]
    services: Annotated[
        list[WantedService], Field(min_length=1, max_length=20), AfterValidator(_must_name_each_service_once)
    ]
    pickup_type: PickupType = PickupType.DOORSTEP
    notes: Text | None = None
    gstin: Gstin | None = None
    billed_as: ShortText | None = None


class RescheduleBooking(Times):
    """New times; what is absent stays."""

    model_config = example({"pickup_date": "2026-11-25", "pickup_timeslot_id": 2})


class ConfirmServicesBody(Body):
    """The lines that are wanted, and how they will be paid."""

    model_config = example({"service_ids": [45], "payment_method_id": 1})

    service_ids: ServiceIds
    payment_method_id: RowId | None = None
    payment_method: Method | None = None

    @model_validator(mode="after")
    def _must_say_how(self) -> "ConfirmServicesBody":
        if self.payment_method_id is None and self.payment_method is None:
            raise ValueError("payment_method_id is needed")
        return self


class CancelBooking(Body):
    """Why; optional."""

    model_config = example({"reason": "The car is sold"})

    reason: Text | None = None
