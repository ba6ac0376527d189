"""What people's phone and mail address were before a change: where it is told, and what it can be taken back to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_changes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("can_be_undone", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contact_changes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_changes")),
    )
    op.create_index(op.f("ix_contact_changes_user_id"), "contact_changes", ["user_id"], unique=False)
    op.create_index(op.f("ix_contact_changes_good_until"), "contact_changes", ["good_until"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_contact_changes_good_until"), table_name="contact_changes")
    op.drop_index(op.f("ix_contact_changes_user_id"), table_name="contact_changes")
    op.drop_table("contact_changes")
