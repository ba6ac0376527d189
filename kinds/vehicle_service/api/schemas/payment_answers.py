"""The answer of the checkout's callback, an invoice, and the cancellation of a booking."""

from typing import Literal

from api.schemas.answer_fields import BookingId, Moment, Rupees
from api.schemas.answers import Answer, example
from api.schemas.document_answers import InvoiceAnswer
from domain.billing.provider import PaymentStatus
from kinds.vehicle_service.api.schemas.visit_answers import By
from kinds.vehicle_service.domain.lifecycle import VisitStatus


class VerifyAnswer(Answer):
    """What became of a payment so far."""

    message: str
    status: PaymentStatus
    booking_id: BookingId
    booking_status: VisitStatus

    model_config = example(
        {
            "message": "the payment is confirmed",
            "status": "success",
            "booking_id": 1021,
            "booking_status": "in-progress",
        }
    )


class InvoiceWithVehicle(InvoiceAnswer):
    """An invoice with everything that is printed on it."""

    leg: Literal["service", "fee"]
    vehicle: str
    registration_number: str


class CancellationAnswer(Answer):
    """How a booking was given up; a mechanic sees no amounts."""

    fee: Rupees | None = None
    gst_on_fee: Rupees | None = None
    refund: Rupees | None = None
    returns_car: bool
    allowed: bool | None = None
    reason: str | None
    by: By
    at: Moment
    closed_at: Moment | None
