"""Links to set a password: a signed word for one person, from when it was asked for until it ends.

Nothing is stored: the same letter makes the same link however often it is tried, and a link is spent by what it does.
It counts only while the person's password was not changed since it was asked for (``adapters.postgres.passwords``),
so a used link, an older one and one from before a change are all refused by one comparison.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

import jwt

from domain.errors import Invalid
from settings import Secrets

_ALGORITHM = "HS256"
_AUDIENCE = "password"
_CLAIMS = ["sub", "aud", "asked", "exp"]


@dataclass(frozen=True, slots=True)
class Pass:
    """What a genuine link says."""

    person_id: str
    asked_at: datetime


class Passes:
    """Writes and reads the links' secrets. Their key is derived: no other token of ours passes for one."""

    def __init__(self, config: Secrets) -> None:
        secret = config.secret_key.get_secret_value().encode()
        self._key = hmac.new(secret, b"links to set a password", hashlib.sha256).digest()

    def issue(self, person_id: str, asked_at: datetime, good_until: datetime) -> str:
        """The same for the same person and moments, always."""
        # In microseconds: a password changed in the same second spends it or does not.
        asked = round(asked_at.timestamp() * 1_000_000)
        claims = {"sub": person_id, "aud": _AUDIENCE, "asked": asked, "exp": good_until}
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str) -> Pass:
        """What it says.

        Raises:
            Invalid: it is not genuine, or its time is over.
        """
        try:
            said = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=_AUDIENCE, options={"require": _CLAIMS}
            )
            return Pass(said["sub"], datetime.fromtimestamp(said["asked"] / 1_000_000, UTC))
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
            raise Invalid("the link is not valid or not valid any more; ask for a new one") from None
