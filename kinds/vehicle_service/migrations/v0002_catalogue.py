"""What the shop offers, what customers save and think of it, and the mechanics."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mechanics",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("dob", sa.Date(), nullable=True),
        sa.Column("pickup_drop", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("analysis", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("score", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mechanics_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mechanics")),
    )
    op.create_table(
        "service_categories",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_service_categories_name")),
    )
    op.create_table(
        "mechanic_service_categories",
        sa.Column("mechanic_id", sa.Text(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["service_categories.id"], name=op.f("fk_mechanic_service_categories_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["mechanic_id"],
            ["mechanics.user_id"],
            name=op.f("fk_mechanic_service_categories_mechanic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mechanic_id", "category_id", name=op.f("pk_mechanic_service_categories")),
    )
    op.create_index(
        op.f("ix_mechanic_service_categories_category_id"), "mechanic_service_categories", ["category_id"], unique=False
    )
    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("works", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("warranty_kms", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("warranty_months", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("time_hrs", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("difficulty", sa.SmallInteger(), nullable=False),
        sa.Column("images", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("sac", sa.Text(), server_default="998714", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("sac ~ '^[0-9]{4,8}$'", name=op.f("ck_services_sac_shape")),
        sa.CheckConstraint("difficulty BETWEEN 1 AND 5", name=op.f("ck_services_difficulty_range")),
        sa.CheckConstraint("time_hrs > 0 AND time_hrs <= 200", name=op.f("ck_services_time_range")),
        sa.CheckConstraint("warranty_kms >= 0 AND warranty_months >= 0", name=op.f("ck_services_warranty_range")),
        sa.ForeignKeyConstraint(["category_id"], ["service_categories.id"], name=op.f("fk_services_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("title", name=op.f("uq_services_title")),
    )
    op.create_index(op.f("ix_services_category_id"), "services", ["category_id"], unique=False)
    op.create_table(
        "carts",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["users.id"], name=op.f("fk_carts_customer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_carts_service_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("customer_id", "service_id", name=op.f("pk_carts")),
    )
    op.create_index(op.f("ix_carts_service_id"), "carts", ["service_id"], unique=False)
    op.create_table(
        "favourites",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["users.id"], name=op.f("fk_favourites_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_favourites_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "service_id", name=op.f("pk_favourites")),
    )
    op.create_index(op.f("ix_favourites_service_id"), "favourites", ["service_id"], unique=False)
    op.create_table(
        "price_chart",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("car_class_id", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_price_chart_price_range")),
        sa.ForeignKeyConstraint(["car_class_id"], ["car_classes.id"], name=op.f("fk_price_chart_car_class_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_price_chart_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "car_class_id", name=op.f("pk_price_chart")),
    )
    op.create_index(op.f("ix_price_chart_car_class_id"), "price_chart", ["car_class_id"], unique=False)
    op.create_table(
        "service_fuel_types",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("fuel_type_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fuel_type_id"], ["fuel_types.id"], name=op.f("fk_service_fuel_types_fuel_type_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_fuel_types_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "fuel_type_id", name=op.f("pk_service_fuel_types")),
    )
    op.create_index(op.f("ix_service_fuel_types_fuel_type_id"), "service_fuel_types", ["fuel_type_id"], unique=False)
    op.create_table(
        "service_reviews",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("review", sa.Text(), server_default="", nullable=False),
        sa.Column("images", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_service_reviews_rating_range")),
        sa.ForeignKeyConstraint(["customer_id"], ["users.id"], name=op.f("fk_service_reviews_customer_id")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_reviews_service_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("service_id", "customer_id", name=op.f("pk_service_reviews")),
    )
    op.create_index(op.f("ix_service_reviews_customer_id"), "service_reviews", ["customer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("service_reviews")
    op.drop_table("service_fuel_types")
    op.drop_table("price_chart")
    op.drop_table("favourites")
    op.drop_table("carts")
    op.drop_table("services")
    op.drop_table("mechanic_service_categories")
    op.drop_table("service_categories")
    op.drop_table("mechanics")
