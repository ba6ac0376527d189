"""Who may ask: people with a phone that is known to be theirs, and admins."""

from typing import Annotated

from fastapi import Depends

from api.dependencies import CurrentUser, LoggedIn, OpenResources
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.domain.errors import PhoneNotVerified
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres.profiles import has_verified_phone


async def phone_verified(person: LoggedIn, opened: OpenResources, policy: PolicyNow) -> CurrentUser:
    """The person, if their phone is known to be theirs.

    Raises:
        PhoneNotVerified: it is not.
    """
    if person.role == Role.ADMIN or policy.phone_verification == "off":
        return person
    async with opened.database.read.connect() as connection:
        if not await has_verified_phone(connection, person.id):
            raise PhoneNotVerified("verify your phone first: POST /auth/verify/request")
    return person


PhoneVerified = Annotated[CurrentUser, Depends(phone_verified)]
"""For what people without such a phone may not make: bookings, offers, listings, threads, messages."""
