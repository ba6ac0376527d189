"""A booking of a local service as it is answered: whole, as a row of a list, an entry of its timeline; reviews."""

from typing import Annotated, Any, Literal

from pydantic import Field

from api.schemas.answer_fields import BookingId, Moment, Rupees, Url
from api.schemas.answers import Answer
from api.schemas.booking_fields import WaitingFor
from api.schemas.payment_answers import Checkout, PaymentAnswer, RefundAnswer
from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.parts import OfferState, PricingUnit

Kind = Literal["local_services"]
PersonId = Annotated[str, Field(examples=["USR000021"])]
Hours = Annotated[float, Field(examples=[3])]
MoneyState = Literal["none", "pending", "paid", "refund_pending", "partially_refunded", "refunded", "failed"]


class PersonOfBooking(Answer):
    """A party; full name and phone are for the other one once it is paid, and for admins."""

    id: PersonId
    first_name: str
    last_name: str
    avatar_url: Url | None = None
    rating_avg: float | None = None
    rating_count: int
    reputation: float
    phone: str | None = None


class ListingOfBooking(Answer):
    """The listing as it was when its service was requested."""

    title: str
    pricing_unit: PricingUnit


class PlaceAnswer(Answer):
    """Where; the provider reads the address once the booking is paid, until then a point nearby."""

    address: str | None = None
    lat: float
    lng: float
    pincode: str | None = None


class OfferAnswer(Answer):
    """A price and a time that one party offered."""

    id: int
    by: PersonId
    total_price: Rupees | None
    scheduled_at: Moment
    duration_hours: Hours
    note: str | None
    state: OfferState
    created_at: Moment


class ByWhom(Answer):
    """Who did it."""

    id: str
    role: str


class TimelineEntry(Answer):
    """A move (``m<version>``) or a note beside them (``n<id>``)."""

    id: str = Field(examples=["m3"])
    event_type: str
    metadata: dict[str, Any]
    by: ByWhom
    created_at: Moment


class NoteAnswer(TimelineEntry):
    """A note that was written."""

    booking_id: BookingId


class CancellationPreview(Answer):
    """What cancelling would mean now."""

    fee: Rupees
    refund: Rupees
    compensation: Rupees
    allowed: bool
    reason: str | None


class ReviewAnswer(Answer):
    """What one party of a booking said of the other."""

    id: int
    booking_id: BookingId
    reviewer_id: PersonId
    reviewee_id: PersonId
    rating: int = Field(ge=1, le=5)
    comment: str | None
    created_at: Moment
    published: bool


class FlagAnswer(Answer):
    """A report of a review."""

    id: int
    review_id: int
    reason: str
    created_at: Moment


class IntentAnswer(Answer):
    """What a browser needs to pay, and until when."""

    checkout: Checkout
    expires_at: Moment | None


class ListRow(Answer):
    """A booking in a list."""

    id: BookingId
    kind: Kind
    listing_id: int
    requester_id: PersonId
    provider_id: PersonId
    scheduled_at: Moment
    duration_hours: Hours
    ends_at: Moment
    location: PlaceAnswer | None
    status: Status
    total_price: Rupees | None
    list_price: Rupees | None
    payment_status: MoneyState
    notes: str | None
    version: int
    listing: ListingOfBooking
    requester: PersonOfBooking
    provider: PersonOfBooking
    waiting_for: WaitingFor | None
    created_at: Moment
    updated_at: Moment


class BookingAnswer(ListRow):
    """A booking as the caller may see it. ``waiting_for`` is null when it is closed."""

    offers: list[OfferAnswer]
    allowed_actions: list[str] = Field(description="The caller's, now")
    checkout: Checkout | None
    payments: list[PaymentAnswer]
    refunds: list[RefundAnswer]
    payout: dict[str, Any] | None
    cancellation: dict[str, Any] | None
    completion: dict[str, Any] | None
    dispute: dict[str, Any] | None
    reviews: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    timeline: list[TimelineEntry]
    closed_at: Moment | None
