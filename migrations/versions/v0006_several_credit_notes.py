"""An invoice may be taken back in several parts, each by a credit note of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OLD, _NEW = "uq_documents_booking_id_kind_leg", "uq_documents_booking_id_kind_leg_sequence"


def upgrade() -> None:
    op.add_column("documents", sa.Column("sequence", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.create_unique_constraint(_NEW, "documents", ["booking_id", "kind", "leg", "sequence"])
    op.drop_constraint(_OLD, "documents", type_="unique")


def downgrade() -> None:
    op.create_unique_constraint(_OLD, "documents", ["booking_id", "kind", "leg"])
    op.drop_constraint(_NEW, "documents", type_="unique")
    op.drop_column("documents", "sequence")
