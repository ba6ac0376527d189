"""Settlements of the provider, and months whose books are closed: nothing is dated into them any more."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_CLOSED = {
    # Of the ledger nothing is ever changed or deleted (0002).
    "ledger_entries": ("at", "INSERT"),
    "documents": ("issued_at", "INSERT OR UPDATE OR DELETE"),
    "settlements": ("settled_at", "INSERT OR UPDATE OR DELETE"),
    "settlement_items": ("settled_at", "INSERT OR UPDATE OR DELETE"),
}

# Volatile, so that each looks with a snapshot of its own: who has waited for the lock of a closing sees that month.
_CLOSED_MONTH = """
    CREATE FUNCTION closed_month(moment timestamptz) RETURNS text LANGUAGE sql VOLATILE SET search_path FROM CURRENT AS
    $$ SELECT month FROM book_closings WHERE reopened_at IS NULL AND moment >= since AND moment < until LIMIT 1 $$
"""
_BOOKED_AT = """
    CREATE FUNCTION booked_at(moment timestamptz) RETURNS timestamptz LANGUAGE sql VOLATILE
    SET search_path FROM CURRENT AS
    $$ SELECT CASE WHEN closed_month(moment) IS NULL THEN moment ELSE now() END $$
"""
_REFUSE = """
    CREATE FUNCTION {table}_of_open_months() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE
        closed text;
    BEGIN
        IF TG_OP <> 'DELETE' THEN
            closed := closed_month(NEW.{column});
        END IF;
        IF TG_OP <> 'INSERT' AND closed IS NULL THEN
            closed := closed_month(OLD.{column});
        END IF;
        IF closed IS NOT NULL THEN
            RAISE EXCEPTION 'the books of % are closed: no row of {table} can be dated into them', closed;
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("settlement_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("utr", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("settlement_id", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_settled_at"), "settlements", ["settled_at"], unique=False)
    op.create_table(
        "settlement_items",
        sa.Column("settlement_id", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("dispute_id", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("settlement_id", "entity_id", name=op.f("pk_settlement_items")),
    )
    op.create_index("ix_settlement_items_reference", "settlement_items", ["reference"], unique=False)
    op.create_index(op.f("ix_settlement_items_settled_at"), "settlement_items", ["settled_at"], unique=False)
    op.create_table(
        "book_closings",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("since < until", name=op.f("ck_book_closings_it_has_an_end")),
        sa.CheckConstraint(
            "(reopened_at IS NULL) = (reason IS NULL)", name=op.f("ck_book_closings_reopened_with_a_reason")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_closings")),
    )
    op.create_index(
        "uq_book_closings_closed",
        "book_closings",
        ["month"],
        unique=True,
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.create_index("ix_documents_issued_at", "documents", ["issued_at"], unique=False)
    op.create_index("ix_ledger_entries_at", "ledger_entries", ["at"], unique=False)
    op.execute(_CLOSED_MONTH)
    op.execute(_BOOKED_AT)
    for table, (column, changes) in _CLOSED.items():
        op.execute(_REFUSE.format(table=table, column=column))
        op.execute(
            f"CREATE TRIGGER of_open_months BEFORE {changes} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_of_open_months()"
        )


def downgrade() -> None:
    for table in _CLOSED:
        op.execute(f"DROP TRIGGER of_open_months ON {table}")
        op.execute(f"DROP FUNCTION {table}_of_open_months()")
    op.execute("DROP FUNCTION booked_at(timestamptz)")
    op.execute("DROP FUNCTION closed_month(timestamptz)")
    op.drop_index("ix_ledger_entries_at", table_name="ledger_entries")
    op.drop_index("ix_documents_issued_at", table_name="documents")
    op.drop_table("book_closings")
    op.drop_table("settlement_items")
    op.drop_table("settlements")
