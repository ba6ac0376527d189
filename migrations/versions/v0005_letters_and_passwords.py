"""Mails without a booking, mails sent again, and since when a password counts.

A mail's identity becomes one column: "<booking>.<kind>.<sequence>" for those of a booking, "<kind>.<key>" for others.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notifications", sa.Column("identity", sa.Text(), nullable=True))
    op.execute("UPDATE notifications SET identity = concat_ws('.', booking_id, kind, sequence)")
    op.alter_column("notifications", "identity", nullable=False)
    op.add_column("notifications", sa.Column("resend", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("notifications", sa.Column("mail", postgresql.JSONB(), nullable=True))
    op.add_column("notifications", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_notifications_booking_id_kind_sequence", "notifications")
    op.drop_column("notifications", "sequence")
    op.create_unique_constraint("uq_notifications_identity_resend", "notifications", ["identity", "resend"])
    op.create_index("ix_notifications_booking_id", "notifications", ["booking_id"])
    op.add_column("notification_logs", sa.Column("notification_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        "fk_notification_logs_notification_id", "notification_logs", "notifications", ["notification_id"], ["id"]
    )
    op.create_index("ix_notification_logs_notification_id", "notification_logs", ["notification_id"])


def downgrade() -> None:
    op.drop_column("notification_logs", "notification_id")
    op.execute("DELETE FROM notifications WHERE booking_id IS NULL OR resend > 0")
    op.add_column("notifications", sa.Column("sequence", sa.Integer(), nullable=True))
    op.execute("UPDATE notifications SET sequence = split_part(identity, '.', 3)::int")
    op.alter_column("notifications", "sequence", nullable=False)
    op.drop_index("ix_notifications_booking_id", "notifications")
    op.drop_constraint("uq_notifications_identity_resend", "notifications")
    for column in ("identity", "resend", "mail", "refused_at"):
        op.drop_column("notifications", column)
    op.create_unique_constraint(
        "uq_notifications_booking_id_kind_sequence", "notifications", ["booking_id", "kind", "sequence"]
    )
    op.drop_column("users", "password_changed_at")
