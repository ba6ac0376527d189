"""Payouts to others than the customer, their accounts at the provider, and webhooks about both."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payouts",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("transferred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("amount > 0 AND kept BETWEEN 0 AND amount", name=op.f("ck_payouts_no_more_than_there_was")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_payouts_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", "key", name=op.f("pk_payouts")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payouts_transfer_id")),
    )
    op.create_index("ix_payouts_payee", "payouts", ["payee", "created_at"], unique=False)
    op.create_index(
        "ix_payouts_pending", "payouts", ["payee"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("ix_payouts_created_at", "payouts", ["created_at"], unique=False)
    op.create_table(
        "payout_accounts",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "person_id", name=op.f("pk_payout_accounts")),
    )
    op.create_index("ix_payout_accounts_account_id", "payout_accounts", ["account_id"], unique=False)
    op.create_index(
        "ix_payout_accounts_checked_at", "payout_accounts", [sa.text("checked_at NULLS FIRST")], unique=False
    )
    op.add_column("webhook_inbox", sa.Column("transfer_id", sa.Text(), nullable=True))
    op.add_column("webhook_inbox", sa.Column("account_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("webhook_inbox", "account_id")
    op.drop_column("webhook_inbox", "transfer_id")
    op.drop_table("payout_accounts")
    op.drop_table("payouts")
