"""Bookings, notes beside their moves, and reviews."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0005"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def _moment(name: str, *, nullable: bool = False, now: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, sa.DateTime(timezone=True), server_default=_NOW if now else None, nullable=nullable)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"))


def _booking(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f(f"fk_{table}_booking_id"))


def upgrade() -> None:
    _bookings()
    _notes()
    _reviews()


def _bookings() -> None:
    op.create_table(
        "service_bookings",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("requester_id", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        _moment("scheduled_at"),
        _moment("ends_at"),
        sa.Column("total", sa.BigInteger(), nullable=True),
        _moment("completed_at", nullable=True),
        sa.Column("let_down_by", sa.Text(), nullable=True),
        sa.Column("let_down_points", sa.Integer(), nullable=False),
        _moment("let_down_at", nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        _moment("answered_at", nullable=True),
        sa.Column("dispute_lost_by", sa.Text(), nullable=True),
        _moment("dispute_decided_at", nullable=True),
        sa.CheckConstraint("requester_id <> provider_id", name=op.f("ck_service_bookings_between_two_people")),
        _booking("service_bookings"),
        _person("service_bookings", "requester_id"),
        _person("service_bookings", "provider_id"),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_service_bookings")),
    )
    for column in ("requester_id", "provider_id", "listing_id"):
        op.create_index(f"ix_service_bookings_{column}", "service_bookings", [column, "booking_id"])
    for column in ("let_down_by", "dispute_lost_by"):
        some = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_service_bookings_{column}", "service_bookings", [column], postgresql_where=some)


def _notes() -> None:
    op.create_table(
        "timeline_notes",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _booking("timeline_notes"),
        _person("timeline_notes", "by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_notes")),
    )
    op.create_index("ix_timeline_notes_booking_id", "timeline_notes", ["booking_id", "id"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Computed("booking_id * 1000 + number", persisted=True), nullable=False),
        sa.Column("reviewer_id", sa.Text(), nullable=False),
        sa.Column("reviewee_id", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        _moment("created_at"),
        _moment("published_at", nullable=True),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_reviews_number_in_range")),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_reviews_rating_is_one_to_five")),
        _booking("reviews"),
        _person("reviews", "reviewer_id"),
        _person("reviews", "reviewee_id"),
        sa.PrimaryKeyConstraint("booking_id", "number", name=op.f("pk_reviews")),
        sa.UniqueConstraint("id", name=op.f("uq_reviews_id")),
        sa.UniqueConstraint("booking_id", "reviewer_id", name=op.f("uq_reviews_booking_id_reviewer_id")),
    )
    for column in ("reviewee_id", "reviewer_id"):
        op.create_index(f"ix_reviews_{column}", "reviews", [column, "id"])
    op.create_table(
        "hidden_reviews",
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("hidden_by", sa.Text(), nullable=False),
        _moment("hidden_at", now=True),
        _review("hidden_reviews"),
        _person("hidden_reviews", "hidden_by"),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_hidden_reviews")),
    )
    op.create_table(
        "review_flags",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("flagged_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _moment("created_at", now=True),
        _review("review_flags"),
        _person("review_flags", "flagged_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_flags")),
        sa.UniqueConstraint("review_id", "flagged_by", name=op.f("uq_review_flags_review_id_flagged_by")),
    )


def _review(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_review_id")
    return sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("review_flags", "hidden_reviews", "reviews", "timeline_notes", "service_bookings"):
        op.drop_table(table)
