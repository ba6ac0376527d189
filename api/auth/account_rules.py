"""What a kind adds to logging in and to passwords: each part has a default that changes nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.people.sessions import LoginRow
from adapters.resources import Resources
from api.schemas.auth import AccessToken

Json = dict[str, Any]


async def _anybody(connection: AsyncConnection, person_id: str) -> None:
    return None


async def _nothing_more(opened: Resources, person_id: str) -> Json:
    return {}


async def _nobody_is_told(opened: Resources, kind: str, who: LoginRow, session: str) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class AccountRules:
    """The rules of one kind.

    ``for_apps``: its clients keep no cookies. A login is sent as JSON as well, the refresh token is answered in the
    body beside the cookie and taken from there. ``answer`` is the shape of what a login and a refresh answer, and
    ``shown`` what that has beside the tokens, of the person. ``admit`` is asked in the transaction of a login, under
    the person's row: it raises for whom the right password does not let in. ``logged_in`` hears of a login once it is
    there: resources, the kind, who, and the session's id.
    """

    for_apps: bool = False
    answer: type[AccessToken] = AccessToken
    shown: Callable[[Resources, str], Awaitable[Mapping[str, Any]]] = _nothing_more
    admit: Callable[[AsyncConnection, str], Awaitable[None]] = _anybody
    logged_in: Callable[[Resources, str, LoginRow, str], Awaitable[None]] = _nobody_is_told
