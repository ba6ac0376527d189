"""What a restore does not rewind, merged into the staged rows, schema by schema.

* Bookings. Their workflows are ahead of any backup and go on; per booking the newer version stands, with its money,
  documents and reservations, and with the people and things that it names. The ledger only grows.
* Sessions. A token that was revoked stays revoked, one that was rotated stays rotated.
* Second factors, of whoever has one now: no code is good a second time.
* E-mails and pushes that wait: what waited at the time of the backup has been sent since, or still waits.
* What others have seen: e-mails, numbers of documents, responses stored under a key, webhook messages,
  pictures, settlements, closed months; where payees are paid out.
* What the shop has paused, or has not: that of now.
* Who has left: they are erased again (``adapters.backup.erasing``).
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.backup.rows import columns, kept
from adapters.backup.staging import SCHEMA, staged
from adapters.postgres.schemas import PUBLIC, Place, Schema

_BOOKINGS, _USERS, _OUTBOX, _PUSHES = "bookings", "users", "outbox", "push_outbox"
_EXTERNAL = (
    "revoked_tokens",
    "idempotency_keys",
    "webhook_inbox",
    "notifications",
    "notification_logs",
    "reconciliations",
    "settlements",
    "settlement_items",
    "book_closings",
    "erasures",
    "uploads",
    "payout_accounts",
)
_APPEND_ONLY = ("ledger_entries", "documents")
"""Money that moved and documents that were issued, also those that their booking's row does not show yet."""
_SESSIONS = ("sessions", "refresh_tokens", "login_attempts")
_FACTORS = "second_factors"
_PAUSES = "pauses"

_AHEAD = f"""
    CREATE TEMPORARY TABLE ahead ON COMMIT DROP AS
    SELECT l.id FROM public.bookings AS l LEFT JOIN {SCHEMA}.bookings AS r ON r.id = l.id
    WHERE r.id IS NULL OR l.version > r.version
"""  # noqa: S608 - a constant of ours


async def ahead(connection: AsyncConnection) -> list[int]:
    """The bookings that have moved on since the backup; other statements here use the table that this makes."""
    await connection.execute(text(_AHEAD))
    return [row.id for row in await connection.execute(text("SELECT id FROM ahead ORDER BY id"))]


async def merge(connection: AsyncConnection, schemas: Sequence[Schema], *, bookings: bool) -> None:
    """Merge what stays into the staged rows. The caller holds the locks; no live table is changed."""
    for statement in _statements(schemas, bookings=bookings):
        await connection.execute(text(statement))


def _statements(schemas: Sequence[Schema], *, bookings: bool) -> Iterator[str]:
    every = kept(schemas)
    if bookings:
        for schema in schemas:
            yield from _newer_bookings(schema)
        yield from (_live_wins(place) for place in every if place.table.name in _APPEND_ONLY)
    yield from (statement for place in every if place.table.name == _OUTBOX for statement in _outbox(place))
    yield from (statement for place in every if place.table.name == _PUSHES for statement in _pushes(place))
    yield from (_live_wins(place) for place in every if place.table.name in _EXTERNAL)
    for schema in schemas:
        yield from (_live_wins(place) for place in kept([schema]) if place.table.name in schema.restoring.external)
    yield from (statement for place in every if place.table.name == _PAUSES for statement in _of_now(place))
    yield _highest_numbers()
    yield from _parents(every)
    for schema in schemas:
        yield from _with_their_person(schema)
    yield from _parents(every)
    yield from (statement for place in every if place.table.name in _SESSIONS for statement in _sessions(place))
    yield from (_live_wins(place, _of_somebody(place)) for place in every if place.table.name == _FACTORS)


def _newer_bookings(schema: Schema) -> Iterator[str]:
    places = {place.table.name: place for place in kept([schema])}
    for name, place in places.items():
        key = "id" if name == _BOOKINGS else "booking_id"
        stays = (*_EXTERNAL, *schema.restoring.external, *_APPEND_ONLY, _OUTBOX, _PUSHES)
        if name in stays or (name != _BOOKINGS and key not in place.table.columns):
            continue
        of_whom = "public.bookings" if name in schema.restoring.early else "ahead"
        of_them = f"{key} IN (SELECT id FROM {of_whom})"  # noqa: S608
        yield f"DELETE FROM {staged(place)} WHERE {of_them}"  # noqa: S608 - names of our own tables
        yield _take(place, of_them)
    for name, query in schema.restoring.derived.items():
        counted = query.format(**{each: staged(place) for each, place in places.items()})
        listed = columns(places[name].table)
        yield f"DELETE FROM {staged(places[name])}"  # noqa: S608
        yield f"INSERT INTO {staged(places[name])} ({listed}) SELECT {listed} FROM ({counted}) AS counted"  # noqa: S608


