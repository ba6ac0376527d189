"""The work on a booking: its lines, the analysis, the progress reports."""

from api.schemas.answer_fields import BookingId, Moment, Rupees, Url
from api.schemas.answers import Answer, example
from kinds.vehicle_service.api.schemas.fields import MechanicId
from kinds.vehicle_service.api.schemas.visit_answers import Waiting
from kinds.vehicle_service.domain.lifecycle import Action, VisitStatus
from kinds.vehicle_service.domain.parts import LineStatus, Origin


class LineAnswer(Answer):
    """One service; amounts per unit."""

    service_id: int
    title: str
    quantity: int
    origin: Origin
    estimate: Rupees | None
    quote: Rupees | None
    price: Rupees | None
    state: LineStatus


class AnalysisAnswer(Answer):
    """What the mechanic found; a customer sees it once it is validated."""

    id: int
    description: str
    recommendation: str | None
    images: list[Url]
    mechanic_id: MechanicId
    validated: bool
    sent_back: str | None
    at: Moment


class ProgressOfBooking(Answer):
    """What a mechanic reported; a customer sees it once it is validated."""

    id: int
    service_ids: list[int]
    notes: str | None
    images: list[Url]
    status: VisitStatus
    updated_by: MechanicId
    validated: bool
    sent_back: str | None
    timestamp: Moment


class ReportAnswer(ProgressOfBooking):
    """A progress report, and where the booking stands after it."""

    booking_id: BookingId
    booking_status: VisitStatus
    version: int
    waiting_for: Waiting | None
    allowed_actions: list[Action]

    model_config = example(
        {
            "id": 501,
            "booking_id": 1021,
            "status": "in-progress",
            "updated_by": "MEC000034",
            "timestamp": "2025-11-13T08:41:24Z",
            "service_ids": [45],
            "notes": "Engine diagnostics completed",
            "images": [],
            "validated": False,
            "sent_back": None,
            "booking_status": "in-progress",
            "version": 14,
            "waiting_for": {
                "who": "admin",
                "what": "to validate the progress report",
                "until": "2025-11-13T12:41:24Z",
                "then": "an alert",
            },
            "allowed_actions": [],
        }
    )
