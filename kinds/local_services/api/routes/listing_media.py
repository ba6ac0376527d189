"""Pictures of listings."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Path, Response, UploadFile

from adapters.postgres.uploads import name_pictures
from api.dependencies import CurrentUser, OpenResources, WriteTransaction, requires
from api.http.rate_limits import count_request
from api.pictures import kept_picture
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.fields import LARGEST_ID
from domain.errors import TooMany
from kinds.local_services.api.listings import must_be_theirs
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.routes.services import ListingId
from kinds.local_services.api.schemas.listing_answers import MediumAnswer
from kinds.local_services.postgres import listings as rows

router = APIRouter(prefix="/services/listings/{listing_id}/media", tags=["services"])

LARGEST_BODY = 15_500_000
"""A picture with what a form has around it."""
_MINUTE = timedelta(minutes=1)
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
MediumId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Writer = Annotated[CurrentUser, requires("UPDATE:LISTINGS")]


@router.post("", status_code=201, response_model=MediumAnswer, summary="Add a picture to a listing")
async def add_medium(
    person: Writer,
    opened: OpenResources,
    policy: PolicyNow,
    listing_id: ListingId,
    file: Annotated[UploadFile, File(description="The picture, as it is")],
) -> Response:
    """JPEG, PNG, WebP or AVIF up to 15 MB, kept as every upload is; a listing has at most 10."""
    owner = must_be_theirs(person)
    async with opened.database.write.begin() as connection:
        await rows.hold_listing(connection, listing_id, owner)
        await rows.must_have_room(connection, listing_id)
    if await count_request(opened, f"uploads a minute {person.id}", _MINUTE) > policy.uploads_per_minute:
        raise TooMany("you have sent many pictures; try again in a minute", retry_after=60)
    name = await kept_picture(opened, person.id, file)
    async with opened.database.write.begin() as connection:
        await rows.hold_listing(connection, listing_id, owner)
        medium = await rows.add_medium(connection, listing_id, f"/uploads/{name}", _TYPES[name.rpartition(".")[2]])
        await name_pictures(connection, [name])
    return reply(medium, 201)


@router.delete("/{medium_id}", response_model=Message, summary="Take a picture off a listing")
async def remove_medium(
    person: Writer, connection: WriteTransaction, listing_id: ListingId, medium_id: MediumId
) -> Response:
    await rows.hold_listing(connection, listing_id, must_be_theirs(person))
    await rows.remove_medium(connection, listing_id, medium_id)
    return done("the picture was removed")
