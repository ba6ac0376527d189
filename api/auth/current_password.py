"""The current password, asked for where a token alone must not be enough."""

from fastapi import Request

from adapters.postgres.people.passwords import PasswordRows
from adapters.resources import Resources
from api.auth.login_by import LoginBy
from api.auth.login_failures import LoginFailures
from api.dependencies import CurrentUser
from domain.errors import Invalid


async def proven(opened: Resources, login_by: LoginBy, person: CurrentUser, entered: str, request: Request) -> str:
    """The hash that the entered password was checked against. A wrong one counts as a failed login.

    Raises:
        Invalid: it is the wrong one.
        TooMany: it was wrong too often.
    """
    # Whoever is logged in is held back by what was entered so, as on a device that is known.
    failures = LoginFailures(opened, request, login_by, login_by.of(person.row), f"of {person.id}")
    known = await PasswordRows(opened.database).hash_of(person.id)
    right = await opened.passwords.matches(entered, known)
    # Asked last: of many tries at once, those after the last allowed failure do not count, not even the right one.
    await failures.must_not_be_too_many("wrong passwords")
    if not right or known is None:
        await failures.count()
        raise Invalid("the current password is not right")
    return known
