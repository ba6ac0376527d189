"""Pictures that a request brings, and those that it names: these are kept from then on."""

import asyncio
from collections.abc import Collection
from pathlib import Path

from fastapi import Request, UploadFile
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.images.formats import look_at
from adapters.images.uploads import Uploads, new_name
from adapters.postgres.upload_quota import count_upload
from adapters.postgres.uploads import add_upload, keep_another_day, name_pictures, pictures_in
from adapters.resources import Resources
from domain.errors import Invalid, TooLarge

LARGEST = 15_000_000


async def kept_picture(opened: Resources, person: str, file: UploadFile) -> str:
    """Store a picture as ``api.routes.images`` says and answer its name; until something names it, for a day.

    Raises:
        TooLarge: it has more than 15 MB.
        UnsupportedMediaType, UnreadableImage: it is no picture that we take.
        TooMany: the person has uploaded too much today.
        Unavailable: there is no room for it at the moment.
    """
    web = opened.settings.web
    uploads, content = Uploads(web.uploads), await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLarge(f"a picture has at most {LARGEST // 10**6} MB")
    picture = await asyncio.to_thread(look_at, content)
    await asyncio.to_thread(uploads.must_have_room, len(content), web.uploads_free_bytes)
    await count_upload(opened.database, person, len(content), web.upload_bytes_per_day)
    found = await opened.images.decoded(content, picture)
    if (more := len(found.content) - len(content)) > 0:
        await count_upload(opened.database, person, more, web.upload_bytes_per_day)
    name = new_name(found.ending)
    await add_upload(opened.database, name)
    await asyncio.to_thread(uploads.keep, found.content, name)
    return name


async def name_in_transaction(request: Request, connection: AsyncConnection, folder: Path) -> None:
    """The transaction of a request names the pictures that its body names.

    Raises:
        Invalid: one of them is not there any more.
    """
    await name_pictures_in(await _said(request), connection, folder)


async def name_pictures_in(said: str, connection: AsyncConnection, folder: Path) -> None:
    """A transaction that belongs to no request names the pictures that a text names.

    Raises:
        Invalid: one of them is not there any more.
    """
    if names := pictures_in(said):
        await _must_be_there(await name_pictures(connection, names), folder)


async def keep_for_command(request: Request, opened: Resources) -> None:
    """A command names pictures in rows that are written a moment later, by a worker: until then they stay.

    Raises:
        Invalid: one of them is not there any more.
    """
    if names := pictures_in(await _said(request)):
        async with opened.database.read.connect() as connection:
            unknown = await keep_another_day(connection, names)
        await _must_be_there(unknown, opened.settings.web.uploads)


async def _said(request: Request) -> str:
    if "json" not in request.headers.get("content-type", ""):
        return ""
    return (await request.body()).decode(errors="replace")


async def _must_be_there(unknown: Collection[str], folder: Path) -> None:
    """Those without a row may be older than the table: their files tell."""
    for name in unknown:
        if not await asyncio.to_thread(Uploads(folder).has, name):
            raise Invalid(f"the picture {name} is not there any more: upload it again")
