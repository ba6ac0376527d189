"""A booking as it is answered: whole, as a row of a list, as a job, as a line of the dashboard.

They are made by ``domain`` and PostgreSQL and go out as they are: nothing is validated a second time.
"""

from typing import Literal

from pydantic import Field

from api.schemas import booking_answers
from api.schemas.answer_fields import Currency, Moment, Rupees
from api.schemas.answers import Answer, example
from kinds.vehicle_service.api.schemas.booking_example import ANALYSED
from kinds.vehicle_service.api.schemas.payment_answers import CancellationAnswer, PaymentAnswer
from kinds.vehicle_service.api.schemas.visit_answers import (
    AssignmentOfBooking,
    Leg,
    OwnAssignment,
    Pickup,
    TimelineEntry,
    VehicleOfBooking,
    Waiting,
)
from kinds.vehicle_service.api.schemas.work_answers import AnalysisAnswer, LineAnswer, ProgressOfBooking
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus

Kind = Literal["vehicle_service"]
_CASH = "What the mechanic at the door must collect; only a mechanic's view has it"


class BookingAnswer(booking_answers.BookingAnswer):
    """A booking as the caller may see it. ``waiting_for`` is null when it is closed; a mechanic sees no money."""

    kind: Kind
    status: VisitStatus
    vehicle: VehicleOfBooking
    car: VehicleOfBooking = Field(description="The vehicle again, by its older name")
    pickup: Pickup
    drop: Leg
    notes: str | None
    services: list[LineAnswer]
    analysis: AnalysisAnswer | None
    progress: list[ProgressOfBooking]
    assignments: list[AssignmentOfBooking]
    payments: list[PaymentAnswer]
    cancellation: CancellationAnswer | None
    waiting_for: Waiting | None
    allowed_actions: list[Action] = Field(description="The caller's, now")
    timeline: list[TimelineEntry]
    cash_to_collect: Rupees | None = Field(default=None, description=_CASH)

    model_config = example(ANALYSED)


class ConfirmedBooking(BookingAnswer):
    """The booking; while an online order waits for money, the keys of ``checkout`` at the top level too."""

    order_id: str | None = None
    amount: int | None = Field(default=None, description="Paise")
    currency: Currency | None = None
    key_id: str | None = None


class ListRow(booking_answers.ListRow):
    """A booking in a list."""

    kind: Kind
    status: VisitStatus
    vehicle: VehicleOfBooking
    pickup: Pickup
    drop: Leg
    waiting_for: Waiting | None
    cash_to_collect: Rupees | None = Field(default=None, description=_CASH)


class AssignmentRow(ListRow):
    """A job of a mechanic."""

    assignment: OwnAssignment


class DashboardRow(ListRow):
    """What an admin looks at."""

    action_required: Literal["assign", "validate-analysis", "validate-progress", "decide", "attention", "none"]
    age_seconds: int
    deadline: Moment | None


class Workflows(Answer):
    """Open bookings that cannot go on by themselves; each stands in the list, with attention required."""

    missing: int = Field(description="Without a workflow; they are started again by themselves")
    failing: int = Field(description="Whose workflow fails, until a release mends it")
    restarts_stopped: bool = Field(description="Too many were missing at once: an operator has to look")


class Dashboard(Answer):
    """Counts by status over all bookings, and the rows that were asked for."""

    counts: dict[str, int] = Field(examples=[{"booked": 3, "analysed": 1}])
    workflows: Workflows
    bookings: list[DashboardRow]
