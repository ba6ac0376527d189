"""Passwords and tokens: Argon2id off the event loop, HS256 with two keys."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import TooMany, Unauthenticated
from settings import Secrets

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "aud", "role", "jti", "type", "iat", "exp"]
_WAITING_AT_MOST = 64

TokenType = Literal["access", "refresh"]
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
        """The hash to store."""
        return await self._run(self._hasher.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; takes as long for a person who does not exist."""
        return await self._run(self._verify, password, stored or self._nobody) and stored is not None

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> bool:
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


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine token says. The role in it is a hint for clients: the person's row decides."""

    sub: str
    role: str
    jti: str
    type: TokenType
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token and what it says."""

    token: str
    claims: Claims


class Tokens:
    """Issues and reads the JWTs of one kind of booking. The algorithm is pinned.

    Each type of token has its own key, so neither passes for the other. The kinds share these keys and number their
    people alike, so a token names its kind as the audience: that of another kind's ADM000001 is nobody's here.
    """

    def __init__(self, config: Secrets, kind: str) -> None:
        self._audience = kind
        self._keys: dict[TokenType, str] = {
            "access": config.secret_key.get_secret_value(),
            "refresh": config.refresh_secret_key.get_secret_value(),
        }
        self._lifetimes: dict[TokenType, timedelta] = {
            "access": timedelta(minutes=config.access_token_expire_minutes),
            "refresh": timedelta(days=config.refresh_token_expire_days),
        }

    def issue(self, token_type: TokenType, person_id: str, role: str, now: datetime) -> Issued:
        """A token for a person."""
        claims = Claims(person_id, role, secrets.token_urlsafe(16), token_type, now + self._lifetimes[token_type])
        payload = {
            "sub": claims.sub,
            "aud": self._audience,
            "role": claims.role,
            "jti": claims.jti,
            "type": token_type,
            "iat": now,
            "exp": claims.expires_at,
        }
        return Issued(jwt.encode(payload, self._keys[token_type], algorithm=_ALGORITHM), claims)

    def read(self, token_type: TokenType, token: str) -> Claims:
        """The claims of a genuine token of this kind that is not expired."""
        try:
            found = jwt.decode(
                token,
                self._keys[token_type],
                algorithms=[_ALGORITHM],
                audience=self._audience,
                options={"require": _CLAIMS, "strict_aud": True},
            )
            expires_at = datetime.fromtimestamp(found["exp"], UTC)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the token has expired") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
            raise Unauthenticated("the token is not valid") from None
        if found["type"] != token_type or not _plain(found["sub"]) or not _plain(found["jti"]):
            raise Unauthenticated("the token is not valid")
        return Claims(found["sub"], str(found["role"]), found["jti"], token_type, expires_at)


def fingerprint(token: str) -> str:
    """What is stored of a secret token: enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).hexdigest()


def _plain(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()
