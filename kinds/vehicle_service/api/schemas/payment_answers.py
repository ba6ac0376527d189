"""The money of a visit: payments, invoices, what cancelling costs, and the answer of the checkout's callback."""

from typing import Literal

from api.schemas import booking_answers, payment_answers
from api.schemas.answer_fields import Rupees
from api.schemas.answers import Answer, example
from api.schemas.booking_answers import PaymentConfirmation
from api.schemas.document_answers import InvoiceAnswer
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


class VerifyAnswer(PaymentConfirmation):
    """What became of a payment so far."""

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


class CancellationAnswer(booking_answers.CancellationAnswer):
    """How a booking was given up; a mechanic sees no amounts."""

    returns_car: bool
    by: By
