"""What people may say beside the moves of a booking."""

from domain.errors import Conflict, RoleRequired
from domain.lifecycle import refusal
from domain.people import Actor
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.roles import Party

MOST = 200
"""Notes of one booking."""
ON_THE_WAY, ARRIVED = "on-the-way", "arrived"
_ON_THE_SPOT = (ON_THE_WAY, ARRIVED)


class TooManyNotes(Conflict):
    """The timeline of this booking is full"""

    @property
    def code(self) -> str:
        """As clients know the refusal of one thing too many; the state of the booking refuses it, not a clock."""
        return "TooMany"


def must_be_possible(booking: ServiceBooking, actor: Actor, event_type: str) -> None:
    """Notes and pictures are anybody's at any time; that he is on his way, or there, is the provider's to say.

    Raises:
        ActionNotAllowed: the booking is not accepted.
        RoleRequired: it is for the provider.
    """
    if event_type not in _ON_THE_SPOT:
        return
    if booking.status != Status.ACCEPTED:
        raise refusal(booking, event_type, f"{event_type} is said while a booking is accepted")
    if booking.party_of(actor) != Party.PROVIDER:
        raise RoleRequired(f"{event_type} is for the provider", role=str(actor.role))
