"""Which requests people made under a key of theirs, and what was answered."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, PeopleBase


class IdempotencyKey(PeopleBase):
    """One request per user, route and key: what it was, which booking it makes, what was answered."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    booking_id: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[int | None]
    response: Mapped[str | None]
    created_at: Mapped[CreatedAt] = mapped_column(index=True)
