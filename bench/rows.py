"""Changes of rows between two rounds: what a benchmark does to a stack that its API has no route for."""

from collections.abc import Sequence

import asyncpg  # type: ignore[import-untyped]

from bench.stacks import Info
from kinds.vehicle_service.postgres.storage import STORAGE

_PHOTOS = f"UPDATE {STORAGE.schema}.users SET photo = '/' || gen_random_uuid() WHERE id = ANY($1::text[])"  # noqa: S608


async def change_photos(info: Info, people: Sequence[str]) -> None:
    """Other pictures of these people: whatever shows them is no longer as it was."""
    connection = await asyncpg.connect(info["postgres"])
    try:
        await connection.execute(_PHOTOS, list(people))
    finally:
        await connection.close()
