"""What is done to accounts, for a kind that keeps a log of such acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AccountAct:
    """One act: "password-change", "phone-change", "refresh-reuse" or "admin-create".

    Who acts on themselves is both ``actor`` and ``target``; ``facts`` hold no secret.
    """

    action: str
    actor: str
    target: str
    facts: Mapping[str, Any] = field(default_factory=dict)
