"""What tokens say, for whoever keeps or ends sessions without signing anything."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TokenType = Literal["access", "refresh", "device"]
"""The first two open things. The last says only that its person has logged in on this device before."""


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


def fingerprint(token: str) -> str:
    """What is stored of a secret token: enough to recognise it, useless to whoever reads the table."""
    return hashlib.sha256(token.encode()).hexdigest()
