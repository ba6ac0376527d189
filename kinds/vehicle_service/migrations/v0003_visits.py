"""Visits, work, reports and contended slots."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "booking_assignments",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Computed("booking_id * 1000 + number", persisted=True), nullable=False),
        sa.Column("mechanic_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_booking_assignments_number_in_range")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_assignments_booking_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["users.id"], name=op.f("fk_booking_assignments_mechanic_id")),
        sa.PrimaryKeyConstraint("booking_id", "number", name=op.f("pk_booking_assignments")),
        sa.UniqueConstraint("id", name=op.f("uq_booking_assignments_id")),
    )
    op.create_index(
        "ix_booking_assignments_mechanic", "booking_assignments", ["mechanic_id", "active", "id"], unique=False
    )
    op.create_table(
        "booking_progress",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Computed("booking_id * 1000 + number", persisted=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("images", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("service_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("validated", sa.Boolean(), nullable=False),
        sa.Column("sent_back", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name=op.f("ck_booking_progress_number_in_range")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_progress_booking_id")),
        sa.PrimaryKeyConstraint("booking_id", "number", name=op.f("pk_booking_progress")),
        sa.UniqueConstraint("id", name=op.f("uq_booking_progress_id")),
    )
    op.create_table(
        "mechanic_scores",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("mechanic_id", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_mechanic_scores_booking_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["users.id"], name=op.f("fk_mechanic_scores_mechanic_id")),
        sa.PrimaryKeyConstraint("booking_id", "what", name=op.f("pk_mechanic_scores")),
    )
    op.create_index(op.f("ix_mechanic_scores_mechanic_id"), "mechanic_scores", ["mechanic_id"], unique=False)
    op.create_table(
        "slot_reservations",
        sa.Column("booking_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["timeslot_id"], ["timeslots.id"], name=op.f("fk_slot_reservations_timeslot_id")),
        sa.PrimaryKeyConstraint("booking_id", "leg", name=op.f("pk_slot_reservations")),
    )
    op.create_table(
        "slot_usage",
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_slot_usage_used_is_not_negative")),
        sa.ForeignKeyConstraint(["timeslot_id"], ["timeslots.id"], name=op.f("fk_slot_usage_timeslot_id")),
        sa.PrimaryKeyConstraint("on_date", "timeslot_id", name=op.f("pk_slot_usage")),
    )
    op.create_table(
        "booked_services",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("estimate", sa.BigInteger(), nullable=True),
        sa.Column("quote", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_booked_services_quantity_is_positive")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booked_services_booking_id")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_booked_services_service_id")),
        sa.PrimaryKeyConstraint("booking_id", "service_id", name=op.f("pk_booked_services")),
    )
    op.create_index(op.f("ix_booked_services_service_id"), "booked_services", ["service_id"], unique=False)
    op.create_table(
        "visits",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("mechanic_id", sa.Text(), nullable=True),
        sa.Column("pickup_date", sa.Date(), nullable=False),
        sa.Column("pickup_timeslot_id", sa.Integer(), nullable=False),
        sa.Column("drop_date", sa.Date(), nullable=False),
        sa.Column("drop_timeslot_id", sa.Integer(), nullable=False),
        sa.Column("vehicle_in_use", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_visits_booking_id")),
        sa.ForeignKeyConstraint(["drop_timeslot_id"], ["timeslots.id"], name=op.f("fk_visits_drop_timeslot_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["users.id"], name=op.f("fk_visits_mechanic_id")),
        sa.ForeignKeyConstraint(["pickup_timeslot_id"], ["timeslots.id"], name=op.f("fk_visits_pickup_timeslot_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["customer_cars.id"], name=op.f("fk_visits_vehicle_id")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_pickup_date", "visits", ["pickup_date"], unique=False)
    op.create_index(op.f("ix_visits_vehicle_id"), "visits", ["vehicle_id"], unique=False)
    op.create_index(
        "uq_visits_vehicle_in_use", "visits", ["vehicle_id"], unique=True, postgresql_where=sa.text("vehicle_in_use")
    )


def downgrade() -> None:
    op.drop_table("visits")
    op.drop_table("booked_services")
    op.drop_table("slot_usage")
    op.drop_table("slot_reservations")
    op.drop_table("mechanic_scores")
    op.drop_table("booking_progress")
    op.drop_table("booking_assignments")
