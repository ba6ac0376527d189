"""The orders in which reviews and saved services are listed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    newest: list[str | sa.TextClause] = ["service_id", sa.text("created_at DESC"), "customer_id"]
    op.create_index("ix_service_reviews_newest", "service_reviews", newest, unique=False)
    for table in ("carts", "favourites"):
        op.create_index(f"ix_{table}_saved", table, ["created_at", "customer_id", "service_id"], unique=False)


def downgrade() -> None:
    for table in ("favourites", "carts"):
        op.drop_index(f"ix_{table}_saved", table_name=table)
    op.drop_index("ix_service_reviews_newest", table_name="service_reviews")
