"""Codes of a second factor: asked at a login, and again before what would do much harm."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from adapters.postgres import rate_limits
from adapters.postgres.people import second_factors
from adapters.resources import Resources
from api.auth.factor_mails import tell_of_factor
from api.dependencies import CurrentUser, LoggedIn, OpenResources
from api.http.rate_limits import count_request
from domain.account_emails import FactorEvent
from domain.errors import FreshCodeNeeded, TooMany
from domain.money import Paise
from settings import Settings
from throttle_settings import HOUR


def is_required(settings: Settings) -> bool:
    """Whether every admin has to have one: so it is in production, unless somebody says otherwise."""
    stated, environment = settings.second_factors.admin_second_factor, settings.process.environment
    return stated == "required" or (stated == "auto" and environment == "production")


async def is_right(opened: Resources, request: Request, person_id: str, code: str) -> bool:
    """Whether it is a code of their app, or a recovery code; it is used up by that, and of a recovery code they are
    told by mail.

    Raises:
        TooMany: too many were wrong.
    """
    await must_not_be_too_many(opened, person_id)
    async with opened.database.write.begin() as connection:
        used = await second_factors.use_code(
            connection, opened.second_factors, request.app.state.kind.name, person_id, code, datetime.now(UTC)
        )
    if used is None:
        return False
    await rate_limits.forget(opened.database, _subject(person_id))
    if used.codes_left is not None:
        await tell_of_factor(opened, request, person_id, FactorEvent.RECOVERY_CODE_USED, left=str(used.codes_left))
    return True


async def must_not_be_too_many(opened: Resources, person_id: str) -> None:
    """Count a code before anybody looks at it: of many tries at once, none is one too many.

    Only who knows the password, or is logged in, gets so far: strangers keep nobody out with it.

    Raises:
        TooMany: too many were wrong.
    """
    if await count_request(opened, _subject(person_id), HOUR) > opened.settings.throttles.codes_per_person:
        raise TooMany("too many wrong codes; wait an hour", retry_after=int(HOUR.total_seconds()))


@dataclass(frozen=True, slots=True)
class FreshCode:
    """Asks for a code of whoever has a second factor and has shown none for some minutes."""

    opened: Resources
    person: CurrentUser

    @property
    def is_asked_for(self) -> bool:
        """Whether they have a second factor."""
        return self.person.row.second_factor

    async def must_be_there(self) -> None:
        """Before what would do much harm.

        Raises:
            FreshCodeNeeded: the last one is too old.
        """
        if not self.is_asked_for:
            return
        good_for = self.opened.settings.second_factors.code_good_for
        async with self.opened.database.read.connect() as connection:
            if not await second_factors.is_fresh(connection, self.person.jti, good_for):
                raise FreshCodeNeeded("show a code of your second factor first: POST /auth/second-factor/verify")

    async def must_be_there_to_refund(self, amount: Paise) -> None:
        """The same, where so much goes back that it is asked for.

        Raises:
            FreshCodeNeeded: the last one is too old.
        """
        if amount > self.opened.settings.second_factors.refund_without_code:
            await self.must_be_there()


async def _fresh_code(opened: OpenResources, person: LoggedIn) -> FreshCode:
    return FreshCode(opened, person)


async def _must_be_fresh(fresh: Annotated[FreshCode, Depends(_fresh_code)]) -> None:
    await fresh.must_be_there()


Fresh = Annotated[FreshCode, Depends(_fresh_code)]
"""For a route that asks for a code in some cases only."""

WITH_FRESH_CODE: Any = Depends(_must_be_fresh)
"""For a route that always does."""


def _subject(person_id: str) -> str:
    return f"codes {person_id}"
