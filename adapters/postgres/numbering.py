"""Ids: person ids from their sequences, and sequences that go on after rows which brought ids of their own."""

from typing import Any

from sqlalchemy import ColumnElement, TextClause, literal_column, text

from adapters.postgres.database import Database
from domain.people import RoleSpec


def sequence_of(role: RoleSpec) -> str:
    """The sequence of a role's ids; roles with one prefix share it."""
    return f"{role.prefix.lower()}_numbers"


def next_person_id(role: RoleSpec) -> ColumnElement[Any]:
    """``CST000001`` and so on; a seventh digit appears when it is needed (``lpad`` to six alone would cut it off)."""
    return literal_column(
        f"(SELECT '{role.prefix}' || lpad(n, greatest(6, length(n)), '0')"  # noqa: S608 - two constants of ours
        f" FROM (SELECT nextval('{sequence_of(role)}')::text AS n) AS numbers)"
    )


def continue_rows(table: str) -> TextClause:
    """Let the identity column of ``table`` go on after its greatest id, never back."""
    return _continue(f"{table}_id_seq", f"SELECT max(id) FROM {table}")  # noqa: S608 - a table of ours


def continue_people(role: RoleSpec) -> TextClause:
    """Let the ids of a role's people go on after the greatest, never back."""
    greatest = f"SELECT max(substr(id, 4)::bigint) FROM users WHERE id LIKE '{role.prefix}%'"  # noqa: S608 - ours
    return _continue(sequence_of(role), greatest)


def _continue(sequence: str, greatest: str) -> TextClause:
    # The outer WHERE leaves the sequence of an empty table alone: setval(.., 1) would skip the first id.
    return text(
        f"SELECT setval('{sequence}', greatest(top, (SELECT last_value FROM {sequence})))"  # noqa: S608 - ours
        f" FROM ({greatest}) AS found(top) WHERE top IS NOT NULL"
    )


async def next_booking_id(database: Database) -> int:
    """A number for a booking that no request has reserved yet."""
    async with database.read.connect() as connection:
        return int((await connection.execute(text("SELECT nextval('booking_ids')"))).scalar_one())
