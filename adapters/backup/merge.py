"""What a restore does not rewind, merged into the staged rows.

* Bookings. Their workflows are ahead of any backup and go on; per booking the newer version stands, with its money,
  documents and slots, and with the people, cars and services that it names. The ledger only grows.
* Sessions. A token that was revoked stays revoked, one that was rotated stays rotated.
* What others have seen: e-mails, numbers of documents, responses stored under a key, webhook messages.
"""

from collections.abc import Iterator

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.backup.rows import columns, tables
from adapters.backup.staging import SCHEMA

_BOOKINGS = "bookings"
_SLOTS_USED, _SLOTS_HELD, _COUNTERS = "slot_usage", "slot_reservations", "document_counters"
_EXTERNAL = (
    "revoked_tokens",
    "idempotency_keys",
    "webhook_inbox",
    "notifications",
    "notification_logs",
    "reconciliations",
)
_APPEND_ONLY = ("ledger_entries", "documents")
"""Money that moved and documents that were issued, also those that their booking's row does not show yet."""
_SESSIONS = ("refresh_tokens", "login_attempts")
_COMPANIONS = {"mechanics": "user_id", "mechanic_service_categories": "mechanic_id"}
"""Rows that say what a person is; they come along with a person who is kept."""

_AHEAD = f"""
    CREATE TEMPORARY TABLE ahead ON COMMIT DROP AS
    SELECT l.id FROM public.bookings AS l LEFT JOIN {SCHEMA}.bookings AS r ON r.id = l.id
    WHERE r.id IS NULL OR l.version > r.version
"""  # noqa: S608 - a constant of ours


async def ahead(connection: AsyncConnection) -> list[int]:
    """The bookings that have moved on since the backup; other statements here use the table that this makes."""
    await connection.execute(text(_AHEAD))
    return [row.id for row in await connection.execute(text("SELECT id FROM ahead ORDER BY id"))]


async def merge(connection: AsyncConnection, *, bookings: bool) -> None:
    """Merge what stays into the staged rows. The caller holds the locks; nothing living is changed."""
    by_name = {table.name: table for table in tables()}
    for statement in _statements(by_name, bookings=bookings):
        await connection.execute(text(statement))


def _statements(by_name: dict[str, Table], *, bookings: bool) -> Iterator[str]:
    if bookings:
        yield from _newer_bookings(by_name)
        yield from (_living_wins(by_name[name]) for name in _APPEND_ONLY)
    yield from (_living_wins(by_name[name]) for name in _EXTERNAL)
    yield _highest_numbers()
    yield from _parents(by_name)
    yield from (_with_their_person(by_name[name], column) for name, column in _COMPANIONS.items())
    yield from _parents(by_name)
    yield from _sessions(by_name)


def _newer_bookings(by_name: dict[str, Table]) -> Iterator[str]:
    for table in by_name.values():
        key = "id" if table.name == _BOOKINGS else "booking_id"
        if table.name in (*_EXTERNAL, *_APPEND_ONLY) or (table.name != _BOOKINGS and key not in table.columns):
            continue
        # A slot is held before the booking's version says so.
        of_whom = "public.bookings" if table.name == _SLOTS_HELD else "ahead"
        of_them = f"{key} IN (SELECT id FROM {of_whom})"  # noqa: S608
        yield f'DELETE FROM {SCHEMA}."{table.name}" WHERE {of_them}'  # noqa: S608 - names of our own tables
        yield _take(table, of_them)
    yield f"DELETE FROM {SCHEMA}.{_SLOTS_USED}"  # noqa: S608
    yield (
        f"INSERT INTO {SCHEMA}.{_SLOTS_USED} (on_date, timeslot_id, used) "  # noqa: S608
        f"SELECT on_date, timeslot_id, count(*) FROM {SCHEMA}.{_SLOTS_HELD} GROUP BY on_date, timeslot_id"
    )


def _living_wins(table: Table) -> str:
    """Rows of both, by primary key; where both have one, the living."""
    listed = columns(table)
    return (
        f"WITH gone AS (DELETE FROM {SCHEMA}.{table.name} AS r USING public.{table.name} AS l "  # noqa: S608
        f"WHERE {_same(table)} RETURNING 1) "
        f"INSERT INTO {SCHEMA}.{table.name} ({listed}) SELECT {listed} FROM public.{table.name} "
        "WHERE (SELECT count(*) FROM gone) >= 0"
    )


def _highest_numbers() -> str:
    """A number that was printed is never given again."""
    return (
        f"INSERT INTO {SCHEMA}.{_COUNTERS} AS r (series, fiscal_year, last) "  # noqa: S608
        f"SELECT series, fiscal_year, last FROM public.{_COUNTERS} "
        "ON CONFLICT (series, fiscal_year) DO UPDATE SET last = greatest(r.last, excluded.last)"
    )


def _parents(by_name: dict[str, Table]) -> Iterator[str]:
    """Rows that kept rows point at and the backup does not have. Children first: parents may have parents."""
    for table in reversed(by_name.values()):
        if table.name in _SESSIONS:
            continue
        for key in table.foreign_keys:
            parent, column = key.column.table, key.column.name
            yield _take(
                parent,
                f"{column} IN (SELECT {key.parent.name} FROM {SCHEMA}.{table.name}) "  # noqa: S608
                f"AND {column} NOT IN (SELECT {column} FROM {SCHEMA}.{parent.name})",
            )


def _with_their_person(table: Table, column: str) -> str:
    return _take(
        table,
        f"{column} IN (SELECT id FROM {SCHEMA}.users) "  # noqa: S608
        f"AND {column} NOT IN (SELECT {column} FROM {SCHEMA}.{table.name})",
    )


def _sessions(by_name: dict[str, Table]) -> Iterator[str]:
    for name in _SESSIONS:
        yield f"DELETE FROM {SCHEMA}.{name}"  # noqa: S608
        known = f"user_id IN (SELECT id FROM {SCHEMA}.users)" if "user_id" in by_name[name].columns else "true"  # noqa: S608
        yield _take(by_name[name], known)


def _take(table: Table, condition: str) -> str:
    listed = columns(table)
    return (
        f'INSERT INTO {SCHEMA}."{table.name}" ({listed}) '  # noqa: S608 - names of our own tables
        f'SELECT {listed} FROM public."{table.name}" WHERE {condition}'
    )


def _same(table: Table) -> str:
    return " AND ".join(f'r."{column.name}" = l."{column.name}"' for column in table.primary_key.columns)
