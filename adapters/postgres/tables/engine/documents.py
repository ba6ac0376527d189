"""Invoices and credit notes, and the counters of their numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, Id, Paise


class DocumentCounter(Base):
    """The last number of a series in a financial year; locked while the next document is written, so no gaps."""

    __tablename__ = "document_counters"

    series: Mapped[str] = mapped_column(primary_key=True)
    fiscal_year: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class Document(Base):
    """An invoice or a credit note with everything that is printed on it."""

    __tablename__ = "documents"
    # A refund after another makes one more credit note of a leg, a refund by hand that failed one more invoice.
    __table_args__ = (
        UniqueConstraint("booking_id", "kind", "leg", "sequence"),
        Index("ix_documents_issued_at", "issued_at"),
    )

    id: Mapped[Id]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    kind: Mapped[str]
    leg: Mapped[str]
    sequence: Mapped[int] = mapped_column(server_default=text("1"))
    number: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    amount: Mapped[Paise]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
