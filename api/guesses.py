"""Guesses at passwords: so many wrong ones for one phone, or from one address, lock it for a while."""

from datetime import UTC, datetime

from fastapi import Request

from adapters.postgres.access import AccessReads
from adapters.resources import Resources
from api.throttle import address_of
from domain.errors import TooMany


class Guesses:
    """What was guessed for a phone from where a request comes, whether at the login or to change a password."""

    def __init__(self, opened: Resources, request: Request, phone: str | None) -> None:
        self._rows = AccessReads(opened.database)
        self._lasting = opened.settings.web.login_lockout
        self._after = datetime.now(UTC) - self._lasting
        self._phone = f"phone {phone}"
        self._limits = {
            self._phone: opened.settings.web.login_failures_per_phone,
            f"address {address_of(request)}": opened.settings.web.login_failures_per_address,
        }

    async def refusal(self, what: str) -> TooMany | None:
        """What to raise when there were too many; ``what`` names the wrong guesses."""
        failures = await self._rows.failures(list(self._limits), self._after)
        if all(failures.get(subject, 0) < limit for subject, limit in self._limits.items()):
            return None
        return TooMany(f"too many {what}; wait a quarter of an hour", retry_after=int(self._lasting.total_seconds()))

    async def count(self) -> None:
        """One more wrong guess."""
        await self._rows.count_failure(list(self._limits), self._after)

    async def forget(self) -> None:
        """A right one wipes the phone's slate."""
        await self._rows.forget_failures(self._phone)
