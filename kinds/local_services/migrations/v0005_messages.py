"""Threads and messages of people, and the feed of each person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

# Heads are locked in the order of their people: no two transactions wait for each other. One notification for all: of
# transactions that notify, one commits after the other, in all of the database.
APPEND = """
    CREATE FUNCTION append_to_feed(events jsonb) RETURNS void LANGUAGE sql VOLATILE AS $$
        WITH told AS (
            SELECT e.value ->> 'user_id' AS user_id, e.value ->> 'type' AS type, e.value -> 'data' AS data,
                e.value ->> 'key' AS key, e.place
            FROM jsonb_array_elements(events) WITH ORDINALITY AS e (value, place)
        ),
        wanted AS (
            SELECT t.*, row_number() OVER (PARTITION BY t.user_id ORDER BY t.place) AS number,
                count(*) OVER (PARTITION BY t.user_id) AS many
            FROM told AS t
            WHERE NOT EXISTS (SELECT FROM feed_events AS f WHERE f.user_id = t.user_id AND f.key = t.key)
        ),
        heads AS (
            INSERT INTO feed_heads AS h (user_id, last)
            SELECT user_id, count(*) FROM wanted GROUP BY user_id ORDER BY user_id
            ON CONFLICT (user_id) DO UPDATE SET last = h.last + excluded.last
            RETURNING user_id, last
        ),
        written AS (
            INSERT INTO feed_events (user_id, id, type, data, key)
            SELECT w.user_id, h.last - w.many + w.number, w.type, w.data, w.key
            FROM wanted AS w JOIN heads AS h USING (user_id)
        )
        SELECT pg_notify('revcare_local_feed', string_agg(user_id || ':' || last, ' ' ORDER BY user_id))
        FROM heads HAVING count(*) > 0
    $$
"""


def upgrade() -> None:
    op.create_table(
        "feed_events",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "id", name=op.f("pk_feed_events")),
    )
    op.create_index("ix_feed_events_created_at", "feed_events", ["created_at"], unique=False)
    op.create_index(
        "uq_feed_events_key",
        "feed_events",
        ["user_id", "key"],
        unique=True,
        postgresql_where=sa.text("key IS NOT NULL"),
    )
    op.create_table(
        "feed_heads",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_feed_heads")),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("initiator_id", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Text(), nullable=False),
        sa.Column("stopped_by_initiator", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("stopped_by_receiver", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("initiator_id <> receiver_id", name=op.f("ck_threads_of_two_people")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_threads_booking_id")),
        sa.ForeignKeyConstraint(["initiator_id"], ["users.id"], name=op.f("fk_threads_initiator_id")),
        sa.ForeignKeyConstraint(["receiver_id"], ["users.id"], name=op.f("fk_threads_receiver_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
    )
    op.create_index(
        "ix_threads_booking_id",
        "threads",
        ["booking_id"],
        unique=False,
        postgresql_where=sa.text("booking_id IS NOT NULL"),
    )
    op.create_index("ix_threads_initiator_id", "threads", ["initiator_id"], unique=False)
    op.create_index("ix_threads_receiver_id", "threads", ["receiver_id"], unique=False)
    op.create_index(
        "uq_threads_pair",
        "threads",
        [
            sa.literal_column("LEAST(initiator_id, receiver_id)"),
            sa.literal_column("GREATEST(initiator_id, receiver_id)"),
            sa.literal_column("COALESCE(booking_id, 0::bigint)"),
        ],
        unique=True,
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("message_type", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(sender_id IS NULL) = (message_type = 'SYSTEM')",
            name=op.f("ck_messages_people_send_what_is_not_of_the_system"),
        ),
        sa.CheckConstraint("message_type IN ('TEXT', 'IMAGE', 'SYSTEM')", name=op.f("ck_messages_type_is_known")),
        sa.ForeignKeyConstraint(["sender_id"], ["users.id"], name=op.f("fk_messages_sender_id")),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_thread_id", "messages", ["thread_id", "id"], unique=False)
    op.create_index(
        "ix_messages_unread",
        "messages",
        ["thread_id", "sender_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "uq_messages_client_id",
        "messages",
        ["thread_id", "sender_id", "client_id"],
        unique=True,
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "uq_messages_version",
        "messages",
        ["thread_id", "version"],
        unique=True,
        postgresql_where=sa.text("version IS NOT NULL"),
    )
    op.execute(APPEND)


def downgrade() -> None:
    op.execute("DROP FUNCTION append_to_feed(jsonb)")
    op.drop_table("messages")
    op.drop_table("threads")
    op.drop_table("feed_heads")
    op.drop_table("feed_events")
