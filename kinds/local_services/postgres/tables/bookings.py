"""What a booking of a local service keeps in rows: its terms and people, notes beside its moves, reviews."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import ChildId, CreatedAt, Id, Paise, number_in_range
from adapters.postgres.tables.engine.bookings import Booking
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase

_BOTH = "requester_id <> provider_id"


class ServiceBookingRow(TablesBase):
    """One row per booking: who does what for whom and when, and what their reputations are made of.

    ``let_down_by`` gave it up after the acceptance, did not pay or did not come; ``let_down_points`` is 2 for one at
    short notice. ``answered``: whether the provider answered the request; null while that is open. ``dispute_lost_by``:
    against whom a dispute was decided.
    """

    __tablename__ = "service_bookings"
    __table_args__ = (
        CheckConstraint(_BOTH, name="between_two_people"),
        Index("ix_service_bookings_requester_id", "requester_id", "booking_id"),
        Index("ix_service_bookings_provider_id", "provider_id", "booking_id"),
        Index("ix_service_bookings_listing_id", "listing_id", "booking_id"),
        Index("ix_service_bookings_let_down_by", "let_down_by", postgresql_where=text("let_down_by IS NOT NULL")),
        Index(
            "ix_service_bookings_dispute_lost_by",
            "dispute_lost_by",
            postgresql_where=text("dispute_lost_by IS NOT NULL"),
        ),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    listing_id: Mapped[int]
    requester_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    provider_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    scheduled_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    total: Mapped[Paise | None]
    completed_at: Mapped[datetime | None]
    let_down_by: Mapped[str | None]
    let_down_points: Mapped[int]
    let_down_at: Mapped[datetime | None]
    answered: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    dispute_lost_by: Mapped[str | None]
    dispute_decided_at: Mapped[datetime | None]


class TimelineNote(TablesBase):
    """What a party says beside the moves of a booking: a note, a picture, that the provider is on his way or there."""

    __tablename__ = "timeline_notes"
    __table_args__ = (Index("ix_timeline_notes_booking_id", "booking_id", "id"),)

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id))
    event_type: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    by_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    by_role: Mapped[str]
    created_at: Mapped[CreatedAt]


class ReviewRow(TablesBase):
    """What one party of a booking says of the other; published together, or when the time for it is over."""

    __tablename__ = "reviews"
    __table_args__ = (
        number_in_range(),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_is_one_to_five"),
        UniqueConstraint("booking_id", "reviewer_id"),
        Index("ix_reviews_reviewee_id", "reviewee_id", "id"),
        Index("ix_reviews_reviewer_id", "reviewer_id", "id"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey(Booking.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[ChildId]
    reviewer_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    reviewee_id: Mapped[str] = mapped_column(ForeignKey(User.id))
    rating: Mapped[int]
    comment: Mapped[str | None]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class HiddenReview(TablesBase):
    """A published review that an admin has taken out of sight; it counts for nothing while it stands here."""

    __tablename__ = "hidden_reviews"

    review_id: Mapped[int] = mapped_column(ForeignKey(ReviewRow.id, ondelete="CASCADE"), primary_key=True)
    hidden_by: Mapped[str] = mapped_column(ForeignKey(User.id))
    hidden_at: Mapped[CreatedAt]


class ReviewFlag(TablesBase):
    """Somebody thinks that an admin should look at a review."""

    __tablename__ = "review_flags"
    __table_args__ = (UniqueConstraint("review_id", "flagged_by"),)

    id: Mapped[Id]
    review_id: Mapped[int] = mapped_column(ForeignKey(ReviewRow.id, ondelete="CASCADE"))
    flagged_by: Mapped[str] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str]
    created_at: Mapped[CreatedAt]
