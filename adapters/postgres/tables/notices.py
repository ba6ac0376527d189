"""Columns of the two tables with which a kind tells its people of something in the application and on their devices.

They stand in the kind's own schema, as ``user_notifications`` and ``device_tokens``: a kind that has them declares both
with these columns, and says so by ``KindStorage.notices``.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column


class NoticeColumns:
    """What a person was told. ``key`` is unique for each person: the same thing is told once.

    ``version``: of the booking, where a move tells it; a move that was lost takes its notices with it.
    """

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[str]
    key: Mapped[str]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_read: Mapped[bool] = mapped_column(server_default=text("false"))
    booking_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DeviceColumns:
    """Where a person has the application: a token is one person's, the one who registered it last."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[str]
    token: Mapped[str] = mapped_column(unique=True)
    platform: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
