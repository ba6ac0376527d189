"""People, vehicles, places, catalogue, reference rows.

Constraint and index names come from the naming convention of ``Base.metadata``.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAMED = (
    "roles", "permissions", "manufacturers", "car_classes", "fuel_types",
    "statuses", "assignment_types", "payment_methods", "notification_categories",
)  # fmt: skip
SEQUENCES = ("customer_numbers", "mechanic_numbers", "admin_numbers")
TABLES = (
    "areas", "service_categories", "timeslots", "users", "mechanics", "mechanic_service_categories", "role_permissions",
    "refresh_tokens", "revoked_tokens", "login_attempts", "addresses", "cars", "customer_cars", "services",
    "price_chart", "service_fuel_types", "service_reviews", "carts", "favourites",
)  # fmt: skip
LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    for sequence in SEQUENCES:
        op.execute(f"CREATE SEQUENCE {sequence}")
    for table in NAMED:
        shape = (sa.CheckConstraint("name ~ '^(READ|WRITE|UPDATE|DELETE):[A-Z_]+$'", name="name_shape"),)
        op.create_table(table, _id(), _text("name", unique=True), *(shape if table == "permissions" else ()))
    _create_places_and_people()
    _create_access()
    _create_vehicles()
    _create_catalogue()


def downgrade() -> None:
    for table in (*reversed(TABLES), *reversed(NAMED)):
        op.drop_table(table)
    for sequence in SEQUENCES:
        op.execute(f"DROP SEQUENCE {sequence}")


def _create_places_and_people() -> None:
    op.create_table(
        "areas",
        _id(),
        _text("name"),
        _text("pincode"),
        sa.UniqueConstraint("name", "pincode"),
        sa.CheckConstraint("pincode ~ '^[1-9][0-9]{5}$'", name="pincode_shape"),
    )
    op.create_table("service_categories", _id(), _text("name", unique=True), _text("description", server_default=""))
    op.create_table(
        "timeslots",
        _id(),
        _text("name", unique=True),
        sa.Column("start_time", sa.Time, nullable=False),
        sa.Column("end_time", sa.Time, nullable=False),
        _number("capacity", default="10"),
        sa.CheckConstraint("start_time < end_time", name="ends_after_start"),
        sa.CheckConstraint("capacity >= 0", name="capacity_range"),
    )
    op.create_table(
        "users",
        _text("id", primary_key=True),
        _number("role_id", "roles.id"),
        _text("first_name"),
        _text("last_name", server_default=""),
        _text("name", sa.Computed("btrim(first_name || ' ' || last_name)", persisted=True)),
        *(_text(name, nullable=True) for name in ("email", "phone", "password_hash", "photo")),
        _time("created_at", now=True),
        _time("updated_at", now=True),
        _time("deleted_at", nullable=True),
        sa.CheckConstraint("id ~ '^(CST|MEC|ADM)[0-9]{6,}$'", name="id_shape"),
        sa.CheckConstraint("phone ~ '^[+]91[6-9][0-9]{9}$'", name="phone_shape"),
        sa.CheckConstraint("deleted_at IS NOT NULL OR (phone IS NOT NULL AND email IS NOT NULL)", name="reachable"),
    )
    op.create_index("uq_users_phone_live", "users", ["phone"], unique=True, postgresql_where=LIVE)
    op.create_index("uq_users_email_live", "users", [sa.text("lower(email)")], unique=True, postgresql_where=LIVE)
    op.create_index("ix_users_role_id_id", "users", ["role_id", "id"])
    op.create_table(
        "mechanics",
        _text("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("dob", sa.Date),
        sa.Column("pickup_drop", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("analysis", sa.Boolean, nullable=False, server_default=sa.text("false")),
        _number("score", default="0"),
    )
    op.create_table(
        "mechanic_service_categories",
        _text("mechanic_id", sa.ForeignKey("mechanics.user_id", ondelete="CASCADE"), primary_key=True),
        _number("category_id", "service_categories.id", primary_key=True, index=True),
    )
    op.create_table(
        "addresses",
        _id(),
        _text("customer_id", sa.ForeignKey("users.id"), index=True),
        _text("label"),
        _text("line1"),
        _text("line2", nullable=True),
        _number("area_id", "areas.id", index=True),
        _time("created_at", now=True),
        _time("deleted_at", nullable=True),
    )


def _create_access() -> None:
    op.create_table(
        "role_permissions",
        _number("role_id", "roles.id", cascade=True, primary_key=True),
        _number("permission_id", "permissions.id", cascade=True, primary_key=True, index=True),
    )
    op.create_table(
        "refresh_tokens",
        _text("jti", primary_key=True),
        _text("token"),
        _text("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
        _text("family", index=True),
        _text("access_jti", index=True),
        _time("access_expires_at"),
        _time("created_at", now=True),
        _time("expires_at", index=True),
        _time("used_at", nullable=True),
    )
    op.create_table("revoked_tokens", _text("jti", primary_key=True), _time("expires_at", index=True))
    op.create_table(
        "login_attempts", _text("subject", primary_key=True), _number("failures"), _time("since", index=True)
    )


def _create_vehicles() -> None:
    op.create_table(
        "cars",
        _id(),
        _text("model"),
        _number("manufacturer_id", "manufacturers.id", index=True),
        _number("fuel_type_id", "fuel_types.id", index=True),
        _number("car_class_id", "car_classes.id", index=True),
        _number("year"),
        _text("img", nullable=True),
        sa.UniqueConstraint("manufacturer_id", "model", "year", "fuel_type_id"),
        sa.CheckConstraint("year BETWEEN 1950 AND 2100", name="year_is_sane"),
    )
    op.create_table(
        "customer_cars",
        _id(),
        _text("customer_id", sa.ForeignKey("users.id"), index=True),
        _number("car_id", "cars.id", index=True),
        _text("registration_number"),
        _time("created_at", now=True),
        _time("deleted_at", nullable=True),
        sa.CheckConstraint("registration_number ~ '^[A-Z0-9]{4,12}$'", name="plate_is_normalised"),
    )
    plate = "uq_customer_cars_registration_number_live"
    op.create_index(plate, "customer_cars", ["registration_number"], unique=True, postgresql_where=LIVE)


def _create_catalogue() -> None:
    op.create_table(
        "services",
        _id(),
        _text("title", unique=True),
        _text("description", server_default=""),
        _number("category_id", "service_categories.id", index=True),
        _texts("works"),
        _number("warranty_kms", default="0"),
        _number("warranty_months", default="0"),
        sa.Column("time_hrs", sa.Numeric(5, 2), nullable=False),
        sa.Column("difficulty", sa.SmallInteger, nullable=False),
        _texts("images"),
        _text("sac", server_default="998714"),
        _time("created_at", now=True),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 5", name="difficulty_range"),
        sa.CheckConstraint("time_hrs > 0 AND time_hrs <= 200", name="time_range"),
        sa.CheckConstraint("warranty_kms >= 0 AND warranty_months >= 0", name="warranty_range"),
        sa.CheckConstraint("sac ~ '^[0-9]{4,8}$'", name="sac_shape"),
    )
    op.create_table(
        "price_chart",
        _number("service_id", "services.id", cascade=True, primary_key=True),
        _number("car_class_id", "car_classes.id", primary_key=True, index=True),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.CheckConstraint("price >= 0", name="price_range"),
    )
    op.create_table(
        "service_fuel_types",
        _number("service_id", "services.id", cascade=True, primary_key=True),
        _number("fuel_type_id", "fuel_types.id", primary_key=True, index=True),
    )
    op.create_table(
        "service_reviews",
        _number("service_id", "services.id", cascade=True, primary_key=True),
        _text("customer_id", sa.ForeignKey("users.id"), primary_key=True, index=True),
        sa.Column("rating", sa.SmallInteger, nullable=False),
        _text("review", server_default=""),
        _texts("images"),
        _time("created_at", now=True),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_range"),
    )
    for table in ("carts", "favourites"):
        op.create_table(
            table,
            _text("customer_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
            _number("service_id", "services.id", cascade=True, primary_key=True, index=True),
            _time("created_at", now=True),
        )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, sa.Identity(), primary_key=True)


def _text(name: str, *of: Any, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *of, **{"nullable": False, **options})


def _texts(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'::text[]"))


def _number(
    name: str, of: str | None = None, *, cascade: bool = False, default: str | None = None, **options: Any
) -> sa.Column[int]:
    reference = () if of is None else (sa.ForeignKey(of, ondelete="CASCADE" if cascade else None),)
    standard = None if default is None else sa.text(default)
    return sa.Column(name, sa.Integer, *reference, nullable=False, server_default=standard, **options)


def _time(name: str, *, now: bool = False, nullable: bool = False, index: bool = False) -> sa.Column[Any]:
    standard = sa.func.now() if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=standard, index=index)
