"""What the shop has paused: new bookings, new payments online."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("what IN ('bookings', 'payments')", name=op.f("ck_pauses_what_can_be_paused")),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_pauses")),
    )


def downgrade() -> None:
    op.drop_table("pauses")
