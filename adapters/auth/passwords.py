"""Passwords: Argon2id off the event loop."""

import asyncio
import os
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import TooMany

_WAITING_AT_MOST = 64

T = TypeVar("T")


class Passwords:
    """Argon2id at OWASP's parameters: about 30 ms of one core each, so as many at once as there are cores.

    Whoever comes when a long queue waits already is told to come back: logins must not starve everything else.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 2, thread_name_prefix="argon2")
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The hash to store: of the composed form, whichever keyboard it was typed on."""
        return await self._run(self._hasher.hash, unicodedata.normalize("NFC", password))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; takes as long for a person who does not exist."""
        return await self._run(self._verify, password, stored or self._nobody) and stored is not None

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> bool:
        return any(self._is_of(form, stored) for form in _forms(password))

    def _is_of(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[..., T], *arguments: str) -> T:
        if self._waiting >= _WAITING_AT_MOST:
            raise TooMany("too many people are logging in, try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._waiting -= 1


def _forms(password: str) -> list[str]:
    """What may have been hashed when this was chosen: the composed form; in older rows what the keyboard of then sent.
    Of plain letters all of these are the same."""
    composed, apart = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    return list(dict.fromkeys((composed, password, apart)))
