"""Notifications, and the devices that show them."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from api.schemas.answer_fields import Moment
from api.schemas.answers import Answer
from api.schemas.fields import Body


class UserNotificationAnswer(Answer):
    """Something that the caller was told; ``payload`` by its type."""

    id: Annotated[int, Field(examples=[4711])]
    user_id: Annotated[str, Field(examples=["USR000021"])]
    type: Annotated[str, Field(examples=["booking.accepted"])]
    payload: Annotated[dict[str, Any], Field(examples=[{"booking_id": 1007, "version": 3, "status": "ACCEPTED"}])]
    is_read: bool
    created_at: Moment


class ReadAll(Answer):
    """How many were unread."""

    updated: Annotated[int, Field(examples=[3])]


class NewDevice(Body):
    """Where the application runs: the token that Firebase Cloud Messaging gave it."""

    token: Annotated[
        str, StringConstraints(pattern=r"^[\x21-\x7e]{1,1024}$"), Field(examples=["dGhpcyBpcyBhIHRva2Vu:APA91bH"])
    ]
    platform: Literal["android", "ios", "web"]


class DeviceAnswer(Answer):
    """A device; its token is never shown."""

    id: Annotated[int, Field(examples=[12])]
    platform: Literal["android", "ios", "web"]
    created_at: Moment
