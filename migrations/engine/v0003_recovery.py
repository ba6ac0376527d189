"""Workflows that do not work, and how the recovery of them stands."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workflow_problems",
        sa.Column("booking_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_workflow_problems")),
    )
    op.create_table(
        "workflow_recovery",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("polled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("failing", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("restarted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workflow_recovery")),
    )


def downgrade() -> None:
    op.drop_table("workflow_recovery")
    op.drop_table("workflow_problems")
