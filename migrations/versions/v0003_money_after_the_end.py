"""What the sweep needs to look after orders that are over, and whose dispute a webhook speaks of."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook_inbox", sa.Column("dispute_id", sa.Text(), nullable=True))
    op.create_index("ix_webhook_inbox_order", "webhook_inbox", ["order_id"])
    op.create_index("ix_payments_created", "payments", ["created_at"])
    op.create_table(
        "order_checks",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("last_state", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_checks")),
    )


def downgrade() -> None:
    op.drop_table("order_checks")
    op.drop_index("ix_payments_created", "payments")
    op.drop_index("ix_webhook_inbox_order", "webhook_inbox")
    op.drop_column("webhook_inbox", "dispute_id")
