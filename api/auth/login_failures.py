"""Failed logins: what they hold back, without letting strangers keep anybody out."""

import math
from datetime import timedelta

from fastapi import Request

from adapters.postgres.people.login_failures import FailureCounter, LoginFailureRows
from adapters.resources import Resources
from api.http.rate_limits import address_of, duration_text
from domain.errors import TooMany
from throttle_settings import HOUR


class LoginFailures:
    """Wrong passwords for a person, at the login and at a change of password.

    Some from one address lock the person there, for anybody can enter them. Many for a person from anywhere, or from an
    address for whomever, let one try through at a time. A device on which the person has logged in before
    (``device``, its id) is held back by its own failures alone.
    """

    def __init__(self, opened: Resources, request: Request, login_by: str, name: str, device: str | None) -> None:
        throttles, address = opened.settings.throttles, address_of(request)
        self._rows = LoginFailureRows(opened.database)
        self._lockout, self._interval = throttles.login_lockout, throttles.login_interval
        person = f"{login_by} {name}"
        self._here = self._locking(f"from {address} {person}", throttles.login_failures_per_phone)
        self._device = self._locking(f"device {device}", throttles.login_failures_per_phone) if device else None
        self._slowing = (
            FailureCounter(f"address {address}", throttles.login_failures_per_address, throttles.login_lockout),
            FailureCounter(person, throttles.login_failures_in_all, HOUR),
        )
        self._own = (self._here, self._device) if self._device else (self._here,)
        self._may_try: set[FailureCounter] = set()

    async def must_not_be_too_many(self, what: str) -> None:
        """Let this try through; ``what`` names the failures where not. One that was let through stays so.

        Raises:
            TooMany: there were too many of them, or somebody else has just tried.
        """
        full = await self._rows.full((*self._own, *self._slowing))
        if self._device and self._device not in full:
            return
        if self._here in full:
            raise _too_many(what, self._lockout)
        for counter in self._slowing:
            if counter in full and counter not in self._may_try:
                if (wait := await self._rows.take_turn(counter.subject, self._interval)) is not None:
                    raise _too_many(what, wait)
                self._may_try.add(counter)

    async def count(self) -> None:
        """One more wrong password."""
        await self._rows.count_failure((*self._own, *self._slowing))

    async def clear(self) -> None:
        """The right password resets the counts of the person at this address and on this device."""
        await self._rows.forget_failures(self._own)

    def _locking(self, subject: str, limit: int) -> FailureCounter:
        return FailureCounter(subject, limit, self._lockout, from_last=True)


def _too_many(what: str, wait: timedelta) -> TooMany:
    seconds = max(1, math.ceil(wait.total_seconds()))
    return TooMany(f"too many {what}; wait {duration_text(timedelta(seconds=seconds))}", retry_after=seconds)
