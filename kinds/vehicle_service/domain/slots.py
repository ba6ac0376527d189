"""Which time slots a booking gives back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from kinds.vehicle_service.domain.lifecycle import State
from kinds.vehicle_service.domain.visit import VisitBooking

PICKUP, DROP = "pickup", "drop"
_NOT_COLLECTED = frozenset({State.BOOKED, State.PICKUP})


def unused_slots(before: VisitBooking, after: VisitBooking, now: datetime) -> list[str]:
    """The slots that this move frees: of a cancelled booking, or of one delivered before its day."""
    if after.status is before.status:
        return []
    if after.status is State.CANCELLED:
        return [PICKUP, DROP] if before.status in _NOT_COLLECTED else [DROP]
    today = now.astimezone(ZoneInfo(after.policy.timezone)).date()
    return [DROP] if after.status is State.DELIVERED and after.drop.date > today else []
