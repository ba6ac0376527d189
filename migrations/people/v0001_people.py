"""Users, roles, tokens, idempotency keys and participants; changes are notified to token caches."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A channel for each schema; the payload is "token <jti>", "person <id>" or "everybody".
FUNCTIONS = {
    "auth_notify_token": "'token ' || NEW.jti",
    "auth_notify_person": "'person ' || OLD.id",
    "auth_notify_everybody": "'everybody'",
}
EVERY_ROW, ONCE = "FOR EACH ROW", "FOR EACH STATEMENT"
ANY_CHANGE = "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
TRIGGERS = (
    ("revoked_tokens", "auth_insert", "AFTER INSERT", EVERY_ROW, "auth_notify_token"),
    ("users", "auth_update", "AFTER UPDATE", f"{EVERY_ROW} WHEN (OLD.* IS DISTINCT FROM NEW.*)", "auth_notify_person"),
    ("users", "auth_delete", "AFTER DELETE", EVERY_ROW, "auth_notify_person"),
    ("users", "auth_truncate", "AFTER TRUNCATE", ONCE, "auth_notify_everybody"),
    ("roles", "auth_change", ANY_CHANGE, ONCE, "auth_notify_everybody"),
    ("permissions", "auth_change", ANY_CHANGE, ONCE, "auth_notify_everybody"),
    ("role_permissions", "auth_change", ANY_CHANGE, ONCE, "auth_notify_everybody"),
)


def upgrade() -> None:
    op.create_table(
        "auth_listeners",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("session_began", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_auth_listeners")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_attempts")),
    )
    op.create_index(op.f("ix_login_attempts_since"), "login_attempts", ["since"], unique=False)
    op.create_table(
        "permissions",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("name ~ '^(READ|WRITE|UPDATE|DELETE):[A-Z_]+$'", name=op.f("ck_permissions_name_shape")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permissions")),
        sa.UniqueConstraint("name", name=op.f("uq_permissions_name")),
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_tokens")),
    )
    op.create_index(op.f("ix_revoked_tokens_expires_at"), "revoked_tokens", ["expires_at"], unique=False)
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "role_permissions",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"], ["permissions.id"], name=op.f("fk_role_permissions_permission_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_role_permissions_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("role_id", "permission_id", name=op.f("pk_role_permissions")),
    )
    op.create_index(op.f("ix_role_permissions_permission_id"), "role_permissions", ["permission_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "name", sa.Text(), sa.Computed("btrim(first_name || ' ' || last_name)", persisted=True), nullable=False
        ),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id ~ '^[A-Z]{3}[0-9]{6,}$'", name=op.f("ck_users_id_shape")),
        sa.CheckConstraint("phone ~ '^[+]91[6-9][0-9]{9}$'", name=op.f("ck_users_phone_shape")),
        sa.CheckConstraint(
            "deleted_at IS NOT NULL OR (phone IS NOT NULL AND email IS NOT NULL)", name=op.f("ck_users_reachable")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_users_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("ix_users_role_id_id", "users", ["role_id", "id"], unique=False)
    op.create_index(
        "uq_users_email_live",
        "users",
        [sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "uq_users_phone_live", "users", ["phone"], unique=True, postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_table(
        "booking_participants",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_participants_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["users.id"], name=op.f("fk_booking_participants_person_id")),
        sa.PrimaryKeyConstraint("booking_id", "person_id", "role", name=op.f("pk_booking_participants")),
    )
    op.create_index(
        "ix_booking_participants_active",
        "booking_participants",
        ["person_id", "role", "booking_id"],
        unique=False,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("access_jti", sa.Text(), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_refresh_tokens_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_access_jti"), "refresh_tokens", ["access_jti"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_expires_at"), "refresh_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_family"), "refresh_tokens", ["family"], unique=False)
    op.create_index(op.f("ix_refresh_tokens_user_id"), "refresh_tokens", ["user_id"], unique=False)
    for name, payload in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_notify('revcare_auth_' || TG_TABLE_SCHEMA, {payload}); RETURN NULL; END $$"
        )
    for table, name, moment, scope, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {moment} ON {table} {scope} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    op.drop_table("refresh_tokens")
    op.drop_table("booking_participants")
    op.drop_table("users")
    op.drop_table("role_permissions")
    op.drop_table("roles")
    op.drop_table("revoked_tokens")
    op.drop_table("permissions")
    op.drop_table("login_attempts")
    op.drop_table("idempotency_keys")
    op.drop_table("auth_listeners")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
