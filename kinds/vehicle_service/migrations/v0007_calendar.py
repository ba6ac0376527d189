"""The week of the shop: its opening days, and how many cars it takes in a timeslot on a day of the week."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_days",
        sa.Column("weekday", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_opening_days_weekday_range")),
        sa.CheckConstraint(
            "opens < closes OR closes = '00:00'", name=op.f("ck_opening_days_closes_after_it_opens_or_at_midnight")
        ),
        sa.PrimaryKeyConstraint("weekday", name=op.f("pk_opening_days")),
    )
    op.create_table(
        "slot_capacities",
        sa.Column("weekday", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_slot_capacities_weekday_range")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_slot_capacities_capacity_range")),
        sa.ForeignKeyConstraint(
            ["timeslot_id"], ["timeslots.id"], name=op.f("fk_slot_capacities_timeslot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("weekday", "timeslot_id", name=op.f("pk_slot_capacities")),
    )
    op.create_index(op.f("ix_slot_capacities_timeslot_id"), "slot_capacities", ["timeslot_id"], unique=False)


def downgrade() -> None:
    op.drop_table("slot_capacities")
    op.drop_table("opening_days")
