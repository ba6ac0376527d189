"""Lost passwords: the new one by code or by link."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.authenticator import Authenticator
from adapters.postgres.people import passwords
from adapters.postgres.people.sessions import SessionQueries
from domain.accounts import AccountAct
from domain.errors import Invalid
from kinds.local_services.api.codes import Sending
from kinds.local_services.postgres import profiles, security
from kinds.local_services.postgres.codes import Purpose

_NOBODY = "USR000000"
"""Sequences begin with 1."""


async def set_by_code(auth: Authenticator, sending: Sending, phone: str, code: str, password: str) -> bool:
    """Set the password of whoever has that phone; False where the code is not good."""
    who = await SessionQueries(sending.opened.database).who_logs_in("phone", phone)
    # Of whom nobody knows a code is looked for as well: the time of the answer tells who has an account.
    person_id = who.id if who else _NOBODY
    async with auth.writing() as connection:
        shown = await sending.shown(connection, person_id, Purpose.RESET_PASSWORD, code)
        if shown is None or shown.target != phone:
            return False
        return await _set(connection, sending, person_id, shown.sent_at, password, "phone")


async def set_by_link(auth: Authenticator, sending: Sending, token: str, password: str) -> bool:
    """Set the password of whom the link was mailed to; False where it is not good."""
    try:
        said = sending.opened.password_links.read(sending.kind, token)
    except Invalid:
        return False
    async with auth.writing() as connection:
        return await _set(connection, sending, said.person_id, said.asked_at, password, "email")


async def _set(
    connection: AsyncConnection, sending: Sending, person_id: str, asked_at: datetime, password: str, channel: str
) -> bool:
    new = await sending.opened.passwords.hash(password)
    if not await passwords.set_by_link(connection, person_id, asked_at, new):
        return False
    await profiles.verified(connection, person_id, channel)
    act = AccountAct("password-change", person_id, person_id, {"by": channel})
    await security.record_and_tell(connection, act)
    return True
