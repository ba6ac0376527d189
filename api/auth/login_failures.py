"""Failed logins: after so many for one person, or from one address, passwords are refused for a while."""

from datetime import UTC, datetime

from fastapi import Request

from adapters.postgres.people.login_failures import LoginFailureRows
from adapters.resources import Resources
from api.http.rate_limits import address_of, duration_text
from domain.errors import TooMany


class LoginFailures:
    """Wrong passwords for a person and from the address of a request, at the login and at a change of password."""

    def __init__(self, opened: Resources, request: Request, login_by: str, name: str) -> None:
        self._rows = LoginFailureRows(opened.database)
        self._lockout = opened.settings.web.login_lockout
        self._after = datetime.now(UTC) - self._lockout
        self._person = f"{login_by} {name}"
        self._limits = {
            self._person: opened.settings.web.login_failures_per_phone,
            f"address {address_of(request)}": opened.settings.web.login_failures_per_address,
        }

    async def refusal(self, what: str) -> TooMany | None:
        """The error to raise when there were too many; ``what`` names the failures in it."""
        failures = await self._rows.failures(list(self._limits), self._after)
        if all(failures.get(subject, 0) < limit for subject, limit in self._limits.items()):
            return None
        detail = f"too many {what}; wait {duration_text(self._lockout)}"
        return TooMany(detail, retry_after=int(self._lockout.total_seconds()))

    async def count(self) -> None:
        """One more wrong password."""
        await self._rows.count_failure(list(self._limits), self._after)

    async def clear(self) -> None:
        """The right password resets the count of the person."""
        await self._rows.forget_failures(self._person)
