"""The state of a booking of a local service. Amounts are paise, times aware UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.booking import Booking
from domain.money import Paise
from domain.people import Actor
from kinds.local_services.domain.parts import (
    Completion,
    Listing,
    Offer,
    OfferState,
    Place,
    Rates,
    Review,
    ServiceCancellation,
    ServiceDispute,
)
from kinds.local_services.domain.policy import ServicePolicy
from kinds.local_services.domain.roles import Party, Role

KIND = "local_services"


class Status(StrEnum):
    """Where a booking stands, in the spelling of the wire."""

    REQUESTED = "REQUESTED"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True, kw_only=True)
class ServiceBooking(Booking):
    """A service that one person does for another; the customer is the requester.

    ``starts_at``, ``duration`` and ``total`` are those of the newest offer until one is accepted, then the agreed ones;
    ``total`` is None while a QUOTE has no price. ``buffer`` follows the booking in the provider's calendar. ``rates``
    are those of the moment until the acceptance freezes them. ``kept``: what of the price stays with platform and
    provider, once that is less than all.
    """

    provider: str
    listing: Listing
    place: Place | None
    starts_at: datetime
    duration: timedelta
    buffer: timedelta
    policy: ServicePolicy
    rates: Rates
    list_price: Paise | None = None
    total: Paise | None = None
    notes: str | None = None
    status: Status = Status.REQUESTED
    offers: list[Offer] = field(default_factory=list)
    accepted_at: datetime | None = None
    started_at: datetime | None = None
    completion: Completion | None = None
    cancellation: ServiceCancellation | None = None
    dispute: ServiceDispute | None = None
    kept: Paise | None = None
    reviews: list[Review] = field(default_factory=list)
    reviews_published_at: datetime | None = None
    reviews_closed: bool = False

    @property
    def requester(self) -> str:
        """Whose request it is."""
        return self.customer.id

    @property
    def ends_at(self) -> datetime:
        """When the service is to be done."""
        return self.starts_at + self.duration

    @property
    def open_offer(self) -> Offer | None:
        """The offer that waits for an answer."""
        return next((offer for offer in reversed(self.offers) if offer.state is OfferState.OPEN), None)

    @property
    def confirmed(self) -> bool:
        """The work, or a decision about it, stands: the provider's share is his."""
        return self.completion is not None and self.completion.confirmed_at is not None

    @property
    def disputed(self) -> bool:
        """The parties disagree, and nobody has decided."""
        return self.dispute is not None and self.dispute.open

    def other(self, person: str) -> str:
        """The other party of the two."""
        return self.provider if person == self.requester else self.requester

    def party_of(self, actor: Actor) -> str:
        """What somebody is in this booking; a stranger keeps the role, for which the lifecycle has no row."""
        if actor.role in (Role.ADMIN, Role.SYSTEM):
            return str(actor.role)
        if actor.id == self.requester:
            return Party.REQUESTER
        return Party.PROVIDER if actor.id == self.provider else str(actor.role)
