"""The ledger, and its comparisons with everything else that tells about money."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt, Id, Paise


class LedgerEntry(Base):
    """A movement of money, in paise: in is positive. Rows are only added: a trigger refuses UPDATE and DELETE."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        # Two projections at once write a movement once; what a lost move had written is taken back at its version.
        UniqueConstraint("kind", "reference", "version", "amount"),
        CheckConstraint("amount <> 0", name="something_moved"),
        Index("ix_ledger_entries_posted_at", "posted_at"),
        Index("ix_ledger_entries_at", "at"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), index=True)
    version: Mapped[int]
    kind: Mapped[str]
    reference: Mapped[str]
    leg: Mapped[str]
    amount: Mapped[Paise]
    at: Mapped[datetime]
    posted_at: Mapped[CreatedAt]


class Reconciliation(Base):
    """One comparison of ledger, bookings, documents and provider, with every difference that it found."""

    __tablename__ = "reconciliations"

    id: Mapped[Id]
    since: Mapped[datetime]
    until: Mapped[datetime]
    finished_at: Mapped[CreatedAt]
    checked: Mapped[dict[str, int]] = mapped_column(JSONB)
    kinds: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB)  # the same of each kind of booking
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
