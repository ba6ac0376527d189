"""Who may see a visit."""

from collections.abc import Iterator

from domain.kind import Participant
from kinds.vehicle_service.domain.roles import Role
from kinds.vehicle_service.domain.visit import VisitBooking


def participants(booking: VisitBooking) -> Iterator[Participant]:
    """The customer, and every mechanic who had a job of it; one whose job another took over no longer takes part."""
    yield Participant(booking.customer.id, Role.CUSTOMER)
    mechanics: dict[str, bool] = {}
    for assignment in booking.assignments:
        mechanics[assignment.mechanic.id] = mechanics.get(assignment.mechanic.id, False) or not assignment.replaced
    for mechanic, active in mechanics.items():
        yield Participant(mechanic, Role.MECHANIC, active)
