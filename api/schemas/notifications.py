"""The log of mails."""

from typing import Annotated

from pydantic import Field

from api.schemas.answers import Answer, Message


class NotificationAnswer(Answer):
    """One attempt to send a mail; ``booking_id`` is null for a mail that belongs to none."""

    id: Annotated[int, Field(examples=[4711])]
    booking_id: Annotated[int | None, Field(examples=[1021])]
    notification_category: Annotated[str | None, Field(examples=["Booking Confirmation"])]
    notification_category_id: Annotated[int | None, Field(examples=[1])]
    recipient_email: Annotated[str, Field(examples=["customer@example.com"])]
    subject: Annotated[str, Field(examples=["Booking 1021: your service is booked"])]
    attachments: Annotated[list[str], Field(examples=[["RC-2627-000001.pdf"]])]
    timestamp: Annotated[str, Field(examples=["2026-11-24T06:11:09Z"])]
    status: Annotated[str, Field(examples=["sent"], description="sent or failed")]
    error: Annotated[str | None, Field(examples=[None])]


class MailResent(Message):
    """Where it goes this time."""

    recipient_email: Annotated[str, Field(examples=["customer@example.com"])]
