"""Pushes that wait to be sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_outbox",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("notification_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("push", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["bookings.id"], name=op.f("fk_push_outbox_booking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "notification_id", name=op.f("pk_push_outbox")),
    )
    op.create_index("ix_push_outbox_next", "push_outbox", ["next_at"], unique=False)
    op.create_index(op.f("ix_push_outbox_person_id"), "push_outbox", ["person_id"], unique=False)
    op.create_index(op.f("ix_push_outbox_booking_id"), "push_outbox", ["booking_id"], unique=False)


def downgrade() -> None:
    op.drop_table("push_outbox")
