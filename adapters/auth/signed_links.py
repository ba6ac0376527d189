"""The tokens of links that are mailed: signed for one purpose and one kind of booking, and good until a moment."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import jwt

from domain.errors import Invalid
from settings import Secrets

_ALGORITHM = "HS256"
T = TypeVar("T")


class SignedLinks:
    """Signs and verifies. The key is derived for the ``purpose``: no other token of ours is accepted.

    A link is for a person of one kind, its audience: the kinds number their people alike.
    """

    def __init__(self, config: Secrets, purpose: bytes, refusal: str) -> None:
        self._key = hmac.new(config.secret_key.get_secret_value().encode(), purpose, hashlib.sha256).digest()
        self._refusal = refusal

    def sign(self, kind: str, subject: str, good_until: datetime, **more: int) -> str:
        """The token of a link; always the same for the same claims."""
        claims = {"sub": subject, "aud": kind, **more, "exp": good_until}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def verify(self, kind: str, token: str, read: Callable[[Mapping[str, Any]], T], *more: str) -> T:
        """What ``read`` makes of the claims of a token of this kind, which has those named in ``more`` too.

        Raises:
            Invalid: it is not valid, for another kind, or expired.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=kind,
                options={"require": ["sub", "aud", *more, "exp"], "strict_aud": True},
            )
            return read(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
            raise Invalid(self._refusal) from None
