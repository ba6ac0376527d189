"""Pictures that were uploaded, and since when something names them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_uploads")),
    )
    op.create_index(
        "ix_uploads_unnamed", "uploads", ["uploaded_at"], unique=False, postgresql_where=sa.text("named_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("uploads")
