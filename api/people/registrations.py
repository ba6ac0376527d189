"""Registering, which is open to everybody: how often, and how little it tells of who has an account."""

from fastapi import Request

from adapters.postgres.people.users import have_an_account
from adapters.postgres.statements import Json
from adapters.resources import Resources
from api.http.rate_limits import count_request, must_not_be_too_often
from api.people.accounts import PeopleOfRole, add_account
from api.schemas.people import NewCustomer
from domain.errors import Duplicate, TooMany
from throttle_settings import HOUR


async def register(opened: Resources, request: Request, kind: str, people: PeopleOfRole, body: NewCustomer) -> Json:
    """Add somebody who asks for it; answers their row.

    The dear part, the hash of the password, comes after everything that may refuse.

    Raises:
        TooMany: too many from that address, or in all.
        Duplicate: the phone or the mail address has an account; nobody is told which.
    """
    throttles = opened.settings.throttles
    await must_not_be_too_often(opened, request, "registration from", throttles.registrations_per_address, HOUR)
    if await have_an_account(opened.database, body.phone, body.email):
        raise _known()
    if await count_request(opened, "registrations", HOUR) > throttles.registrations_in_all:
        raise TooMany("too many people are registering; try again later", retry_after=int(HOUR.total_seconds()))
    try:
        return await add_account(opened, kind, people, body, body.password)
    except Duplicate:
        raise _known() from None


def _known() -> Duplicate:
    return Duplicate("there is an account with this phone or mail address already: log in, or set a new password")
