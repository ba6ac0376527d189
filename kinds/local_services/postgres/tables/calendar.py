"""When providers work, and which of their time bookings hold."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE, INT8RANGE, JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase

NUMBER = "int8range(substr(provider_id, 4)::bigint, substr(provider_id, 4)::bigint, '[]')"


class ProviderSchedule(TablesBase):
    """The schedule of a provider who has set one, as it was sent; ``min_notice_hours`` NULL is that of the settings.

    ``week`` and ``special`` are the same for searches: the minutes of a week from Monday on that are worked, and by
    date ("2026-12-25") those of single dates.
    """

    __tablename__ = "schedules"
    __table_args__ = (
        CheckConstraint("min_notice_hours BETWEEN 0 AND 168", name="min_notice_range"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 240", name="buffer_range"),
        CheckConstraint("horizon_days BETWEEN 1 AND 180", name="horizon_range"),
    )

    provider_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    timezone: Mapped[str]
    weekly: Mapped[list[Any]] = mapped_column(JSONB)
    exceptions: Mapped[list[Any]] = mapped_column(JSONB)
    min_notice_hours: Mapped[int | None] = mapped_column(SmallInteger)
    buffer_minutes: Mapped[int] = mapped_column(SmallInteger)
    horizon_days: Mapped[int] = mapped_column(SmallInteger)
    week: Mapped[Any] = mapped_column(INT4MULTIRANGE)
    special: Mapped[Any] = mapped_column(JSONB, server_default=text("'{}'"))
    updated_at: Mapped[CreatedAt]


class ProviderTime(TablesBase):
    """Time of a provider that a booking holds, to the end of the buffer. No two rows of a provider overlap.

    ``provider_no`` is the number in the id, as a range: so one index of ranges compares both, without an extension.
    """

    __tablename__ = "provider_time"
    __table_args__ = (
        CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name="during_finite"
        ),
        ExcludeConstraint((text("provider_no"), "="), (text("during"), "&&"), name="ex_provider_time"),
        Index("ix_provider_time_of_provider", "provider_id", text("lower(during)"), postgresql_include=["during"]),
    )

    booking_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leg: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[str]
    provider_no: Mapped[Any] = mapped_column(INT8RANGE, Computed(NUMBER, persisted=True))
    during: Mapped[Any] = mapped_column(TSTZRANGE)
