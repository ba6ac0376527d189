"""Headers of e-mails, by the standard library, which parses and folds each of them anew in every mail.

Most are the same in each mail, or in several of one booking: those are parsed and folded once. What is written is what
``email.policy.SMTP`` writes, to the byte.
"""

from email.headerregistry import BaseHeader, HeaderRegistry
from email.policy import SMTP, Policy
from functools import lru_cache
from typing import Any

REMEMBERED = 1024
"""Headers, some kilobytes each with what was parsed."""


class _FoldedOnce(BaseHeader):
    """A header of any kind; it never changes, so several mails may have it."""

    def fold(self, *, policy: Policy) -> str:
        """As a mail has it, with its name."""
        way = (getattr(policy, "utf8", False), policy.max_line_length, policy.linesep)
        known: dict[Any, str] = self.__dict__.setdefault("_folded", {})
        if way not in known:
            known[way] = super().fold(policy=policy)
        return known[way]


class _Headers(HeaderRegistry):
    """Makes headers of texts and of moments; an address comes as text."""

    def __init__(self) -> None:
        super().__init__(base_class=_FoldedOnce)
        self._class = lru_cache(REMEMBERED)(super().__getitem__)
        self._made = lru_cache(REMEMBERED)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._class(name)

    def __call__(self, name: str, value: Any) -> BaseHeader:
        return self._made(name, value)


POLICY = SMTP.clone(header_factory=_Headers())
