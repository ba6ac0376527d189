"""What the routes of customers, mechanics and admins share: ids, searches, and making, changing and removing people."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.lists import Json, one
from adapters.postgres.people.users import SEARCH, add_person, people_of
from adapters.resources import Resources
from api.dependencies import CurrentUser
from api.people.invitations import invite
from api.schemas.persons import NewPerson
from domain.errors import NotFound, NotYours
from domain.people import Role

CustomerId = Annotated[str, Path(pattern=r"^CST[0-9]{6,12}$", examples=["CST000210"])]
MechanicId = Annotated[str, Path(pattern=r"^MEC[0-9]{6,12}$", examples=["MEC000034"])]
AdminId = Annotated[str, Path(pattern=r"^ADM[0-9]{6,12}$", examples=["ADM000012"])]
OfCustomer = Annotated[str | None, Query(pattern=r"^CST[0-9]{6,12}$", description="For admins: of this customer")]

PeopleQuery = tuple[str, dict[str, Any]]
"""The rows of a list of people, and the parameters that leave it as it is."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of people is narrowed to, and its order."""

    q: str | None
    newest: bool


async def search(
    q: Annotated[str | None, Query(max_length=200, description="A part of name, phone or mail address")] = None,
    order: Annotated[Literal["oldest", "newest"], Query(description="By registration")] = "oldest",
) -> Search:
    """The search, from the query."""
    return Search(q, order == "newest")


Searched = Annotated[Search, Depends(search)]


def must_be_themselves(person: CurrentUser, person_id: str) -> None:
    """People see and change themselves; admins anybody. Decided without a look-up.

    Raises:
        NotYours: it is somebody else.
    """
    if person.role != Role.ADMIN and person.id != person_id:
        raise NotYours("this is somebody else's")


async def row_of(connection: AsyncConnection, role: Role, person_id: str, query: PeopleQuery | None = None) -> Json:
    """Somebody as a row of their list; ``query``: that list where the role has one of its own.

    Raises:
        NotFound: there is nobody of that id and role (any more).
    """
    rows, filters = query or (people_of(role), SEARCH)
    found = await one(connection, rows, **{**filters, "id": person_id})
    if found is None:
        raise NotFound(f"there is no {role} {person_id}")
    return found


async def make(
    opened: Resources,
    role: Role,
    body: NewPerson,
    password: str | None,
    more: Callable[[AsyncConnection, str], Awaitable[None]] | None = None,
    query: PeopleQuery | None = None,
) -> Json:
    """Add a person; answers their row. ``more`` writes what belongs to the role, in the same transaction.

    Without a password they are invited to choose one, last of all and before the commit: where no invitation can
    leave, nobody is made who could not get in.
    """
    password_hash = await opened.passwords.hash(password) if password else None
    async with opened.database.write.begin() as connection:
        person_id = await add_person(connection, role, body.columns(), password_hash)
        if more is not None:
            await more(connection, person_id)
        made = await row_of(connection, role, person_id, query)
        if password is None:
            await invite(opened, person_id, made["name"], made["email"])
    return made
