"""What is sent about money."""

from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from api.schemas.booking_fields import Body, BookingNumber, Money, ShortText

_ProviderId = StringConstraints(min_length=5, max_length=64, pattern=r"^[A-Za-z]+_[A-Za-z0-9_]+$")


class CheckoutCallback(Body):
    """What the provider's checkout brings back through the customer's browser."""

    razorpay_payment_id: Annotated[str, _ProviderId]
    razorpay_order_id: Annotated[str, _ProviderId]
    razorpay_signature: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CashCollected(Body):
    """The cash that was taken at the door; it must be the amount due. Or `refused`: the customer did not pay."""

    booking_id: BookingNumber
    amount: Money | None = None
    refused: bool = False
    reason: ShortText | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.amount is None and not self.refused:
            raise ValueError("amount is needed, unless the payment was refused")
        if self.amount is not None and self.refused:
            raise ValueError("either an amount was taken or the payment was refused")
        return self


class AttentionCleared(Body):
    """An admin has looked at what asked for attention."""

    note: ShortText | None = None
