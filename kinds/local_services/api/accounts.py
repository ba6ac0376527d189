"""Logging in to local services: what a login answers, and whom it turns away."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres.people.sessions import LoginRow
from adapters.resources import Resources
from api.auth.account_rules import AccountRules
from kinds.local_services.api.schemas.auth_answers import LoginAnswer
from kinds.local_services.domain.account_errors import AccountBlocked
from kinds.local_services.postgres import people, profiles, security


async def shown(opened: Resources, person_id: str) -> dict[str, Any]:
    """The person beside the tokens."""
    async with opened.database.read.connect() as connection:
        return {"user": await people.oneself(connection, person_id)}


async def admit(connection: AsyncConnection, person_id: str) -> None:
    """Turn away who is blocked.

    Raises:
        AccountBlocked: they are.
    """
    if await profiles.is_blocked(connection, person_id):
        raise AccountBlocked("this account is blocked; write to us")


async def logged_in(opened: Resources, kind: str, who: LoginRow, session: str) -> None:
    """Tell whoever is logged in elsewhere of this login."""
    async with opened.database.write.begin() as connection:
        if await security.is_logged_in_elsewhere(connection, who.id, session):
            await security.tell_of(connection, who.id, security.Event.LOGIN, session)


ACCOUNTS = AccountRules(for_apps=True, answer=LoginAnswer, shown=shown, admit=admit, logged_in=logged_in)
