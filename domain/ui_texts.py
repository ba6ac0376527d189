"""What a kind of booking says in the Temporal UI; how it is laid out is the engine's (``domain.temporal_ui``)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from domain.booking import Booking

B = TypeVar("B", bound=Booking)


@dataclass(frozen=True, kw_only=True)
class UiTexts(Generic[B]):
    """What an admin reads in the Temporal UI about one booking."""

    static_summary: Callable[[B], str]
    """One line that never changes."""
    stages: tuple[str, ...]
    static_details: Callable[[B], str] = lambda booking: f"Booking {booking.id} of {booking.customer.id}"
    """The lines that never change, for the top of the workflow's page."""
    assignee: Callable[[B], tuple[str, str] | None] = lambda booking: None
    """Id and a line about whoever works on it now."""
    assignee_title: str = "Assigned to"
    scheduled_at: Callable[[B], datetime | None] = lambda booking: None
    status_note: Callable[[B], str] = lambda booking: ""
    """What to say beside a status that is no stage."""
    lines: Callable[[B], Iterable[str]] = lambda booking: ()
    """What only the kind knows and changes as the booking does: paragraphs below the assignee."""
