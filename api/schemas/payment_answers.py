"""The money of a booking: totals, payments, refunds and fees."""

from typing import Literal

from pydantic import Field

from api.schemas.answer_fields import BookingId, Currency, Moment, Percent, Rupees
from api.schemas.answers import Answer, example
from domain.billing.provider import PaymentStatus, RefundStatus
from domain.billing.records import Method


class Totals(Answer):
    """Price, else quote, else estimate of every line that was not declined, with GST."""

    subtotal: Rupees
    gst_percent: Percent
    cgst: Rupees
    sgst: Rupees
    igst: Rupees
    round_off: str = Field(pattern=r"^-?[0-9]+\.[0-9]{2}$", description="Rupees, up or down")
    total: Rupees
    paid: Rupees
    refunded: Rupees
    due: Rupees
    currency: Currency


class TotalsOfRow(Answer):
    """The totals that a list shows."""

    total: Rupees
    due: Rupees


class PaymentOfBooking(Answer):
    """Where the money stands; all null until a way of paying is chosen."""

    method: Method | None
    status: PaymentStatus | None
    order_id: str | None
    expires_at: Moment | None


class Checkout(Answer):
    """What a browser needs to pay; ``amount`` in paise."""

    order_id: str = Field(examples=["order_9A33XWu170gUtm"])
    amount: int = Field(examples=[194700])
    currency: Currency
    key_id: str = Field(examples=["rzp_test_1DP5mmOlF5G5ag"])


class PaymentAnswer(Answer):
    """Money asked for or taken."""

    id: int
    booking_id: BookingId
    leg: str
    method: Method
    amount: Rupees
    currency: Currency
    status: PaymentStatus
    order_id: str | None
    payment_id: str | None
    created_at: Moment
    captured_at: Moment | None

    model_config = example(
        {
            "id": 1045504,
            "booking_id": 1021,
            "leg": "service",
            "method": "online",
            "amount": "1947.00",
            "currency": "INR",
            "status": "success",
            "order_id": "order_9A33XWu170gUtm",
            "payment_id": "pay_29QQoUBi66xm2f",
            "created_at": "2026-11-24T09:12:40Z",
            "captured_at": "2026-11-24T09:13:22Z",
        }
    )


class RefundAnswer(Answer):
    """Money going back."""

    id: int
    booking_id: BookingId
    payment_id: str
    amount: Rupees
    status: RefundStatus
    reason: str
    refund_id: str | None
    requested_at: Moment
    processed_at: Moment | None

    model_config = example(
        {
            "id": 1045506,
            "booking_id": 1021,
            "payment_id": "pay_29QQoUBi66xm2f",
            "amount": "1829.00",
            "status": "processed",
            "reason": "cancelled",
            "refund_id": "rfnd_FP8QHiV938haTz",
            "requested_at": "2026-11-24T10:02:00Z",
            "processed_at": "2026-11-24T10:02:04Z",
        }
    )


class DisputeAnswer(Answer):
    """The customer asks the bank for the money of a payment."""

    dispute_id: str
    payment_id: str
    amount: Rupees
    amount_deducted: Rupees
    status: str
    phase: str | None
    reason: str | None
    respond_by: Moment | None
    since: Moment


class WebhookAnswer(Answer):
    """The message is kept."""

    status: Literal["ok"]
