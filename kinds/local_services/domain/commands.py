"""What people ask of a booking, and what its deadlines do: the payloads of updates.

Whoever builds a command has looked up the facts in it (rates of the moment, whether the provider has arrived); whether
the booking grants it is decided by the rules alone.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.commands import Command, CommandWithOrder, EngineCommand
from domain.money import Paise
from kinds.local_services.domain.parts import Outcome, Rates


@dataclass(frozen=True, slots=True)
class ServiceCommand(Command):
    """What a party or an admin asks. ``expected``: the version that it is meant for, where the client names one."""

    expected: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Offer(ServiceCommand):
    """Another price, time or both; None is as in the offer before."""

    total: Paise | None = None
    starts_at: datetime | None = None
    duration: timedelta | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Accept(ServiceCommand):
    """The request is accepted, on the terms of its open offer. ``rates`` are those of the moment."""

    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class AcceptOffer(ServiceCommand):
    """The offer of that number is accepted: the request with it, or another time of an accepted booking."""

    offer_id: int
    rates: Rates | None = None


@dataclass(frozen=True, slots=True)
class DeclineOffer(ServiceCommand):
    """The offer of that number is declined; an open request ends with it."""

    offer_id: int


@dataclass(frozen=True, slots=True)
class PayIntent(CommandWithOrder):
    """The requester is about to pay online."""


@dataclass(frozen=True, slots=True)
class Start(ServiceCommand):
    """The provider begins."""


@dataclass(frozen=True, slots=True)
class Complete(ServiceCommand):
    """The work is done; of work that is done already it is the confirmation."""


@dataclass(frozen=True, slots=True)
class Confirm(ServiceCommand):
    """The requester, or an admin for him, is content with the work."""


@dataclass(frozen=True, slots=True)
class Cancel(ServiceCommand):
    """The booking is called off. ``arrived``: the provider has said that he was there.

    ``fee_percent``: what an admin has kept of the price; nobody else is asked for it.
    """

    reason: str | None = None
    no_show: bool = False
    arrived: bool = False
    fee_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Dispute(ServiceCommand):
    """A party is not content."""

    reason: str
    description: str
    media_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WithdrawDispute(ServiceCommand):
    """Who opened the dispute gives it up."""


@dataclass(frozen=True, slots=True)
class DecideDispute(ServiceCommand):
    """An admin decides what becomes of the money; ``refund`` in paise, for ``refund_part`` alone."""

    outcome: Outcome
    refund: Paise | None = None
    against: str = "nobody"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Review(ServiceCommand):
    """What a party says of the other, one to five."""

    rating: int
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Expire(EngineCommand):
    """Nobody answered, paid or started in time: the booking is cancelled, or an offered time forgotten."""


@dataclass(frozen=True, slots=True)
class CompleteByClock(EngineCommand):
    """Nobody said that the work is done, long after it was to be."""


@dataclass(frozen=True, slots=True)
class ConfirmByClock(EngineCommand):
    """Nobody objected in time."""


@dataclass(frozen=True, slots=True)
class PublishReviews(EngineCommand):
    """The time for reviews is over."""
