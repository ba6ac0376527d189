"""Whose car, when, where, and in whose hands: the parts of a booking that are about the visit."""

from typing import Literal

from api.schemas import booking_answers
from api.schemas.answer_fields import Clock, Day, Moment, Url
from api.schemas.answers import Answer
from api.schemas.booking_fields import ByRole, WaitingFor
from kinds.vehicle_service.api.schemas.fields import MechanicId
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus
from kinds.vehicle_service.domain.parts import Job, PickupType
from kinds.vehicle_service.domain.roles import Role


class VehicleOfBooking(Answer):
    """The car as it was when it was booked."""

    id: int
    registration_number: str
    manufacturer: str
    model: str
    fuel_type: str
    car_class: str


class SlotOfLeg(Answer):
    """A window of the shop's day."""

    id: int
    name: str
    start_time: Clock
    end_time: Clock


class AddressOfLeg(Answer):
    """A place as it was when it was booked."""

    id: int | None
    label: str | None
    line1: str
    line2: str | None
    area: str | None
    pincode: str | None


class Leg(Answer):
    """One way of the car; no address for a walk-in."""

    date: Day
    timeslot: SlotOfLeg
    address: AddressOfLeg | None


class Pickup(Leg):
    """How the car comes to us."""

    type: PickupType


class MechanicOfBooking(Answer):
    """What a customer may know of a mechanic."""

    id: MechanicId
    name: str
    photo: Url | None


class AssignmentOfBooking(Answer):
    """A job and who has it."""

    id: int
    type: Job
    mechanic: MechanicOfBooking
    active: bool
    note: str | None
    at: Moment


class OwnAssignment(Answer):
    """A job of the mechanic who asks; inactive when it is done or another took it over."""

    id: int
    type: Job
    active: bool
    note: str | None
    at: Moment


class By(ByRole):
    """Who did it; `system` is the engine itself."""

    role: Role


class Waiting(WaitingFor):
    """Who has to do what, until when, and what happens then."""

    who: Literal["customer", "mechanic", "admin", "system", "provider"]


class TimelineEntry(booking_answers.TimelineEntry):
    """One move. Notes that are not for the caller are null."""

    status: VisitStatus
    action: Action
    by: By
