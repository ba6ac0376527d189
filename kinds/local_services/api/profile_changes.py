"""Changes of one's own profile."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.dependencies import CurrentUser
from api.people.accounts import PeopleOfRole
from api.people.changes import AccountChanges
from domain.errors import RoleRequired
from kinds.local_services.api.schemas.people import ProfileChange
from kinds.local_services.domain.account_errors import PreferenceFixed
from kinds.local_services.domain.notices import FIXED, FIXED_MAIL
from kinds.local_services.domain.roles import Role, role_of
from kinds.local_services.postgres import audit, people, profiles


async def change_oneself(
    changes: AccountChanges, person: CurrentUser, of_role: PeopleOfRole, body: ProfileChange
) -> dict[str, Any] | None:
    """Change what is given; answers the person as they are now.

    Raises:
        RoleRequired: the role is another one than the step from seeker to provider.
        PreferenceFixed: what has to be told cannot be switched off.
        PasswordNeeded, Invalid, TooMany, Duplicate: of the mail address, as ``AccountChanges.make`` says.
    """
    _must_be_left_on(body)
    wanted = role_of(body.role) if body.role else person.role
    becomes = wanted if wanted != person.role else None
    if becomes and not (person.role == Role.SEEKER and becomes == Role.PROVIDER):
        raise RoleRequired("a seeker may become a provider, and nobody else another thing", role=str(person.role))

    async def more(connection: AsyncConnection) -> None:
        await profiles.change(connection, person.id, body.profile())
        if body.skills is not None:
            await profiles.replace_skills(connection, person.id, body.skills)
        if body.certifications is not None:
            wanted = [each.certificate() for each in body.certifications]
            await profiles.replace_certifications(connection, person.id, wanted)
        if "email" in body.columns() and (body.email or "").lower() != (person.row.email or "").lower():
            await profiles.email_is_new(connection, person.id)

    await changes.make(person, of_role, person.id, body, more)
    async with changes.auth.writing() as connection:
        if becomes and await profiles.become(connection, person.id, person.role, becomes):
            roles = [person.role, becomes]
            await audit.record(connection, person.id, "role-change", "user", person.id, role=roles)
        return await people.oneself(connection, person.id)


def _must_be_left_on(body: ProfileChange) -> None:
    for kind, wanted in (body.notification_preferences or {}).items():
        fixed_mail = wanted.email is False and kind in FIXED | FIXED_MAIL
        if fixed_mail or (wanted.push is False and kind in FIXED):
            raise PreferenceFixed(f"{kind} cannot be switched off")
