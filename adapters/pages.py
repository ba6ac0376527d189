"""Slices of lists: what is wanted, what narrows it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: the rows as JSON text, and how many there are in all.

    ``last``: the place of the last row as a JSON array, if others follow. ``counts`` by status, and ``workflows`` (JSON
    text: how many do not work), where the list has them. ``beside``: what it tells beside its rows, as a JSON object.
    """

    rows: str
    total: int
    last: str | None = None
    counts: dict[str, int] | None = None
    workflows: str | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Which slice of a list, and in which order of age; ``after``: behind the row of this place."""

    limit: int = 50
    offset: int = 0
    order: Literal["newest", "oldest"] = "newest"
    after: tuple[Any, ...] | None = None

    @property
    def direction(self) -> str:
        """The order as SQL."""
        return "DESC" if self.order == "newest" else "ASC"

    @property
    def reverse(self) -> str:
        """The other order."""
        return "ASC" if self.order == "newest" else "DESC"

    @property
    def behind(self) -> str:
        """How what follows a row in the order compares with it."""
        return "<" if self.order == "newest" else ">"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list of bookings is narrowed to; None leaves it as it is. ``own``: the kind's filters, by name."""

    status: str | None = None
    customer_id: str | None = None
    participant_id: str | None = None
    action_required: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)

    def given(self) -> dict[str, Any]:
        """The filters that narrow something, by name."""
        named = {
            "status": self.status,
            "customer_id": self.customer_id,
            "participant_id": self.participant_id,
            "action_required": self.action_required,
            **self.own,
        }
        return {name: value for name, value in named.items() if value is not None}
