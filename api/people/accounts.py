"""What the routes of people share, whatever their role: searching, reading, adding and inviting them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.mail_addresses import mail_address
from adapters.postgres.kind import KindStorage
from adapters.postgres.listings import Listing
from adapters.postgres.people import users
from adapters.postgres.statements import Json, one
from adapters.resources import Resources
from api.dependencies import CurrentUser
from api.people.invitations import invite
from api.schemas.people import NewPerson
from domain.accounts import AccountAct
from domain.errors import Invalid, NotFound, NotYours
from domain.people import Role, RoleSpec
from domain.phones import phone_part
from domain.texts import composed


@dataclass(frozen=True, slots=True)
class PeopleOfRole:
    """How people of a role are read: their list, oldest first, and its parameters for everybody."""

    role: RoleSpec
    listing: Listing
    everybody: Mapping[str, Any]


def people_of(role: RoleSpec) -> PeopleOfRole:
    """Those of whom no more is known than of anybody."""
    return PeopleOfRole(role, users.people_of(role), users.SEARCH)


def id_pattern(role: RoleSpec) -> str:
    """What ids of people of a role look like."""
    return f"^{role.prefix}[0-9]{{6,12}}$"


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of people is narrowed to, and its order."""

    q: str | None
    newest: bool

    def ordered(self, people: PeopleOfRole) -> Listing:
        """Those people in the order that is wanted."""
        return people.listing.reversed() if self.newest else people.listing


async def search(
    q: Annotated[str | None, Query(max_length=200, description="A part of name, phone or mail address")] = None,
    order: Annotated[Literal["oldest", "newest"], Query(description="By registration")] = "oldest",
) -> Search:
    """The search, from the query."""
    return Search(q and searched_text(q), order == "newest")


def searched_text(q: str) -> str:
    """What to look for in rows: a phone, a part of one and a mail address in the form in which they are kept."""
    if "@" not in q:
        return phone_part(composed(q))
    try:
        return mail_address(q)
    except Invalid:
        return composed(q)


Searched = Annotated[Search, Depends(search)]


def must_be_themselves(person: CurrentUser, person_id: str) -> None:
    """People see and change themselves; admins anybody. Decided without a look-up.

    Raises:
        NotYours: it is somebody else.
    """
    if person.role != Role.ADMIN and person.id != person_id:
        raise NotYours("this is somebody else's")


async def row_of(connection: AsyncConnection, people: PeopleOfRole, person_id: str) -> Json:
    """Somebody as a row of their list.

    Raises:
        NotFound: there is nobody of that id and role (any more).
    """
    found = await one(connection, people.listing.rows, **{**people.everybody, "id": person_id})
    if found is None:
        raise NotFound(f"there is no {people.role.name} {person_id}")
    return found


def recording(storage: KindStorage[Any], act: str, actor: str) -> Callable[[AsyncConnection, str], Awaitable[None]]:
    """Keep that ``actor`` has done this to a person."""

    async def record(connection: AsyncConnection, person_id: str) -> None:
        await storage.record_act(connection, AccountAct(act, actor, person_id))

    return record


async def add_account(
    opened: Resources,
    kind: str,
    people: PeopleOfRole,
    body: NewPerson,
    password: str | None,
    more: Callable[[AsyncConnection, str], Awaitable[None]] | None = None,
) -> Json:
    """Add a person of this kind; answers their row. ``more`` writes what belongs to the role, in the same transaction.

    Without a password they are invited to choose one, last of all and before the commit: where no invitation can
    leave, nobody is made who could not get in.
    """
    password_hash = await opened.passwords.hash(password) if password else None
    async with opened.database.write.begin() as connection:
        person_id = await users.add_person(connection, people.role, body.columns(), password_hash)
        if more is not None:
            await more(connection, person_id)
        made = await row_of(connection, people, person_id)
        if password is None:
            await invite(opened, kind, person_id)
    return made
