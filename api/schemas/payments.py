"""What is sent about money."""

from typing import Annotated

from pydantic import StringConstraints

from api.schemas.answers import example
from api.schemas.fields import Body, Note

_ProviderId = StringConstraints(min_length=5, max_length=64, pattern=r"^[A-Za-z]+_[A-Za-z0-9_]+$")


class CheckoutCallback(Body):
    """What the provider's checkout brings back through the customer's browser."""

    model_config = example(
        {
            "razorpay_payment_id": "pay_29QQoUBi66xm2f",
            "razorpay_order_id": "order_9A33XWu170gUtm",
            "razorpay_signature": "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d",
        }
    )

    razorpay_payment_id: Annotated[str, _ProviderId]
    razorpay_order_id: Annotated[str, _ProviderId]
    razorpay_signature: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class AttentionCleared(Body):
    """An admin has looked at what asked for attention."""

    note: Note | None = None
