"""Cash, as it was collected."""

from api.schemas.answers import example
from api.schemas.fields import Body, BookingNumber, Flag, Money, Note


class CashCollected(Body):
    """The cash that was taken at the door; it must be the amount due. With `refused` it is 0.00: nobody paid."""

    model_config = example({"booking_id": 1021, "amount": "1947.00"})

    booking_id: BookingNumber
    amount: Money
    refused: Flag = False
    reason: Note | None = None
