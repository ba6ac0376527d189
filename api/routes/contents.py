"""Texts of the app that admins change."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response

from adapters.postgres.uploads import name_pictures, pictures_in
from api.dependencies import CurrentUser, OpenResources, requires
from api.lists import WantedPage, Words
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.contents import ContentAnswer, ContentChange
from domain.errors import NotFound

router = APIRouter(prefix="/content", tags=["content"])

ContentId = Annotated[str, Path(max_length=100, examples=["home_banner"])]


@router.get("/", response_model=list[ContentAnswer], summary="Every text, by name")
async def listed(opened: OpenResources, wanted: WantedPage) -> Response:
    part = wanted.part(Words)
    found, told = await opened.mongo.content.page(part)
    return wanted.rows([asdict(entry) for entry in found], told.total, told.last, part)


@router.get("/{content_id}", response_model=ContentAnswer, summary="One text")
async def entry(content_id: ContentId, opened: OpenResources) -> Response:
    found = await opened.mongo.content.one(content_id)
    if found is None:
        raise NotFound(f"there is no content {content_id}")
    return reply(asdict(found))


@router.put("/", response_model=Message, summary="Change or add texts; those that are not named stay")
async def change(
    body: ContentChange, person: Annotated[CurrentUser, requires("UPDATE:CONTENT")], opened: OpenResources
) -> Response:
    async with opened.database.write.begin() as connection:
        await name_pictures(connection, pictures_in(" ".join(body.root.values())))
    await opened.mongo.content.change(body.root, person.id, datetime.now(UTC))
    return done(f"{len(body.root)} of the texts are as you wrote them")
