"""The money of a visit: payments, invoices, what cancelling costs, and the answer of the checkout's callback."""

from typing import Literal

from api.schemas import payment_answers
from api.schemas.answer_fields import BookingId, Moment, Rupees
from api.schemas.answers import Answer, example
from api.schemas.document_answers import InvoiceAnswer
from domain.billing.provider import PaymentStatus
from kinds.vehicle_service.api.schemas.visit_answers import By
from kinds.vehicle_service.domain.lifecycle import VisitStatus

PartPaid = Literal["service", "fee"]


class PaymentAnswer(payment_answers.PaymentAnswer):
    """Money asked for or taken."""

    leg: PartPaid


class FeeAnswer(Answer):
    """What cancelling costs, and whether it is allowed."""

    fee: Rupees
    gst_on_fee: Rupees
    refund: Rupees
    returns_car: bool
    allowed: bool
    reason: str | None

    model_config = example(
        {
            "fee": "100.00",
            "gst_on_fee": "18.00",
            "refund": "1829.00",
            "returns_car": True,
            "allowed": True,
            "reason": None,
        }
    )


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

    leg: PartPaid
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
