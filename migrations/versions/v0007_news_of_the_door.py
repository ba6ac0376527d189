"""Whoever knows tokens by heart is told at once when a token, a person or a role's scopes change."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# One channel; the payload is "token <jti>", "person <id>" or "everybody".
FUNCTIONS = {
    "tell_of_token": "'token ' || NEW.jti",
    "tell_of_person": "'person ' || OLD.id",
    "tell_of_everybody": "'everybody'",
}
EVERY_ROW, ONCE = "FOR EACH ROW", "FOR EACH STATEMENT"
ANY_CHANGE = "AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
TRIGGERS = (
    ("revoked_tokens", "door_insert", "AFTER INSERT", EVERY_ROW, "tell_of_token"),
    ("users", "door_update", "AFTER UPDATE", f"{EVERY_ROW} WHEN (OLD.* IS DISTINCT FROM NEW.*)", "tell_of_person"),
    ("users", "door_delete", "AFTER DELETE", EVERY_ROW, "tell_of_person"),
    ("users", "door_truncate", "AFTER TRUNCATE", ONCE, "tell_of_everybody"),
    ("roles", "door_change", ANY_CHANGE, ONCE, "tell_of_everybody"),
    ("permissions", "door_change", ANY_CHANGE, ONCE, "tell_of_everybody"),
    ("role_permissions", "door_change", ANY_CHANGE, ONCE, "tell_of_everybody"),
)


def upgrade() -> None:
    op.create_table(
        "door_listeners",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("session_began", sa.DateTime(timezone=True), nullable=False),
    )
    for name, payload in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_notify('revcare_door', {payload}); RETURN NULL; END $$"
        )
    for table, name, moment, scope, function in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {moment} ON {table} {scope} EXECUTE FUNCTION {function}()")


def downgrade() -> None:
    for table, name, *_ in reversed(TRIGGERS):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("door_listeners")
