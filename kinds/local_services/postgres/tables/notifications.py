"""What people of local services were told in the application, and where they have it."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.engine.bookings import Booking
from adapters.postgres.tables.notices import DeviceColumns, NoticeColumns
from adapters.postgres.tables.people.users import User
from kinds.local_services.postgres.tables.base import TablesBase


class UserNotification(NoticeColumns, TablesBase):
    """Something that a person was told; it goes after 90 days."""

    __tablename__ = "user_notifications"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index("ix_user_notifications_user_id", "user_id", "id"),
        Index("ix_user_notifications_unread", "user_id", postgresql_where=text("NOT is_read")),
        Index("ix_user_notifications_created_at", "created_at"),
    )

    booking_id: Mapped[int | None] = mapped_column(ForeignKey(Booking.id, ondelete="CASCADE"), index=True)


class DeviceToken(DeviceColumns, TablesBase):
    """A device on which a person has the application."""

    __tablename__ = "device_tokens"

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
