"""People without a mail address, where their role may do without."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NAME = "ck_users_reachable"


def upgrade() -> None:
    op.drop_constraint(_NAME, "users", type_="check")
    op.create_check_constraint(op.f(_NAME), "users", "deleted_at IS NOT NULL OR phone IS NOT NULL")


def downgrade() -> None:
    op.drop_constraint(_NAME, "users", type_="check")
    op.create_check_constraint(
        op.f(_NAME), "users", "deleted_at IS NOT NULL OR (phone IS NOT NULL AND email IS NOT NULL)"
    )
