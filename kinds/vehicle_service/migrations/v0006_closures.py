"""Days on which the shop is closed, and absences of mechanics."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_closures_begins_before_it_ends")),
        sa.CheckConstraint("opens < closes", name=op.f("ck_closures_opens_before_it_closes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index("ix_closures_last_date", "closures", ["last_date"], unique=False)
    op.create_table(
        "mechanic_absences",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("mechanic_id", sa.Text(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("first_date <= last_date", name=op.f("ck_mechanic_absences_begins_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["mechanic_id"],
            ["mechanics.user_id"],
            name=op.f("fk_mechanic_absences_mechanic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mechanic_absences")),
    )
    op.create_index("ix_mechanic_absences_of_mechanic", "mechanic_absences", ["mechanic_id", "last_date"], unique=False)
    op.create_index("ix_slot_reservations_on_date", "slot_reservations", ["on_date"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_slot_reservations_on_date", table_name="slot_reservations")
    op.drop_table("mechanic_absences")
    op.drop_table("closures")
