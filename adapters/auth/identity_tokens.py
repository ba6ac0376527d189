"""ID tokens of OpenID Connect: signed by a provider of logins, for a client of ours.

Keys are fetched from the provider, kept for an hour, and fetched once more for a key that is not known.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import structlog

from domain.errors import Unauthenticated, Unavailable
from domain.identities import Issuer

_ALGORITHMS = ["RS256", "ES256"]
_KEPT, _AGAIN_AFTER = 3600.0, 10.0
"""Seconds: for how long keys are good, and how often they may be fetched, whatever somebody sends."""
_LONGEST, _MOST_KEYS = 200_000, 50
_TIMEOUT = httpx.Timeout(5.0)
_LEEWAY = 10
_NEEDED = ["iss", "sub", "aud", "exp"]
_log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """What a provider says of somebody: who they are there, and what it told of them, which proves nothing to us."""

    subject: str
    first_name: str = ""
    last_name: str = ""
    email: str | None = None


class IdentityTokens:
    """Reads the ID tokens of one issuer."""

    def __init__(self, issuer: Issuer, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """``transport``: another way to the issuer than the network."""
        self._issuer = issuer
        self._transport = transport
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched, self._asked, self._anew = -_KEPT, -_AGAIN_AFTER, -_AGAIN_AFTER
        self._fetching = asyncio.Lock()

    async def read(self, token: str, nonce: str) -> IdentityClaims:
        """The claims of a genuine token for a client of ours, with this nonce.

        Raises:
            Unauthenticated: it is not genuine, for somebody else, expired, or has another nonce.
            Unavailable: the keys of the issuer cannot be had.
        """
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in _ALGORITHMS:
                raise _refused()
            key = await self._key(str(header.get("kid", "")))
            if key is None or key.algorithm_name != header["alg"]:
                raise _refused()
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[header["alg"]],
                audience=list(self._issuer.client_ids),
                issuer=self._issuer.issuer,
                leeway=_LEEWAY,
                options={"require": _NEEDED},
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise _refused() from None
        if not isinstance(claims.get("nonce"), str) or claims["nonce"] != nonce or not _subject(claims["sub"]):
            raise _refused()
        names = (_words(claims.get("given_name")), _words(claims.get("family_name")))
        email = claims.get("email")
        return IdentityClaims(claims["sub"], *names, email if isinstance(email, str) and len(email) <= 254 else None)

    async def _key(self, number: str) -> jwt.PyJWK | None:
        async with self._fetching:
            now = time.monotonic()
            if now - self._fetched > _KEPT and now - self._asked > _AGAIN_AFTER:
                await self._fetch()
            elif number not in self._keys and now - self._anew > _AGAIN_AFTER:
                self._anew = now
                await self._fetch()
        if not self._keys:
            raise Unavailable("the provider of that login does not answer; try again shortly")
        return self._keys.get(number)

    async def _fetch(self) -> None:
        self._asked = time.monotonic()
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, transport=self._transport) as client,
                client.stream("GET", self._issuer.jwks_url) as answer,
            ):
                answer.raise_for_status()
                content = b""
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > _LONGEST:
                        raise ValueError("a set of keys is smaller")
            self._keys = _keys_in(json.loads(content))
            self._fetched = time.monotonic()
        except (httpx.HTTPError, ValueError, TypeError, KeyError, RecursionError) as fault:
            # Keys that are known are good for a little longer: the next look may find the issuer again.
            _log.warning("the keys of a provider of logins cannot be had", issuer=self._issuer.name, fault=repr(fault))


def _keys_in(said: Any) -> Mapping[str, jwt.PyJWK]:
    found: dict[str, jwt.PyJWK] = {}
    for each in said["keys"][:_MOST_KEYS]:
        if isinstance(each, dict) and isinstance(each.get("kid"), str) and each.get("use", "sig") == "sig":
            try:
                key = jwt.PyJWK.from_dict(each)
            except jwt.PyJWTError:
                continue
            if key.algorithm_name in _ALGORITHMS:
                found[each["kid"]] = key
    return found


def _subject(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255 and value.isprintable()


def _words(value: object) -> str:
    return " ".join(value.split())[:100] if isinstance(value, str) and value.isprintable() else ""


def _refused() -> Unauthenticated:
    return Unauthenticated("that ID token is not valid here")
