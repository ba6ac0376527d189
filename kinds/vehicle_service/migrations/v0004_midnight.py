"""A timeslot may end at midnight, which is written 00:00."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_timeslots_ends_after_start"), "timeslots", type_="check")
    op.create_check_constraint(
        op.f("ck_timeslots_ends_after_start_or_at_midnight"),
        "timeslots",
        "start_time < end_time OR (end_time = '00:00' AND start_time <> '00:00')",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_timeslots_ends_after_start_or_at_midnight"), "timeslots", type_="check")
    op.create_check_constraint(op.f("ck_timeslots_ends_after_start"), "timeslots", "start_time < end_time")
