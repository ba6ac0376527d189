"""Links to take back a change of phone and mail address: a signed token for one change, and until when it is good.

It says which change, and nothing of what was changed. A link is used up in the rows
(``adapters.postgres.people.contact_changes``).
"""

from datetime import datetime

from adapters.auth.signed_links import SignedLinks
from settings import Secrets

SPENT = "the link is not valid or not valid any more"


class ContactLinks:
    """The tokens of the links, for changes of one kind's people."""

    def __init__(self, config: Secrets) -> None:
        self._signed = SignedLinks(config, b"links to undo a change of contact", SPENT)

    def issue(self, kind: str, change: str, good_until: datetime) -> str:
        """The token of a link; always the same for the same change."""
        return self._signed.sign(kind, change, good_until)

    def read(self, kind: str, token: str) -> str:
        """The change that a token of this kind is for.

        Raises:
            Invalid: it is not valid, for another kind, or expired.
        """
        return self._signed.verify(kind, token, lambda claims: str(claims["sub"]))
