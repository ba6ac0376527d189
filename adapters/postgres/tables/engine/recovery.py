"""Workflows that do not work, as the last look found them, and how the recovery stands. No backup needs them."""

from datetime import datetime

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt


class WorkflowProblem(Base):
    """An open booking whose workflow is missing, complete or failing. No foreign key: a restore exchanges bookings."""

    __tablename__ = "workflow_problems"

    booking_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    problem: Mapped[str]
    detail: Mapped[str]
    since: Mapped[CreatedAt]


class WorkflowRecovery(Base):
    """One row. ``looked_at``: the last look; ``polled``: a worker asked for bookings then; ``failing``: workflows of
    any type whose tasks failed then; ``restarted``: how many were started again, ever."""

    __tablename__ = "workflow_recovery"

    name: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime | None]
    polled: Mapped[bool] = mapped_column(server_default=text("true"))
    failing: Mapped[int] = mapped_column(server_default=text("0"))
    restarted: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    stopped_at: Mapped[datetime | None]
