"""What people may say to each other, however they ask: over HTTP or by a frame of a socket."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.postgres import rate_limits
from adapters.postgres.statements import Json
from adapters.resources import Resources
from api.dependencies import CurrentUser, OpenResources, requires
from api.pictures import name_pictures_in
from domain.errors import TooMany
from kinds.local_services.api.people import PhoneVerified
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.postgres.messages import Words, send_message
from kinds.local_services.settings import LocalServicesSettings

_MINUTE = timedelta(minutes=1)


async def must_not_send_too_much(opened: Resources, person: CurrentUser, policy: LocalServicesSettings) -> None:
    """Count a message of a person.

    Raises:
        TooMany: they have sent more than they may in a minute.
    """
    after, most = datetime.now(UTC) - _MINUTE, policy.messages_per_minute
    if await rate_limits.count(opened.database, f"messages {person.id}", after) > most:
        raise TooMany(f"you may send {most} messages in a minute", retry_after=int(_MINUTE.total_seconds()))


async def _writer(
    opened: OpenResources,
    policy: PolicyNow,
    person: Annotated[CurrentUser, requires("WRITE:MESSAGES")],
    _verified: PhoneVerified,
) -> CurrentUser:
    await must_not_send_too_much(opened, person, policy)
    return person


Writer = Annotated[CurrentUser, Depends(_writer)]
"""Somebody who may write to others now; it counts as a message."""


async def say(
    opened: Resources,
    policy: LocalServicesSettings,
    connection: AsyncConnection,
    person: CurrentUser,
    thread_id: int,
    words: Words,
) -> Json:
    """Send a message; a picture that it names is kept from then on.

    Raises:
        NotFound, Blocked: see ``send_message``.
        Invalid: the picture is not there any more.
    """
    await name_pictures_in(words.content, connection, opened.settings.web.uploads)
    return await send_message(connection, thread_id, person.id, words, policy.message_push_after)
