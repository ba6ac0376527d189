"""What is sent about money."""

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.booking_fields import Body, BookingNumber, Money, ShortText

_ProviderId = StringConstraints(min_length=5, max_length=64, pattern=r"^[A-Za-z]+_[A-Za-z0-9_]+$")


class CheckoutCallback(Body):
    """What the provider's checkout brings back through the customer's browser."""

    razorpay_payment_id: Annotated[str, _ProviderId]
    razorpay_order_id: Annotated[str, _ProviderId]
    razorpay_signature: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CashCollected(Body):
    """The cash that was taken at the door; it must be the amount due. With `refused` it is 0.00: nobody paid."""

    booking_id: BookingNumber
    amount: Money
    refused: bool = False
    reason: ShortText | None = None


class AttentionCleared(Body):
    """An admin has looked at what asked for attention."""

    note: ShortText | None = None
