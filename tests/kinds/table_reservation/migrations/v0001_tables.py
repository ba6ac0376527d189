"""Reservations, and the tables that they hold."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE table_bookings (
        booking_id bigint PRIMARY KEY REFERENCES public.bookings ON DELETE CASCADE,
        house text NOT NULL, number integer NOT NULL, starts_at timestamptz NOT NULL, bill bigint)""",
    """CREATE TABLE held_tables (
        booking_id bigint NOT NULL, leg text NOT NULL, house text NOT NULL, number integer NOT NULL,
        span tstzrange NOT NULL, PRIMARY KEY (booking_id, leg),
        -- A house begins with a letter of its own. As a range, for the embedded server has no extension btree_gist.
        place int4range GENERATED ALWAYS AS
            (int4range(ascii(house) * 1000 + number, ascii(house) * 1000 + number, '[]')) STORED,
        CONSTRAINT ex_held_tables EXCLUDE USING gist (place WITH &&, span WITH &&))""",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE held_tables, table_bookings")
