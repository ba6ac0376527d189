"""Links to set a password: a signed token for one person, with when it was requested and when it expires.

Nothing is stored: the same e-mail makes the same link however often it is tried, and a link is used up by its effect.
It is valid only while the person's password was not changed since it was requested
(``adapters.postgres.people.passwords``), so a used link, an older one and one from before a change are all refused by
one comparison.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from domain.errors import Invalid
from settings import Secrets

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "aud", "asked", "exp"]


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """What a valid link contains."""

    person_id: str
    asked_at: datetime


class PasswordLinks:
    """Signs and verifies the tokens of the links. Their key is derived: no other token of ours is accepted.

    A link is for a person of one kind, its audience: the kinds number their people alike.
    """

    def __init__(self, config: Secrets) -> None:
        secret = config.secret_key.get_secret_value().encode()
        self._key = hmac.new(secret, b"links to set a password", hashlib.sha256).digest()

    def issue(self, kind: str, person_id: str, asked_at: datetime, good_until: datetime) -> str:
        """The token of a link; always the same for the same person and times."""
        # In microseconds: a password changed in the same second spends it or does not.
        asked = round(asked_at.timestamp() * 1_000_000)
        claims = {"sub": person_id, "aud": kind, "asked": asked, "exp": good_until}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, kind: str, token: str) -> PasswordLink:
        """Verify a token for a person of this kind.

        Raises:
            Invalid: it is not valid, for another kind, or expired.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=kind,
                options={"require": _CLAIMS, "strict_aud": True},
            )
            return PasswordLink(claims["sub"], datetime.fromtimestamp(claims["asked"] / 1_000_000, UTC))
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
            raise Invalid("the link is not valid or not valid any more; ask for a new one") from None
