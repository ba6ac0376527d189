"""Mechanics and what they can be assigned to, as clients write them."""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from api.schemas.answers import example
from api.schemas.fields import Body, Day, Distinct, Flag, Image, RowId, ShortText, distinct
from api.schemas.people import PERSON, NewAdmin, PersonChange

Categories = Annotated[list[RowId], Field(max_length=100), AfterValidator(distinct), Distinct]


_MECHANIC = {
    **PERSON,
    "dob": "1988-01-30",
    "pickup_drop": True,
    "analysis": True,
    "service_categories": [1, 2],
    "photo": None,
}


class NewMechanic(NewAdmin):
    """A mechanic, and what they can be assigned to."""

    model_config = example(_MECHANIC)

    dob: Day
    pickup_drop: Flag = False
    analysis: Flag = False
    service_categories: Categories = Field(default_factory=list)
    photo: Image | None = None

    def columns(self) -> dict[str, Any]:
        """What is kept of them as a person."""
        return {**super().columns(), "photo": self.photo}


class MechanicChange(PersonChange):
    """What of a mechanic changes; absent stays, null clears ``last_name`` and ``photo``."""

    model_config = example({"pickup_drop": False, "service_categories": [1, 2, 7]})
    clearable: ClassVar[frozenset[str]] = frozenset({"last_name", "photo"})
    their_own: ClassVar[frozenset[str]] = frozenset({"name", "first_name", "last_name", "dob", "current_password"})

    dob: Day | None = None
    pickup_drop: Flag | None = None
    analysis: Flag | None = None
    service_categories: Categories | None = None
    photo: Image | None = None

    @property
    def reserved(self) -> list[str]:
        """What only an admin changes."""
        return sorted(self.model_fields_set - self.their_own)

    def columns(self) -> dict[str, Any]:
        """What changes, of the person and of the qualifications."""
        own = ("dob", "pickup_drop", "analysis", "photo")
        return {**super().columns(), **{name: getattr(self, name) for name in own if name in self.model_fields_set}}


class AssignmentTypeBody(Body):
    """A kind of work."""

    model_config = example({"name": "inspection"})

    name: ShortText


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


class AssignmentTypeChange(Body):
    """Another name for it; absent stays."""

    model_config = example({"name": "inspection"})

    name: ShortText = Field("", json_schema_extra=_without_default)
