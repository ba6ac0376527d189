"""Errors as they leave the API, for the documentation: one shape, with more in it where more helps."""

from datetime import date

from pydantic import Field

from api.schemas.answers import Answer, example


class Error(Answer):
    """Every refusal. Some carry facts beside these four; ``code`` is the name for programs, ``detail`` for people."""

    model_config = example(
        {
            "status": 403,
            "message": "Forbidden",
            "detail": "WRITE:BOOKINGS scope required",
            "code": "ScopeRequired",
        }
    )

    status: int = Field(ge=400, le=599)
    message: str
    detail: str
    code: str


class WrongField(Answer):
    """One value that does not fit, by its way from the top of the request."""

    model_config = example({"field": "body.booking_id", "message": "Field required", "type": "missing"})

    field: str
    message: str
    type: str


class ShapeError(Error):
    """A request of the wrong shape: what is wrong, field by field."""

    model_config = example(
        {
            "status": 422,
            "message": "Unprocessable Entity",
            "detail": "body.booking_id: Field required",
            "code": "ShapeMismatch",
            "errors": [{"field": "body.booking_id", "message": "Field required", "type": "missing"}],
        }
    )

    errors: list[WrongField]


class FreeSlot(Answer):
    """A slot with room."""

    date: date
    timeslot_id: int
    name: str
    free: int


class BookingConflict(Error):
    """The booking's state says no; ``SlotTaken`` names the next slots with room."""

    model_config = example(
        {
            "status": 409,
            "message": "Conflict",
            "detail": "Morning on 2026-11-24 is full",
            "code": "SlotTaken",
            "next_free_slots": [{"date": "2026-11-24", "timeslot_id": 2, "name": "Afternoon", "free": 4}],
        }
    )

    next_free_slots: list[FreeSlot] = Field(default_factory=list)
