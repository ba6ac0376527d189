"""API processes that cache tokens are notified when a token, a person or a role's scopes change."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# One channel; the payload is "token <jti>", "person <id>" or "everybody".
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
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("session_began", sa.DateTime(timezone=True), nullable=False),
    )
    for name, payload in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_notify('revcare_auth', {payload}); RETURN NULL; END $$"
        )
    for table, name, moment, scope, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {moment} ON {table} {scope} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    for table, name, *_ in reversed(TRIGGERS):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("auth_listeners")
