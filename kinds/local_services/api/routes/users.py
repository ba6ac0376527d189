"""People of local services: oneself, and others as far as one may see them."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Path, Request, Response, UploadFile

from adapters.postgres.uploads import name_pictures
from api.dependencies import Auth, CurrentUser, OpenResources, ReadConnection, requires
from api.http.rate_limits import count_request
from api.people.accounts import PeopleOfRole, people_of
from api.people.changes import Changes
from api.people.export import CurrentPassword, export, must_be_allowed
from api.people.leaving import Leaving
from api.pictures import kept_picture
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.people_answers import PersonalDataAnswer
from domain.errors import NotFound, TooMany
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.api.profile_changes import change_oneself
from kinds.local_services.api.schemas.people import ProfileChange
from kinds.local_services.api.schemas.people_answers import AvatarAnswer, PersonAnswer, PublicPerson
from kinds.local_services.domain.roles import ROLES, Role
from kinds.local_services.postgres import people, profiles

router = APIRouter(prefix="/users", tags=["users"])

_MINUTE = timedelta(minutes=1)
PersonId = Annotated[str, Path(pattern="^(USR|ADM)[0-9]{6,12}$", examples=["USR000123"])]
Reader = Annotated[CurrentUser, requires("READ:USERS")]
Changer = Annotated[CurrentUser, requires("UPDATE:USERS")]


@router.get("/me", response_model=PersonAnswer, summary="Oneself")
async def oneself(person: Reader, connection: ReadConnection) -> Response:
    return reply(await people.oneself(connection, person.id))


@router.patch("/me", response_model=PersonAnswer, summary="Change oneself")
async def change(person: Changer, changes: Changes, body: ProfileChange) -> Response:
    """Absent stays. `skills` and `certifications` are replaced whole; a certificate that stays as it was stays
    verified. A GSTIN says the State. Another mail address asks for `current_password` of who has one, and is to be
    confirmed anew.

    `role`: a seeker becomes a provider with it, for good; the same token is a provider's at once.
    """
    return reply(await change_oneself(changes, person, _role_of(person), body))


@router.delete("/me", response_model=Message, summary="Leave: what was personal goes, bookings stay")
async def leave(
    person: Annotated[CurrentUser, requires("DELETE:USERS")], leaving: Leaving, request: Request
) -> Response:
    """409 while a booking is open or a payout is not made. Every session ends; phone and mail address are free."""
    await leaving.erase(request.app.state.storage, _role_of(person).role, person.id)
    return done("the account was removed")


@router.post("/me/avatar", response_model=AvatarAnswer, summary="The picture that one is shown with")
async def avatar(
    person: Changer,
    opened: OpenResources,
    auth: Auth,
    policy: PolicyNow,
    file: Annotated[UploadFile, File(description="The picture, as it is")],
) -> Response:
    """As `POST /utils/images` takes it."""
    if await count_request(opened, f"pictures of {person.id}", _MINUTE) > policy.uploads_per_minute:
        raise TooMany("too many pictures; wait a minute", retry_after=60)
    name = await kept_picture(opened, person.id, file)
    path = f"/uploads/{name}"
    async with auth.writing() as connection:
        await name_pictures(connection, [name])
        await profiles.change_photo(connection, person.id, path)
    return reply({"avatar_url": path})


@router.get("/me/export", response_model=PersonalDataAnswer, summary="Everything that is held of oneself")
async def exported(
    person: Reader, request: Request, opened: OpenResources, current_password: CurrentPassword = None
) -> Response:
    """Needs `X-Current-Password`, else 400 `PasswordNeeded`."""
    await must_be_allowed(opened, request, person, person.id, current_password)
    return await export(opened, request.app.state.storage, person.id)


@router.get("/{user_id}", response_model=PublicPerson, summary="Somebody, as far as one may see them")
async def somebody(person: Reader, request: Request, connection: ReadConnection, user_id: PersonId) -> Response:
    """Strangers see one letter of the last name. Of the other party of a booking that is paid one sees the whole name
    and the phone, until 30 days after it closes; admins see all."""
    if person.role == Role.ADMIN:
        found = await people.seen_by_admin(connection, user_id) or await people.oneself(connection, user_id)
        return reply(_there(found, user_id))
    shown = _there((await people.public_people(connection, [user_id])).get(user_id), user_id)
    kind = request.app.state.kind.name
    if person.id == user_id or await people.know_each_other(connection, kind, person.id, user_id):
        whole = _there(await people.oneself(connection, user_id), user_id)
        shown |= {"last_name": whole["last_name"], "phone": whole["phone"]}
    return reply(shown)


def _there(found: people.Json | None, user_id: str) -> people.Json:
    if found is None:
        raise NotFound(f"there is no person {user_id}")
    return found


def _role_of(person: CurrentUser) -> PeopleOfRole:
    return people_of(next(each for each in ROLES if each.name == person.role))
