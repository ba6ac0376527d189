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
        "order_watch",
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_watch")),
    )


def downgrade() -> None:
    op.drop_table("order_watch")
    op.drop_index("ix_payments_created", "payments")
    op.drop_index("ix_webhook_inbox_order", "webhook_inbox")
    op.drop_column("webhook_inbox", "dispute_id")
