"""The state of a table reservation, its commands and its lifecycle. Amounts are paise."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.booking import Booking, Customer
from domain.commands import Command, CommandWithOrder, EngineCommand
from domain.lifecycle import Lifecycle, TransitionRule
from domain.money import Paise


@dataclass(slots=True, kw_only=True)
class TableBooking(Booking):
    """A table for a time. ``deposit`` is 0 for one that costs nothing; ``bill`` is known when the guests have eaten.

    ``share``: so many percent of what is kept of the deposit are the host's.
    """

    house: str
    host: str
    table: int
    starts_at: datetime
    ends_at: datetime
    deposit: Paise = 0
    bill: Paise | None = None
    share: int = 0
    former_guests: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PayDeposit(CommandWithOrder):
    """The guest pays the deposit online."""


@dataclass(frozen=True, slots=True)
class HandOver(Command):
    """The guest gives the reservation to somebody else, and no longer sees it."""

    guest: Customer


@dataclass(frozen=True, slots=True)
class Seat(Command):
    """The host has seated the guests."""


@dataclass(frozen=True, slots=True)
class Bill(Command):
    """The host writes the bill, without GST; what the deposit does not cover is paid in cash at once."""

    amount: Paise


@dataclass(frozen=True, slots=True)
class Miss(EngineCommand):
    """Nobody came in time; the deposit stays."""


Status = StrEnum("Status", ["RESERVED", "SEATED", "LEFT", "MISSED", "CANCELLED"])
GUEST, HOUSE, ENGINE = frozenset({"customer", "admin"}), frozenset({"host", "admin"}), frozenset({"system"})
LIFECYCLE: Lifecycle[Status] = Lifecycle.of(
    Status,
    {Status.LEFT, Status.MISSED, Status.CANCELLED},
    {
        (Status.RESERVED, "pay-deposit"): TransitionRule((Status.RESERVED,), GUEST),
        (Status.RESERVED, "pay"): TransitionRule((Status.RESERVED,), ENGINE),
        (Status.SEATED, "pay"): TransitionRule((Status.SEATED,), ENGINE),
        (Status.RESERVED, "hand-over"): TransitionRule((Status.RESERVED,), GUEST),
        (Status.RESERVED, "seat"): TransitionRule((Status.SEATED,), HOUSE),
        (Status.SEATED, "bill"): TransitionRule((Status.LEFT,), HOUSE),
        (Status.RESERVED, "cancel"): TransitionRule((Status.CANCELLED,), GUEST | HOUSE),
        (Status.RESERVED, "miss"): TransitionRule((Status.MISSED,), ENGINE),
    },
    pays_out=True,
)
