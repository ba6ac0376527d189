"""What a booking of a local service is made of: the listing as it was, offers, completion, dispute, reviews."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.billing.records import Cancellation
from domain.children import Numbered
from domain.money import Paise
from domain.people import Actor


class PricingUnit(StrEnum):
    """What the base price of a listing is for; QUOTE has none, the provider offers one."""

    HOUR = "HOUR"
    FIXED = "FIXED"
    QUOTE = "QUOTE"


class TaxCase(StrEnum):
    """Who owes the GST of a service: its provider, the platform in his place, or nobody."""

    PROVIDER = "provider"
    PLATFORM = "platform"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Option:
    """Something chosen beside the service."""

    id: int
    name: str
    price: Paise


@dataclass(frozen=True, slots=True)
class Listing:
    """The listing as it was when its service was requested; ``base_price`` is None for QUOTE, ``min_hours`` for all
    but HOUR. ``platform_pays_gst`` and ``sac`` are those of its category."""

    id: int
    title: str
    unit: PricingUnit
    base_price: Paise | None
    min_hours: Decimal | None
    category_id: int
    category: str
    sac: str
    platform_pays_gst: bool = False
    options: tuple[Option, ...] = ()
    """Those that were chosen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is done; a listing without an area needs none."""

    address: str
    lat: float
    lng: float
    pincode: str | None = None


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REPLACED = "replaced"
    EXPIRED = "expired"


@dataclass(slots=True)
class Offer:
    """A price and a time that one party offers the other; ``id`` counts within the booking, from 1.

    ``total`` is None while a QUOTE has no price. ``moves``: it offers another time for an accepted booking.
    """

    id: int
    by: str
    total: Paise | None
    starts_at: datetime
    duration: timedelta
    note: str | None
    created_at: datetime
    state: OfferState = OfferState.OPEN
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Rates:
    """The percents that divide a price, and the tax case; frozen when the booking is accepted."""

    gst_percent: Decimal
    commission: Decimal
    tcs: Decimal
    tax_case: TaxCase
    provider_gstin: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """When the work ended and who said so, and when the requester, an admin or the clock confirmed it.

    A decision of a dispute confirms too, even while the work goes on. ``confirm_from``: since when the requester has
    time to confirm, later than the completion when a dispute was withdrawn.
    """

    completed_at: datetime | None = None
    completed_by: Actor | None = None
    confirm_from: datetime | None = None
    confirmed_at: datetime | None = None
    confirmed_by: Actor | None = None


class Outcome(StrEnum):
    """What an admin decides about the money of a disputed booking."""

    RELEASE = "release"
    REFUND_ALL = "refund_all"
    REFUND_PART = "refund_part"


@dataclass(frozen=True, slots=True)
class Decision:
    """How a dispute was decided; ``refund`` in paise, ``against`` is a party or "nobody"."""

    outcome: Outcome
    refund: Paise
    against: str
    note: str | None
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class ServiceDispute:
    """What one party holds against the other; the payout stays where it is until it is withdrawn or decided.

    The engine's ``Dispute`` is another thing: the bank's, about a payment.
    """

    by: Actor
    reason: str
    description: str
    media_urls: tuple[str, ...]
    at: datetime
    withdrawn_at: datetime | None = None
    decision: Decision | None = None

    @property
    def open(self) -> bool:
        """Nobody has withdrawn or decided it."""
        return self.withdrawn_at is None and self.decision is None


class Cause(StrEnum):
    """Why a booking ended early."""

    CANCELLED = "cancelled"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    UNPAID = "unpaid"
    NOT_STARTED = "not-started"
    NO_SHOW = "no-show"


@dataclass(slots=True)
class ServiceCancellation(Cancellation):
    """How a booking was called off; ``fee`` is what is kept of the price, GST included, so ``gst_on_fee`` is 0.

    ``hold_from``: since when the fee of a no-show that the provider claims is held back, until nobody disputes it or an
    admin decides; None when nothing is held back (any more).
    """

    compensation: Paise = 0
    cause: Cause = Cause.CANCELLED
    hold_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review(Numbered):
    """What one party says of the other; hidden until both have, or the time for it is over."""

    id: int
    reviewer_id: str
    reviewee_id: str
    rating: int
    comment: str | None
    created_at: datetime
