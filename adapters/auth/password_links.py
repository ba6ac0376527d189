"""Links to set a password: a signed token for one person, with when it was requested and when it expires.

Nothing is stored: the same e-mail makes the same link however often it is tried, and a link is used up by its effect.
It is valid only while the person's password was not changed since it was requested
(``adapters.postgres.people.passwords``), so a used link, an older one and one from before a change are all refused by
one comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.auth.signed_links import SignedLinks
from settings import Secrets

SPENT = "the link is not valid or not valid any more; ask for a new one"


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """What a valid link contains."""

    person_id: str
    asked_at: datetime


class PasswordLinks:
    """The tokens of the links, for people of one kind."""

    def __init__(self, config: Secrets) -> None:
        self._signed = SignedLinks(config, b"links to set a password", SPENT)

    def issue(self, kind: str, person_id: str, asked_at: datetime, good_until: datetime) -> str:
        """The token of a link; always the same for the same person and times."""
        # In microseconds: a password changed in the same second spends it or does not.
        return self._signed.sign(kind, person_id, good_until, asked=round(asked_at.timestamp() * 1_000_000))

    def read(self, kind: str, token: str) -> PasswordLink:
        """Verify a token for a person of this kind.

        Raises:
            Invalid: it is not valid, for another kind, or expired.
        """
        return self._signed.verify(kind, token, _link, "asked")


def _link(claims: Mapping[str, Any]) -> PasswordLink:
    return PasswordLink(claims["sub"], datetime.fromtimestamp(claims["asked"] / 1_000_000, UTC))
