"""Who may do what among local services: roles with their scopes, and the parties of one booking.

A role is what somebody is registered as; a party is what they are in one booking. A provider who requests another's
service is the requester there, so what a booking allows is decided by party.
"""

from enum import StrEnum

from domain.people import RoleSpec


class Role(StrEnum):
    """The part a person plays. The engine's names of admin and system stay; ``shown`` is how a client reads them."""

    SEEKER = "SERVICE_SEEKER"
    PROVIDER = "SERVICE_PROVIDER"
    ADMIN = "admin"
    SYSTEM = "system"


class Party(StrEnum):
    """What somebody is in one booking; the roles of its lifecycle, and the words of ``waiting_for``."""

    REQUESTER = "requester"
    PROVIDER = "provider"
    ADMIN = "admin"
    SYSTEM = "system"


SHOWN_ADMIN = "ADMIN"


def shown(role: str) -> str:
    """A role as answers and tokens name it: "ADMIN" for the engine's "admin", any other as it is."""
    return SHOWN_ADMIN if role == Role.ADMIN else str(role)


def role_of(text: str) -> str:
    """The role that a client means; the inverse of ``shown``."""
    return str(Role.ADMIN) if text == SHOWN_ADMIN else text


_BY_INITIAL = {"A": Role.ADMIN, "P": Role.PROVIDER, "S": Role.SEEKER}

# resource: who may READ, WRITE, UPDATE, DELETE
_MATRIX = {
    "USERS": ("APS", "A", "APS", "APS"),
    "CATEGORIES": ("APS", "A", "A", "A"),
    "LISTINGS": ("APS", "AP", "AP", "AP"),
    "BOOKINGS": ("APS", "APS", "APS", "A"),
    "PAYMENTS": ("APS", "APS", "A", "A"),
    "REFUNDS": ("APS", "A", "A", "A"),
    "REVIEWS": ("APS", "APS", "A", "A"),
    "MESSAGES": ("APS", "APS", "APS", "APS"),
    "NOTIFICATIONS": ("APS", "APS", "APS", "APS"),
    "PAYOUTS": ("AP", "A", "A", "A"),
    "AUDIT": ("A", "A", "A", "A"),
    "RBAC": ("A", "A", "A", "A"),
    "ADMINS": ("A", "A", "A", "A"),
    "BACKUP": ("A", "A", "A", "A"),
    "GST": ("A", "A", "A", "A"),
    "NOTIFICATION_LOG": ("A", "A", "A", "A"),
}
ACTIONS = ("READ", "WRITE", "UPDATE", "DELETE")

SCOPES: dict[Role, frozenset[str]] = {
    role: frozenset(
        f"{action}:{resource}"
        for resource, initials in _MATRIX.items()
        for action, who in zip(ACTIONS, initials, strict=True)
        if initial in who
    )
    for initial, role in _BY_INITIAL.items()
}

SERVICE_SEEKER = RoleSpec(Role.SEEKER, "USR", SCOPES[Role.SEEKER], open_registration=True, email_optional=True)
SERVICE_PROVIDER = RoleSpec(Role.PROVIDER, "USR", SCOPES[Role.PROVIDER], open_registration=True, email_optional=True)
ADMIN = RoleSpec(Role.ADMIN, "ADM", SCOPES[Role.ADMIN], email_optional=True, shown_as=SHOWN_ADMIN)
ROLES = (ADMIN, SERVICE_PROVIDER, SERVICE_SEEKER)
"""In the order of their ids. Seekers and providers are numbered together, so a seeker who becomes one keeps the id."""
