"""People who leave: what is held of them goes in both stores, or in none."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends

from adapters.auth.authenticator import Authenticator
from adapters.postgres.kind import KindStorage
from adapters.postgres.people.anonymisation import address_of, anonymise
from adapters.resources import Resources
from api.dependencies import Auth, OpenResources
from domain.people import RoleSpec


@dataclass(frozen=True, slots=True)
class PeopleLeaving:
    """Erases people from the stores of one process."""

    opened: Resources
    auth: Authenticator

    async def erase(self, storage: KindStorage[Any], role: RoleSpec, person_id: str) -> None:
        """Erase a person of this role; the block of ``auth.writing`` ends when no process knows them any more.

        Their documents go last and before the commit: while MongoDB is away nobody leaves by half.

        Raises:
            NotFound: there is nobody of that id and role (any more).
            InUse: something of theirs is open, or it is the last admin.
        """
        async with self.auth.writing() as connection:
            documents = await self.opened.mongo.personal.of(person_id, await address_of(connection, person_id))
            await anonymise(connection, storage, role, person_id, documents)
            await self.opened.mongo.personal.remove(documents)


async def _people_leaving(opened: OpenResources, auth: Auth) -> PeopleLeaving:
    return PeopleLeaving(opened, auth)


Leaving = Annotated[PeopleLeaving, Depends(_people_leaving)]
