"""Mechanics as people with qualifications: searched, hired and changed. What they may do is the admin's decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.listings import Listing
from adapters.postgres.statements import Json
from adapters.resources import Resources
from api.dependencies import CurrentUser
from api.people.accounts import PeopleOfRole, Searched, add_account, must_be_themselves
from api.people.changes import AccountChanges
from api.schemas.fields import LARGEST_ID
from domain.errors import NotAllowed
from kinds.vehicle_service.api.people import MECHANICS
from kinds.vehicle_service.api.schemas.mechanics import MechanicChange, NewMechanic
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.roles import Role, must_be_of_working_age
from kinds.vehicle_service.postgres.mechanics import (
    MECHANIC_SEARCH,
    add_mechanic,
    change_mechanic,
    set_categories,
)

_SEEN_BY_CUSTOMERS = ("id", "name", "photo")


@dataclass(frozen=True, slots=True)
class MechanicSearch:
    """What the list of mechanics is narrowed to, and its order."""

    wanted: dict[str, Any]
    ordered: Callable[[PeopleOfRole], Listing]

    def by(self, person: CurrentUser) -> dict[str, Any]:
        """As far as that person may see: a customer finds names only, a mechanic themselves."""
        if person.role == Role.CUSTOMER:
            names = ("id", "q")
            return {**MECHANIC_SEARCH, **{name: self.wanted[name] for name in names}, "names_only": True}
        own = {"id": person.id} if person.role == Role.MECHANIC else {}
        return {**MECHANIC_SEARCH, **self.wanted, **own}


async def mechanic_search(
    searched: Searched,
    mechanic_id: Annotated[str | None, Query(pattern=r"^MEC[0-9]{6,12}$")] = None,
    pickup_drop: Annotated[bool | None, Query(description="Fetches and brings cars, or does not")] = None,
    analysis: Annotated[bool | None, Query(description="Analyses, or does not")] = None,
    category_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="Works on that category")] = None,
) -> MechanicSearch:
    """The search, from the query."""
    wanted = {"id": mechanic_id, "q": searched.q, "pickup_drop": pickup_drop, "analysis": analysis}
    return MechanicSearch({**wanted, "category_id": category_id}, searched.ordered)


MechanicsSearched = Annotated[MechanicSearch, Depends(mechanic_search)]


def as_seen_by(person: CurrentUser, row: Json) -> Json:
    """A mechanic's row; customers see a name and a photo."""
    return {name: row[name] for name in _SEEN_BY_CUSTOMERS} if person.role == Role.CUSTOMER else row


async def add(opened: Resources, body: NewMechanic) -> Json:
    """A new mechanic.

    Raises:
        Invalid: too young or too old.
        NotFound: there is no such category.
        Duplicate: somebody has that phone or mail address.
    """
    must_be_of_working_age(body.dob, _today(opened))

    async def qualify(connection: AsyncConnection, mechanic_id: str) -> None:
        flags = {"pickup_drop": body.pickup_drop, "analysis": body.analysis}
        await add_mechanic(connection, mechanic_id, dob=body.dob, **flags)
        await set_categories(connection, mechanic_id, body.service_categories)

    return await add_account(opened, VEHICLE_SERVICE.name, MECHANICS, body, body.password, qualify)


async def change(changes: AccountChanges, person: CurrentUser, mechanic_id: str, body: MechanicChange) -> Json:
    """Change what is given; mechanics change their own name and date of birth.

    Raises:
        NotYours: a mechanic means somebody else.
        NotAllowed: a mechanic means what is the admin's; ignoring it would look like success.
        NotFound, Duplicate, Invalid: as when hiring.
    """
    must_be_themselves(person, mechanic_id)
    if person.role != Role.ADMIN and body.reserved:
        raise NotAllowed(f"only an admin changes {', '.join(body.reserved)}")
    if body.dob is not None:
        must_be_of_working_age(body.dob, _today(changes.opened))

    async def qualify(connection: AsyncConnection) -> None:
        await change_mechanic(connection, mechanic_id, body.columns())
        if body.service_categories is not None:
            await set_categories(connection, mechanic_id, body.service_categories)

    return await changes.make(person, MECHANICS, mechanic_id, body, qualify)


def _today(opened: Resources) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(opened.settings.company.shop_timezone)).date()
