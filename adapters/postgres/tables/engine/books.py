"""The provider's settlements, and the months whose books are closed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt, Id, Paise
from adapters.postgres.tables.engine.documents import Document
from adapters.postgres.tables.engine.ledger import LedgerEntry


class Settlement(Base):
    """Money that the provider paid to the shop's bank, as it says itself; ``amount`` in paise."""

    __tablename__ = "settlements"

    settlement_id: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Paise]
    fees: Mapped[Paise]
    tax: Mapped[Paise]
    utr: Mapped[str]
    settled_at: Mapped[datetime] = mapped_column(index=True)


class SettlementItem(Base):
    """A payment, refund or adjustment in a settlement, in paise; ``fee`` holds its ``tax``.

    ``reference`` is the ledger's name of the movement: the payment, the refund, or the dispute of an adjustment.
    """

    __tablename__ = "settlement_items"
    __table_args__ = (Index("ix_settlement_items_reference", "reference"),)

    settlement_id: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str]
    type: Mapped[str]
    payment_id: Mapped[str | None]
    dispute_id: Mapped[str | None]
    amount: Mapped[Paise]
    fee: Mapped[Paise]
    tax: Mapped[Paise]
    credit: Mapped[Paise]
    debit: Mapped[Paise]
    settled_at: Mapped[datetime] = mapped_column(index=True)


class BookClosing(Base):
    """A month whose books are closed, or were: ``since`` to before ``until``, in the days of ``timezone``.

    ``digest`` is that of all sheets, made by the ``layout`` of then; it is missing until they were made. What was
    reopened stays as a row, with the reason.
    """

    __tablename__ = "book_closings"
    __table_args__ = (
        Index("uq_book_closings_closed", "month", unique=True, postgresql_where=text("reopened_at IS NULL")),
        CheckConstraint("since < until", name="it_has_an_end"),
        CheckConstraint("(reopened_at IS NULL) = (reason IS NULL)", name="reopened_with_a_reason"),
    )

    id: Mapped[Id]
    month: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    timezone: Mapped[str]
    layout: Mapped[int]
    closed_at: Mapped[CreatedAt]
    digest: Mapped[str | None]
    reopened_at: Mapped[datetime | None]
    reason: Mapped[str | None]


# A restore writes the tables in this order: what is closed comes after what it closes, which could not be written then.
for _closed in (Document, LedgerEntry, Settlement, SettlementItem):
    BookClosing.__table__.add_is_dependent_on(_closed.__table__)  # type: ignore[attr-defined]
