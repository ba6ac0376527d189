"""Bodies of messages and threads, over HTTP and in a socket's frames, and their answers."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from api.schemas.answer_fields import Moment
from api.schemas.answers import Answer, example
from api.schemas.fields import Body, BookingNumber, Number, by_rule
from domain.texts import long_text
from kinds.local_services.postgres.messages import Words

LARGEST_ID = 2**63 - 1
LONGEST = 4_000
_UPLOADED = re.compile(r"/uploads/[0-9a-f]{32}\.(jpg|png|webp)")
PERSON = r"^[A-Z]{3}[0-9]{6,12}$"

MessageId = Annotated[int, Field(ge=0, le=LARGEST_ID, examples=[412]), Number]
Content = Annotated[str, StringConstraints(max_length=LONGEST), by_rule(long_text, 1, LONGEST)]


def _printable(said: str) -> str:
    if not said.isprintable():
        raise ValueError("a client_id has no control characters")
    return said


ClientId = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]


class NewMessage(Body):
    """What somebody says. ``content`` of an IMAGE is the path of an uploaded picture."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        json_schema_extra={"examples": [{"content": "Is parking possible?", "client_id": "a1"}]},
    )

    content: Content
    message_type: Literal["TEXT", "IMAGE"] = "TEXT"
    client_id: ClientId | None = None

    @model_validator(mode="after")
    def _an_image_must_be_uploaded(self) -> "NewMessage":
        if self.message_type == "IMAGE" and not _UPLOADED.fullmatch(self.content):
            raise ValueError("the content of an IMAGE is the path of an uploaded picture")
        return self

    @property
    def words(self) -> Words:
        """The same, for the rows."""
        return Words(self.content, self.message_type, self.client_id)


class NewThread(Body):
    """With whom, about which booking of both, and what is said first."""

    receiver_id: Annotated[str, Field(pattern=PERSON, examples=["USR000009"])]
    booking_id: BookingNumber | None = None
    content: Content | None = None


class ReadUpTo(Body):
    """The last message that was read."""

    last_id: MessageId


class MessageAnswer(Answer):
    """A message. ``sender_id`` is null where it tells a move of the booking."""

    model_config = example(
        {
            "id": 412,
            "thread_id": 31,
            "sender_id": "USR000021",
            "content": "Is parking possible?",
            "message_type": "TEXT",
            "read_at": None,
            "sent_at": "2026-12-12T03:30:00Z",
            "client_id": "a1",
        }
    )

    id: int
    thread_id: int
    sender_id: str | None
    content: str
    message_type: Literal["TEXT", "IMAGE", "SYSTEM"]
    read_at: Moment | None
    sent_at: Moment
    client_id: str | None


class OtherPerson(Answer):
    """With whom one writes."""

    id: str
    role: str
    first_name: str | None
    last_name: str | None
    avatar_url: str | None


class ThreadRow(Answer):
    """A thread as its viewer sees it. ``blocked_by``: who has stopped it."""

    id: int
    booking_id: int | None
    initiator_id: str
    receiver_id: str
    last_message_at: Moment | None
    created_at: Moment
    other: OtherPerson
    unread: int
    last_message: MessageAnswer | None
    blocked_by: list[str]


class ThreadAnswer(ThreadRow):
    """A thread with some of its messages, the oldest first."""

    messages: list[MessageAnswer]


class Frame(Body):
    """What every frame of a client has."""

    type: str
    client_id: Any = None


class Auth(Body):
    """Who speaks."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=8_000)]


class Resume(Body):
    """From where to tell; None: from now on."""

    last_id: MessageId | None = None


class InThread(Body):
    """Something in a thread."""

    thread_id: Annotated[int, Field(ge=1, le=2**31 - 1), Number]


class SendFrame(InThread, NewMessage):
    """A message."""


class ReadFrame(InThread, ReadUpTo):
    """What was read."""