def _outbox(place: Place) -> Iterator[str]:
    """Into a database without these bookings, as after a loss, the e-mails come with them."""
    yield f"DELETE FROM {staged(place)} WHERE booking_id IN (SELECT id FROM public.bookings)"  # noqa: S608
    yield _take(place, f"booking_id IN (SELECT id FROM {SCHEMA}.bookings)")  # noqa: S608


def _pushes(place: Place) -> Iterator[str]:
    yield f"DELETE FROM {staged(place)}"  # noqa: S608
    yield _take(place, f"booking_id IS NULL OR booking_id IN (SELECT id FROM {SCHEMA}.bookings)")  # noqa: S608


def _live_wins(place: Place, condition: str = "true") -> str:
    """Rows of both, by primary key; where both have one, the live one. ``condition``: which live ones."""
    listed = columns(place.table)
    return (
        f"WITH gone AS (DELETE FROM {staged(place)} AS r USING {place.sql} AS l "  # noqa: S608
        f"WHERE {_same(place)} RETURNING 1) "
        f"INSERT INTO {staged(place)} ({listed}) SELECT {listed} FROM {place.sql} "
        f"WHERE (SELECT count(*) FROM gone) >= 0 AND {condition}"
    )


def _highest_numbers() -> str:
    """A number that was printed is never given again."""
    return (
        f"INSERT INTO {SCHEMA}.document_counters AS r (series, fiscal_year, last) "  # noqa: S608
        "SELECT series, fiscal_year, last FROM public.document_counters "
        "ON CONFLICT (series, fiscal_year) DO UPDATE SET last = greatest(r.last, excluded.last)"
    )


def _parents(every: Sequence[Place]) -> Iterator[str]:
    """Rows that kept rows point at and the backup does not have. Children first: parents may have parents."""
    by_name = {(place.schema, place.table.name): place for place in every}
    for place in reversed(every):
        if place.table.name in _SESSIONS:
            continue
        for key in place.table.foreign_keys:
            name, column = key.column.table.name, key.column.name
            # A key leads to a table beside it, or to the engine's.
            parent = by_name.get((place.schema, name)) or by_name[PUBLIC, name]
            yield _take(
                parent,
                f"{column} IN (SELECT {key.parent.name} FROM {staged(place)}) "  # noqa: S608
                f"AND {column} NOT IN (SELECT {column} FROM {staged(parent)})",
            )


def _with_their_person(schema: Schema) -> Iterator[str]:
    places = {place.table.name: place for place in kept([schema])}
    for name, column in schema.restoring.companions.items():
        yield _take(
            places[name],
            f"{column} IN (SELECT id FROM {staged(places[_USERS])}) "  # noqa: S608
            f"AND {column} NOT IN (SELECT {column} FROM {staged(places[name])})",
        )


def _of_now(place: Place) -> Iterator[str]:
    yield f"DELETE FROM {staged(place)}"  # noqa: S608
    yield _take(place, "true")


def _sessions(place: Place) -> Iterator[str]:
    yield f"DELETE FROM {staged(place)}"  # noqa: S608
    yield _take(place, _of_somebody(place) if "user_id" in place.table.columns else "true")


def _of_somebody(place: Place) -> str:
    """Whose person is there after the restore."""
    users = staged(Place(place.schema, place.table.metadata.tables[_USERS]))
    return f"user_id IN (SELECT id FROM {users})"  # noqa: S608


def _take(place: Place, condition: str) -> str:
    listed = columns(place.table)
    return (
        f"INSERT INTO {staged(place)} ({listed}) "  # noqa: S608 - names of our own tables
        f"SELECT {listed} FROM {place.sql} WHERE {condition}"
    )


def _same(place: Place) -> str:
    return " AND ".join(f'r."{column.name}" = l."{column.name}"' for column in place.table.primary_key.columns)
