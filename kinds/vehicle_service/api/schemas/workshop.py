"""What mechanics and admins send about the work on a booking."""

from typing import Annotated

from pydantic import AliasChoices, Field, StringConstraints

from api.schemas.answers import example
from api.schemas.fields import (
    Body,
    BookingNumber,
    Flag,
    Images,
    Prices,
    RowId,
    ServiceIds,
    Text,
    by_rule,
    documented,
)
from domain.texts import long_text
from kinds.vehicle_service.api.schemas.fields import PersonId

Findings = Annotated[str, StringConstraints(max_length=2000), by_rule(long_text, 1, 2000), documented(minLength=1)]


class AssignMechanic(Body):
    """A job for a mechanic."""

    model_config = example({"booking_id": 1021, "mechanic_id": "MEC000034", "assignment_type_id": 1})

    booking_id: BookingNumber
    mechanic_id: PersonId
    assignment_type_id: RowId
    note: Annotated[Text | None, Field(validation_alias=AliasChoices("note", "notes"), description="Or `notes`")] = None


class ProgressFields(Body):
    """What a report says; services by list or one at a time."""

    notes: Annotated[
        Text | None, Field(validation_alias=AliasChoices("notes", "description"), description="Or `description`")
    ] = None
    images: Images | None = None
    completed_service_ids: Annotated[
        ServiceIds | None,
        Field(validation_alias=AliasChoices("completed_service_ids", "service_ids"), description="Or `service_ids`"),
    ] = None
    service_id: RowId | None = None

    @property
    def service_ids(self) -> tuple[int, ...]:
        """The services that are done, each once."""
        listed = self.completed_service_ids or []
        single = [self.service_id] if self.service_id and self.service_id not in listed else []
        return (*listed, *single)

    @property
    def names_services(self) -> bool:
        """Whether the body says anything about services."""
        return bool(self.model_fields_set & {"completed_service_ids", "service_id"})


class SubmitProgressBody(ProgressFields):
    """A progress report; ``status_id``, when given, must be the state that the report leads to."""

    model_config = example(
        {"booking_id": 1021, "service_id": 45, "status_id": 7, "notes": "Engine diagnostics completed"}
    )

    booking_id: BookingNumber
    status_id: RowId | None = None


class EditProgressBody(ProgressFields):
    """A correction; what is absent stays, null empties."""

    model_config = example({"notes": "Engine diagnostics completed", "completed_service_ids": [45]})


class SubmitAnalysisBody(Body):
    """What was found: a quote per requested service, recommended services with their prices, per unit."""

    model_config = example(
        {
            "booking_id": 1021,
            "description": "The front pads are worn down to 2 mm.",
            "recommendation": "Replace both front pads now.",
            "images": [],
            "price_quote": {"45": "1650.00"},
            "recommended_services": {"52": "800.00"},
        }
    )

    booking_id: BookingNumber
    description: Findings
    recommendation: Text | None = None
    images: Annotated[Images, Field(default_factory=list)]
    price_quote: Prices
    recommended_services: Annotated[Prices, Field(default_factory=dict)]


class EditAnalysisBody(Body):
    """A correction; what is absent stays, null empties. ``recommended_services`` replaces all of them."""

    model_config = example({"price_quote": {"45": "1600.00"}})

    description: Findings | None = None
    recommendation: Text | None = None
    images: Images | None = None
    price_quote: Prices | None = None
    recommended_services: Prices | None = None


class Verdict(Body):
    """An admin's word: approved, or sent back with a reason."""

    model_config = example({"approved": False, "reason": "Please add a photo of the pads"})

    approved: Flag = True
    reason: Text | None = None
