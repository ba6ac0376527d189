"""Bodies of requests about bookings."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from api.schemas.fields import LARGEST_ID, Body, Flag, Image, Money, Note, Number, RowId, ShortText, Text
from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.domain.prices import HIGHEST, LOWEST

_LATEST = datetime(2101, 1, 1, tzinfo=UTC)
_A_DATE_AND_MORE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d", re.ASCII)
_MOST_METADATA = 4_096


def _before_2101(moment: datetime) -> datetime:
    if moment >= _LATEST or moment.year < 1970:
        raise ValueError("a time between 1970 and 2100")
    return moment.astimezone(UTC)


def _in_range(amount: int) -> int:
    if not LOWEST <= amount <= HIGHEST:
        raise ValueError("a total is between 1.00 and 1000000.00")
    return amount


def _written_as_a_moment(moment: Any) -> Any:
    """A number is no time, written as text neither, though it could be counted as seconds since 1970."""
    if not isinstance(moment, str) or _A_DATE_AND_MORE.match(moment) is None:
        raise ValueError("a time is ISO 8601 with its zone, as text")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_a_moment), AfterValidator(_before_2101)]
Total = Annotated[Money, AfterValidator(_in_range)]
Hours = Annotated[
    Decimal,
    Field(gt=0, le=24, max_digits=12, allow_inf_nan=False),
    Number,
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 24}),
]
"""How long; whether that lies on the grid of times is a setting's to say."""
Version = Annotated[int, Field(ge=1, le=LARGEST_ID), Number]
PersonId = Annotated[str, Field(pattern=r"^USR[0-9]{6,12}$", examples=["USR000021"])]


class PlaceBody(Body):
    """Where the service is wanted."""

    address: ShortText
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False), Number]
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False), Number]
    pincode: Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$")] | None = None


class NewBooking(Body):
    """A request for a service. Without ``total_price`` it is at the list price, with one it is an offer."""

    listing_id: RowId
    scheduled_at: Moment
    duration_hours: Hours
    location: PlaceBody | None = None
    option_ids: Annotated[list[RowId], Field(max_length=10)] = Field(default_factory=list)
    notes: Text | None = None
    total_price: Total | None = None
    requester_id: PersonId | None = Field(default=None, description="Whose request it is, for admins")


class StatusChange(Body):
    """The status that is asked for. ``version``: the one that the client has read."""

    status: Status
    reason: Note | None = None
    no_show: Flag = False
    version: Version | None = None
    fee_percent: Annotated[int, Field(ge=0, le=100), Number] | None = Field(
        default=None, description="What an admin has kept of the price"
    )


class NewNote(Body):
    """Something beside the moves of a booking."""

    event_type: Literal["note", "photo", "on-the-way", "arrived"]
    metadata: dict[str, Any] = Field(default_factory=dict, description="At most 4 kB")

    @field_validator("metadata")
    @classmethod
    def _is_small(cls, metadata: dict[str, Any]) -> dict[str, Any]:
        written = json.dumps(metadata, ensure_ascii=False)
        if len(written.encode(errors="replace")) > _MOST_METADATA:
            raise ValueError("metadata is at most 4 kB")
        if "\\u0000" in written or "\x00" in written:
            raise ValueError("NUL is not allowed in text")
        return metadata


class NewOffer(Body):
    """Another price, time or both; what is left out is as in the offer before."""

    total_price: Total | None = None
    scheduled_at: Moment | None = None
    duration_hours: Hours | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _offers_something(self) -> "NewOffer":
        if self.total_price is None and self.scheduled_at is None and self.duration_hours is None:
            raise ValueError("an offer names a total_price, scheduled_at or duration_hours")
        return self


class NewDispute(Body):
    """What somebody holds against the other party."""

    reason: Literal["not-done", "bad-work", "damage", "overcharged", "no-show", "unsafe", "other"]
    description: Annotated[Text, Field(min_length=10)]
    media_urls: Annotated[list[Image], Field(max_length=5)] = Field(default_factory=list)


class DecisionBody(Body):
    """What becomes of the money of a disputed booking."""

    outcome: Outcome
    refund_amount: Money | None = None
    against: Literal["requester", "provider", "nobody"] = "nobody"
    note: Text | None = None


class NewReview(Body):
    """What a party of a completed booking says of the other."""

    booking_id: RowId
    rating: Annotated[int, Field(ge=1, le=5), Number]
    comment: Text | None = None


class NewFlag(Body):
    """Why an admin should look at a review."""

    reason: Note


class ReviewModeration(Body):
    """Whether a review is out of sight."""

    hidden: Flag
