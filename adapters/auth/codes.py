"""Codes of six digits that are sent to a phone or a mail address, to be typed in.

A code follows from the number of its row under a key of ours: whoever sends it needs that number only, so no history
and no outbox has it. The row keeps a digest, under another key.
"""

import hmac

from settings import Secrets

DIGITS = 6


class Codes:
    """Makes codes and recognises them."""

    def __init__(self, config: Secrets) -> None:
        secret = config.secret_key.get_secret_value().encode()
        self._making = hmac.digest(secret, b"codes that are sent", "sha256")
        self._keeping = hmac.digest(secret, b"codes that are kept", "sha256")

    def of(self, kind: str, number: str) -> str:
        """The code of a row of this kind: always the same, and nobody else can tell it."""
        drawn = int.from_bytes(hmac.digest(self._making, f"{kind} {number}".encode(), "sha256"))
        return f"{drawn % 10**DIGITS:0{DIGITS}}"

    def digest(self, kind: str, number: str, code: str) -> str:
        """What is kept of a code."""
        return hmac.digest(self._keeping, f"{kind} {number} {code}".encode(), "sha256").hex()

    def is_right(self, kind: str, number: str, entered: str, kept: str) -> bool:
        """Whether this is the code of which that was kept."""
        return hmac.compare_digest(self.digest(kind, number, entered), kept)
