"""What the rules have in common: who may, at which version, and how a booking ends early."""

from datetime import datetime

from domain.billing.orders import close_orders
from domain.billing.refunds import refund_up_to
from domain.lifecycle import Transition
from domain.people import Actor
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.cancellation import Quote
from kinds.local_services.domain.commands import ServiceCommand
from kinds.local_services.domain.errors import StaleVersion
from kinds.local_services.domain.lifecycle import LIFECYCLE
from kinds.local_services.domain.parts import OfferState, ServiceCancellation


def granted(
    booking: ServiceBooking, action: str, actor: Actor, note: str | None = None, to: Status | None = None
) -> Transition:
    """What the table says of this party's action: the state first, then who asks.

    Raises:
        ActionNotAllowed, RoleRequired: it says no.
    """
    status = LIFECYCLE.after(Status(booking.status), action, booking.party_of(actor), to)
    return Transition(action, status, note)


def must_be_current(booking: ServiceBooking, command: ServiceCommand) -> None:
    """A command that names a version is for that one alone.

    Raises:
        StaleVersion: the booking has changed since.
    """
    if command.expected is not None and command.expected != booking.version:
        raise StaleVersion(
            f"the booking is at version {booking.version}, not {command.expected}", version=booking.version
        )


def close_offers(booking: ServiceBooking, state: OfferState = OfferState.EXPIRED) -> None:
    """Nobody answers an offer any more."""
    for offer in booking.offers:
        if offer.state is OfferState.OPEN:
            offer.state = state


def call_off(booking: ServiceBooking, price: Quote, actor: Actor, reason: str | None, now: datetime) -> None:
    """The booking ends at that price; what is not kept goes back."""
    booking.cancellation = ServiceCancellation(
        price.fee,
        0,
        price.refund,
        reason,
        actor,
        now,
        compensation=price.compensation,
        cause=price.cause,
        hold_from=now if price.held_back else None,
    )
    booking.kept = price.fee
    close_offers(booking)
    close_orders(booking)
    refund_up_to(booking, price.refund, reason or f"the booking was called off: {price.cause}", now)
