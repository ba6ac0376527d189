"""The order in which people of a role are listed: by the number in their id, which outgrows six digits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_users_role_id_number", "users", ["role_id", sa.text("(substr(id, 4)::bigint)")], unique=False)


def downgrade() -> None:
    op.drop_index("ix_users_role_id_number", table_name="users")
