"""Indexes by which rows that have expired are found."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_webhook_inbox_received_at", "webhook_inbox", ["received_at"], unique=False)
    op.create_index("ix_order_checks_checked_at", "order_checks", ["checked_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_order_checks_checked_at", table_name="order_checks")
    op.drop_index("ix_webhook_inbox_received_at", table_name="webhook_inbox")
