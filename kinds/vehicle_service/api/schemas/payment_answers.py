"""The answer of the checkout's callback."""

from api.schemas.answer_fields import BookingId
from api.schemas.answers import Answer, example
from domain.billing.provider import PaymentStatus
from kinds.vehicle_service.domain.lifecycle import State


class VerifyAnswer(Answer):
    """What became of a payment so far."""

    message: str
    status: PaymentStatus
    booking_id: BookingId
    booking_status: State

    model_config = example(
        {
            "message": "the payment is confirmed",
            "status": "success",
            "booking_id": 1021,
            "booking_status": "in-progress",
        }
    )
