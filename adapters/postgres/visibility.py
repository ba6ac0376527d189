"""Who may see a booking, as a condition of SQL over ``b``, a row of bookings.

Admins see every booking of their kind, everybody else those in which they take part in their role. Whether somebody
takes part is a row of ``booking_participants``: it may end, and a booking may be handed to somebody else.
"""

from typing import Any

from domain.kind import BookingKind
from domain.people import Actor, Role

_EVERY = "b.kind = :booking_kind"
_TAKES_PART = (
    "b.kind = :booking_kind AND EXISTS (SELECT FROM booking_participants AS mine WHERE mine.booking_id = b.id"
    " AND mine.person_id = :viewer AND mine.role = :viewer_role AND mine.active)"
)


def visible_to(role: str) -> str:
    """The condition for viewers of this role; its parameters are those of ``viewer_of``."""
    return _EVERY if role in (Role.ADMIN, Role.SYSTEM) else _TAKES_PART


def viewer_of(kind: BookingKind[Any], viewer: Actor) -> dict[str, str]:
    """The parameters of the condition."""
    return {"booking_kind": kind.name, "viewer": viewer.id, "viewer_role": str(viewer.role)}
