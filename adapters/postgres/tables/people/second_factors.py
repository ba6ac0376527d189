"""Second factors of admins."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import CreatedAt, PeopleBase


class SecondFactor(PeopleBase):
    """The secret that an app of a person makes codes from; it counts once they have shown such a code.

    A code is for a step of 30 seconds, and good once: ``last_step`` and all before it are used up.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]  # encrypted with a key that follows from SECRET_KEY
    last_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    recovery_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))  # SHA-256 of each
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[datetime | None]
