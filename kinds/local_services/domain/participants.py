"""Who may see a booking, and what it holds that others want as well."""

from collections.abc import Iterator, Mapping

from domain.kind import Json, Participant
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.roles import Role
from kinds.local_services.domain.slots import held_leg

TIME = "time"
"""The leg under which the provider's time is held."""
_HOLDING = (Status.REQUESTED, Status.ACCEPTED, Status.IN_PROGRESS)


def participants(booking: ServiceBooking) -> Iterator[Participant]:
    """Both parties; the requester in either role, for a seeker may become a provider and providers request, too."""
    yield Participant(booking.requester, Role.SEEKER)
    yield Participant(booking.requester, Role.PROVIDER)
    yield Participant(booking.provider, Role.PROVIDER)


def reservations(booking: ServiceBooking) -> Mapping[str, Json]:
    """The provider's time, from the request on: what it is not held for while it is negotiated is booked twice."""
    if booking.status not in _HOLDING:
        return {}
    policy = booking.policy
    leg = held_leg(booking.provider, booking.starts_at, booking.duration, booking.buffer)
    return {TIME: {**leg, "step": policy.time_step.total_seconds(), "notice": policy.min_notice.total_seconds()}}
