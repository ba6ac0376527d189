"""Links to take back a change of phone and mail address: a signed token for one change, and until when it is good.

It says which change, and nothing of what was changed. A link is used up in the rows
(``adapters.postgres.people.contact_changes``).
"""

import hashlib
import hmac
from datetime import datetime

import jwt

from domain.errors import Invalid
from settings import Secrets

_ALGORITHM = "HS256"
_CLAIMS = ["sub", "aud", "exp"]
SPENT = "the link is not valid or not valid any more"


class ContactLinks:
    """Signs and verifies the tokens of the links, for changes of one kind's people. Their key is derived."""

    def __init__(self, config: Secrets) -> None:
        secret = config.secret_key.get_secret_value().encode()
        self._key = hmac.new(secret, b"links to undo a change of contact", hashlib.sha256).digest()

    def issue(self, kind: str, change: str, good_until: datetime) -> str:
        """The token of a link; always the same for the same change."""
        return jwt.encode({"sub": change, "aud": kind, "exp": good_until}, self._key, algorithm=_ALGORITHM)

    def read(self, kind: str, token: str) -> str:
        """The change that a token of this kind is for.

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
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
            raise Invalid(SPENT) from None
        return str(claims["sub"])
