"""Pictures that a request names: they are kept from then on."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.images.uploads import Uploads
from adapters.postgres.uploads import keep_another_day, name_pictures, pictures_in
from adapters.resources import Resources
from domain.errors import Invalid


async def name_in_transaction(request: Request, connection: AsyncConnection, folder: Path) -> None:
    """The transaction of a request names the pictures that its body names.

    Raises:
        Invalid: one of them is not there any more.
    """
    if names := await _named(request):
        await _must_be_there(await name_pictures(connection, names), folder)


async def keep_for_command(request: Request, opened: Resources) -> None:
    """A command names pictures in rows that are written a moment later, by a worker: until then they stay.

    Raises:
        Invalid: one of them is not there any more.
    """
    if names := await _named(request):
        async with opened.database.read.connect() as connection:
            unknown = await keep_another_day(connection, names)
        await _must_be_there(unknown, opened.settings.web.uploads)


async def _named(request: Request) -> list[str]:
    if "json" not in request.headers.get("content-type", ""):
        return []
    return pictures_in((await request.body()).decode(errors="replace"))


async def _must_be_there(unknown: Collection[str], folder: Path) -> None:
    """Those without a row may be older than the table: their files tell."""
    for name in unknown:
        if not await asyncio.to_thread(Uploads(folder).has, name):
            raise Invalid(f"the picture {name} is not there any more: upload it again")
