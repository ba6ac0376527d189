"""Days on which the shop is closed or a mechanic away, and the bookings that have to be moved for them."""

from typing import Annotated

from pydantic import Field

from api.schemas import answer_fields as fields
from api.schemas.answers import Answer, example
from api.schemas.fields import Body, Day, ShortText
from kinds.vehicle_service.api.schemas.fields import MechanicId, PersonId
from kinds.vehicle_service.api.schemas.reference import Clock
from kinds.vehicle_service.domain.lifecycle import VisitStatus
from kinds.vehicle_service.domain.parts import Job

_DAYS = {"first_date": "2026-12-24", "last_date": "2026-12-26"}
_CLOSURE = {"id": 3, **_DAYS, "opens": None, "closes": "13:00", "reason": "Year end"}
_LEG = {
    "booking_id": 1021,
    "leg": "pickup",
    "date": "2026-12-24",
    "timeslot_id": 2,
    "timeslot": "Afternoon",
    "customer_id": "CST000210",
    "status": "booked",
}
_JOB = {"booking_id": 1021, "job": "pickup", "date": "2026-12-24", "customer_id": "CST000210", "status": "pickup"}
_ABSENCE = {"id": 5, "mechanic_id": "MEC000034", **_DAYS}

Count = Annotated[int, Field(ge=0, description="How many there are in all; `bookings` has the first 100")]


class NewClosure(Body):
    """Days on which the shop is closed. With ``opens`` it is open from then on, with ``closes`` until then."""

    model_config = example({**_DAYS, "closes": "13:00", "reason": "Year end"})

    first_date: Day
    last_date: Annotated[Day | None, Field(description="Absent: one day")] = None
    opens: Clock | None = None
    closes: Clock | None = None
    reason: Annotated[ShortText | None, Field(description="Told to whoever wants a slot of that day")] = None


class ClosureAnswer(Answer):
    """Days on which the shop is closed; open for a part of the day where it says from or until when."""

    model_config = example(_CLOSURE)

    id: int
    first_date: fields.Day
    last_date: fields.Day
    opens: fields.Clock | None
    closes: fields.Clock | None
    reason: str | None


class LegToMove(Answer):
    """A leg of a booking whose slot is not offered any more."""

    model_config = example(_LEG)

    booking_id: int
    leg: str
    date: fields.Day
    timeslot_id: int
    timeslot: str
    customer_id: str
    status: VisitStatus


class AddedClosure(ClosureAnswer):
    """A closure, and the bookings that have to be moved for it."""

    model_config = example({**_CLOSURE, "bookings": [_LEG], "bookings_in_all": 1})

    bookings: list[LegToMove]
    bookings_in_all: Count


class NewAbsence(Body):
    """Days on which a mechanic gets no job; why is not asked."""

    model_config = example({"mechanic_id": "MEC000034", **_DAYS})

    mechanic_id: PersonId
    first_date: Day
    last_date: Annotated[Day | None, Field(description="Absent: one day")] = None


class AbsenceAnswer(Answer):
    """Days on which a mechanic is away."""

    model_config = example(_ABSENCE)

    id: int
    mechanic_id: MechanicId
    first_date: fields.Day
    last_date: fields.Day


class JobToMove(Answer):
    """An open job of a mechanic who is away then."""

    model_config = example(_JOB)

    booking_id: int
    job: Job
    date: Annotated[
        fields.Day, Field(description="Of the pickup or the drop; of work in the shop when it has to be done")
    ]
    customer_id: str
    status: VisitStatus


class AddedAbsence(AbsenceAnswer):
    """An absence, and the bookings whose job has to be given to somebody else."""

    model_config = example({**_ABSENCE, "bookings": [_JOB], "bookings_in_all": 1})

    bookings: list[JobToMove]
    bookings_in_all: Count
