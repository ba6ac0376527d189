"""Who has left, for restores of backups that still have them."""

from sqlalchemy import ARRAY, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class Erasure(Base):
    """A person of a kind who was erased, and the ids of their documents that were deleted in MongoDB.

    A restore takes no row of this table away.
    """

    __tablename__ = "erasures"

    kind: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    documents: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'::text[]"))
    erased_at: Mapped[CreatedAt]
