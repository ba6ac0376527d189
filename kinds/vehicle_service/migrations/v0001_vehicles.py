"""Cars, places and reference data."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "areas",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pincode", sa.Text(), nullable=False),
        sa.CheckConstraint("pincode ~ '^[1-9][0-9]{5}$'", name=op.f("ck_areas_pincode_shape")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("name", "pincode", name=op.f("uq_areas_name_pincode")),
    )
    op.create_table(
        "assignment_types",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_types")),
        sa.UniqueConstraint("name", name=op.f("uq_assignment_types_name")),
    )
    op.create_table(
        "car_classes",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_car_classes")),
        sa.UniqueConstraint("name", name=op.f("uq_car_classes_name")),
    )
    op.create_table(
        "fuel_types",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fuel_types")),
        sa.UniqueConstraint("name", name=op.f("uq_fuel_types_name")),
    )
    op.create_table(
        "manufacturers",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manufacturers")),
        sa.UniqueConstraint("name", name=op.f("uq_manufacturers_name")),
    )
    op.create_table(
        "payment_methods",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_methods_name")),
    )
    op.create_table(
        "statuses",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statuses")),
        sa.UniqueConstraint("name", name=op.f("uq_statuses_name")),
    )
    op.create_table(
        "timeslots",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.Column("capacity", sa.Integer(), server_default=sa.text("10"), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_timeslots_capacity_range")),
        sa.CheckConstraint("start_time < end_time", name=op.f("ck_timeslots_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeslots")),
        sa.UniqueConstraint("name", name=op.f("uq_timeslots_name")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=False),
        sa.Column("line2", sa.Text(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_addresses_area_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["users.id"], name=op.f("fk_addresses_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_area_id"), "addresses", ["area_id"], unique=False)
    op.create_index(op.f("ix_addresses_customer_id"), "addresses", ["customer_id"], unique=False)
    op.create_table(
        "cars",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("manufacturer_id", sa.Integer(), nullable=False),
        sa.Column("fuel_type_id", sa.Integer(), nullable=False),
        sa.Column("car_class_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("img", sa.Text(), nullable=True),
        sa.CheckConstraint("year BETWEEN 1950 AND 2100", name=op.f("ck_cars_year_is_sane")),
        sa.ForeignKeyConstraint(["car_class_id"], ["car_classes.id"], name=op.f("fk_cars_car_class_id")),
        sa.ForeignKeyConstraint(["fuel_type_id"], ["fuel_types.id"], name=op.f("fk_cars_fuel_type_id")),
        sa.ForeignKeyConstraint(["manufacturer_id"], ["manufacturers.id"], name=op.f("fk_cars_manufacturer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cars")),
        sa.UniqueConstraint(
            "manufacturer_id",
            "model",
            "year",
            "fuel_type_id",
            name=op.f("uq_cars_manufacturer_id_model_year_fuel_type_id"),
        ),
    )
    op.create_index(op.f("ix_cars_car_class_id"), "cars", ["car_class_id"], unique=False)
    op.create_index(op.f("ix_cars_fuel_type_id"), "cars", ["fuel_type_id"], unique=False)
    op.create_index(op.f("ix_cars_manufacturer_id"), "cars", ["manufacturer_id"], unique=False)
    op.create_table(
        "customer_cars",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("car_id", sa.Integer(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "registration_number ~ '^[A-Z0-9]{4,12}$'", name=op.f("ck_customer_cars_plate_is_normalised")
        ),
        sa.ForeignKeyConstraint(["car_id"], ["cars.id"], name=op.f("fk_customer_cars_car_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["users.id"], name=op.f("fk_customer_cars_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_cars")),
    )
    op.create_index(op.f("ix_customer_cars_car_id"), "customer_cars", ["car_id"], unique=False)
    op.create_index(op.f("ix_customer_cars_customer_id"), "customer_cars", ["customer_id"], unique=False)
    op.create_index(
        "uq_customer_cars_registration_number_live",
        "customer_cars",
        ["registration_number"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("customer_cars")
    op.drop_table("cars")
    op.drop_table("addresses")
    op.drop_table("timeslots")
    op.drop_table("statuses")
    op.drop_table("payment_methods")
    op.drop_table("manufacturers")
    op.drop_table("fuel_types")
    op.drop_table("car_classes")
    op.drop_table("assignment_types")
    op.drop_table("areas")
