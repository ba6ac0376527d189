"""Pictures that people sent; the files are in a folder."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class Upload(Base):
    """A stored picture. What nothing has named a day after ``uploaded_at`` goes; ``named_at`` never becomes nothing."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_unnamed", "uploaded_at", postgresql_where=text("named_at IS NULL")),)

    name: Mapped[str] = mapped_column(primary_key=True)
    uploaded_at: Mapped[CreatedAt]
    named_at: Mapped[datetime | None]
