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
    failures = LoginFailures(opened, request, login_by, login_by.of(person.row))
    known = await PasswordRows(opened.database).hash_of(person.id)
    right = await opened.passwords.matches(entered, known)
    # Asked last: of many tries at once, those after the last allowed failure do not count, not even the right one.
    if (refusal := await failures.refusal("wrong passwords")) is not None:
        raise refusal
    if not right or known is None:
        await failures.count()
        raise Invalid("the current password is not right")
    return known
