"""Passwords: Argon2id off the event loop."""

import asyncio
import os
import secrets
import sys
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import TooMany
from settings import Hashing

_CHECKS_AT_MOST, _KNOWN_AT_MOST, _NEW_AT_MOST, _OF_ONE_PERSON = 64, 32, 32, 2
_COSTS: Mapping[Hashing, tuple[int, int]] = {"strong": (2, 19 * 1024), "quick": (1, 8)}
"""Rounds, and memory in KiB."""
_NICENESS = 10
"""How far the threads stand back for whom nobody knows: a flood of logins takes what others leave of the processors."""

T = TypeVar("T")


class Passwords:
    """Argon2id at OWASP's parameters: about 30 ms of one core each. ``quick`` hashes take nothing and hold off nobody:
    they are for people of tests, and production refuses them.

    Passwords are checked by as many threads as there are cores, new ones hashed by half as many behind a queue of their
    own: whoever registers holds up no login. A third queue is for logins on devices that are known, of which one person
    has two places at most: however many strangers try to log in, customers do.
    """

    def __init__(self, hashing: Hashing = "strong", threads: int | None = None) -> None:
        self._hasher = PasswordHasher(*_COSTS[hashing], parallelism=1)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        threads = threads or os.cpu_count() or 2
        self._checks = _Queue(threads, _CHECKS_AT_MOST, "logging in")
        self._known = _Queue(1, _KNOWN_AT_MOST, "logging in", stands_back=False)
        self._new = _Queue(max(1, threads // 2), _NEW_AT_MOST, "choosing a password")

    async def hash(self, password: str) -> str:
        """The hash to store: of the composed form, whichever keyboard it was typed on."""
        return await self._new.run(self._hasher.hash, unicodedata.normalize("NFC", password))

    async def matches(self, password: str, stored: str | None, known: str | None = None) -> bool:
        """Whether the password is right; takes as long for a person who does not exist.

        ``known``: the person, if they come on a device that is known as theirs.

        Raises:
            TooMany: too many others wait, or for a known person too many of their own.
        """
        queue = self._checks if known is None else self._known
        return await queue.run(self._verify, password, stored or self._nobody, of=known) and stored is not None

    def close(self) -> None:
        """End the threads."""
        for queue in (self._checks, self._known, self._new):
            queue.close()

    def _verify(self, password: str, stored: str) -> bool:
        return any(self._is_of(form, stored) for form in _forms(password))

    def _is_of(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


class _Queue:
    """Work for some threads. Whoever comes when a long queue waits already is told to come back."""

    def __init__(self, threads: int, most: int, doing: str, *, stands_back: bool = True) -> None:
        begin = _stand_back if stands_back else None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=begin)
        self._waiting, self._most, self._doing = Counter[str | None](), most, doing

    async def run(self, work: Callable[..., T], *arguments: str, of: str | None = None) -> T:
        """Do it in its turn; ``of`` somebody of whom only some may wait.

        Raises:
            TooMany: the queue is full.
        """
        if self._waiting.total() >= self._most or (of is not None and self._waiting[of] >= _OF_ONE_PERSON):
            raise TooMany(f"too many people are {self._doing}, try again in a moment")
        self._waiting[of] += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._waiting -= Counter([of])

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _stand_back() -> None:
    """Linux has a priority for each thread; elsewhere it would be that of the process, which stays as it is."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS)


def _forms(password: str) -> list[str]:
    """What may have been hashed when this was chosen: the composed form; in older rows what the keyboard of then sent.
    Of plain letters all of these are the same."""
    composed, apart = (unicodedata.normalize(form, password) for form in ("NFC", "NFD"))
    return list(dict.fromkeys((composed, password, apart)))
