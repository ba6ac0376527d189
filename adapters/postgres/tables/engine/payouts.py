"""Payouts for reading, and the accounts at the provider that they go to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import Base, CreatedAt, Paise


class Payout(Base):
    """Money passed on to a payee, as the booking's workflow tells it: a row for each transfer, or wish for one."""

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("amount > 0 AND kept BETWEEN 0 AND amount", name="no_more_than_there_was"),
        Index("ix_payouts_payee", "payee", "created_at"),
        Index("ix_payouts_pending", "payee", postgresql_where=text("state = 'pending'")),
        Index("ix_payouts_created_at", "created_at"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    payee: Mapped[str]
    payment_id: Mapped[str | None]
    amount: Mapped[Paise]
    kept: Mapped[Paise]
    state: Mapped[str]
    account_id: Mapped[str | None]
    transfer_id: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    transferred_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    note: Mapped[str | None]
    details: Mapped[dict[str, str | None]] = mapped_column(JSONB)


class PayoutAccount(Base):
    """Where a person of a kind is paid out; the provider keeps their bank data, we keep its number for them.

    ``checked_at``: when the provider was last asked for the status; null: it has told that there is something new.
    """

    __tablename__ = "payout_accounts"
    __table_args__ = (
        Index("ix_payout_accounts_account_id", "account_id"),
        Index("ix_payout_accounts_checked_at", text("checked_at NULLS FIRST")),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    status: Mapped[str]
    checked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
