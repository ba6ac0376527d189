"""Whoever has left since a backup is erased from what it brings back, in both stores, before the restore ends.

The table ``erasures`` says who, and no restore takes a row of it away. Those who left before there was such a table are
told by their row among the live people. In the archive they are erased before it meets the live rows, so that a phone
or a plate that somebody else has by now does not stand in the way; whoever leaves after that is erased in the switch.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.backup import rows
from adapters.postgres.database import search_path
from adapters.postgres.personal_data import erase
from adapters.postgres.schemas import PUBLIC, Schema

_AT_ONCE = 1000
_ALL = text("SELECT kind, person_id, role, documents, erased_at FROM public.erasures")
_GONE = """
    SELECT CAST(:kind AS text) AS kind, u.id AS person_id, r.name AS role, CAST('{{}}' AS text[]) AS documents,
        u.deleted_at AS erased_at
    FROM "{schema}".users AS u JOIN "{schema}".roles AS r ON r.id = u.role_id WHERE u.deleted_at IS NOT NULL
"""
_ADD = text(
    """
    INSERT INTO public.erasures (kind, person_id, role, documents, erased_at)
    VALUES (:kind, :person_id, :role, CAST(:documents AS text[]), :erased_at) ON CONFLICT (kind, person_id) DO NOTHING
    """
)
_BACK = """
    SELECT e.person_id FROM public.erasures AS e JOIN "{schema}".users AS u ON u.id = e.person_id
    WHERE e.kind = :kind AND u.deleted_at IS NULL ORDER BY e.person_id
"""
# A restore of the documents alone holds this, so that nobody leaves between its reading and its renaming.
_HOLD = text("LOCK TABLE public.erasures IN SHARE MODE")


@dataclass(frozen=True, slots=True)
class Erased:
    """Who has left the kind whose people stand in ``schema``, and which documents were deleted with them."""

    schema: str
    people: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)


async def erase_in_archive(live: AsyncEngine, archive: AsyncEngine, schemas: Sequence[Schema]) -> None:
    """Tell the unpacked archive who has left, and erase them there."""
    async with live.connect() as connection:
        known = [dict(row) for row in (await connection.execute(_ALL)).mappings()]
        for schema in _with_people(schemas):
            gone = await connection.execute(text(_GONE.format(schema=schema.name)), {"kind": schema.kind})
            known += [dict(row) for row in gone.mappings()]
    async with archive.begin() as connection:
        for start in range(0, len(known), _AT_ONCE):
            await connection.execute(_ADD, known[start : start + _AT_ONCE])
        await erase_again(connection, schemas)


async def erase_again(connection: AsyncConnection, schemas: Sequence[Schema]) -> None:
    """Erase everybody who has left and is back."""
    for schema in _with_people(schemas):
        back = await connection.execute(text(_BACK.format(schema=schema.name)), {"kind": schema.kind})
        if people := [row.person_id for row in back]:
            await connection.execute(text(f"SET LOCAL search_path = {search_path(schema.name)}"))
            await erase(connection, schema.kind, schema.personal_data, people)
            await connection.execute(text(f"SET LOCAL search_path = {search_path(PUBLIC)}"))


async def all_who_left(connection: AsyncConnection, schemas: Sequence[Schema]) -> list[Erased]:
    """Everybody who has ever left, by schema."""
    found = {schema.kind: Erased(schema.name) for schema in _with_people(schemas)}
    for row in await connection.execute(_ALL):
        if row.kind in found:
            found[row.kind].people.append(row.person_id)
            found[row.kind].documents.extend(row.documents)
    return list(found.values())


@asynccontextmanager
async def nobody_leaves(postgresql_url: str, schemas: Sequence[Schema]) -> AsyncIterator[list[Erased]]:
    """Everybody who has left; as long as the block lasts, nobody else does."""
    engine = rows.engine(postgresql_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(_HOLD)
            yield await all_who_left(connection, schemas)
    finally:
        await engine.dispose()


def _with_people(schemas: Sequence[Schema]) -> list[Schema]:
    return [schema for schema in schemas if schema.kind]
