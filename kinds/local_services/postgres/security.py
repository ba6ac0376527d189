"""What people are told of the security of their account, in the application and on their devices."""

import secrets
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import AccountAct
from kinds.local_services.domain.notices import SECURITY
from kinds.local_services.postgres.audit import record_account_act
from kinds.local_services.postgres.notices import tell_person


class Event(StrEnum):
    """What happened."""

    LOGIN = "login"
    PASSWORD = "password-changed"  # noqa: S105 - the name of an event
    PHONE = "phone-changed"
    BLOCKED = "blocked"


_IN_WORDS = {
    Event.LOGIN: "Somebody logged in to it on another device.",
    Event.PASSWORD: "Its password was changed.",
    Event.PHONE: "Its phone was changed.",
    Event.BLOCKED: "It is blocked.",
}
_TOLD = {"password-change": Event.PASSWORD, "phone-change": Event.PHONE}
"""Acts of which their person hears."""
_OTHER_LOGIN = text(
    """
    SELECT EXISTS (SELECT FROM sessions AS s WHERE s.user_id = :person AND s.id <> :session AND EXISTS (
        SELECT FROM refresh_tokens AS r WHERE r.family = s.id AND r.used_at IS NULL AND r.expires_at > now()))
    """
)


async def tell_of(connection: AsyncConnection, person_id: str, event: Event, key: str = "") -> None:
    """Tell somebody, last in the transaction of what happened; once for a ``key``, if there is one."""
    number = f"security.{event}.{key or secrets.token_hex(8)}"
    await tell_person(connection, person_id, SECURITY, {"event": str(event)}, number, body=_IN_WORDS[event])


async def is_logged_in_elsewhere(connection: AsyncConnection, person_id: str, session: str) -> bool:
    """Whether another login than this session is alive."""
    return bool((await connection.execute(_OTHER_LOGIN, {"person": person_id, "session": session})).scalar_one())


async def record_and_tell(connection: AsyncConnection, act: AccountAct) -> None:
    """Keep an act on an account, and tell its person where they should know (``KindStorage.record_act``)."""
    await record_account_act(connection, act)
    if (event := _TOLD.get(act.action)) is not None:
        await tell_of(connection, act.target, event)
