"""What the shop has paused."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class PauseRow(Base):
    """New bookings, or new payments online. A row whose time is over means nothing any more."""

    __tablename__ = "pauses"
    __table_args__ = (CheckConstraint("what IN ('bookings', 'payments')", name="what_can_be_paused"),)

    what: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[CreatedAt]
