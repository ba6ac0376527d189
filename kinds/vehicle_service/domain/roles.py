"""Who may do what in the vehicle service: its roles and the table of scopes, as data; and who may work here.

The routes, the seed, the docs page and the tests all read this one table.
"""

from datetime import date
from enum import StrEnum

from domain.errors import Invalid
from domain.people import RoleSpec


class Role(StrEnum):
    """The part a person plays. ``system`` is the engine itself: deadlines, payments, recovery."""

    ADMIN = "admin"
    MECHANIC = "mechanic"
    CUSTOMER = "customer"
    SYSTEM = "system"


_ADMIN, _MECHANIC, _CUSTOMER = Role.ADMIN, Role.MECHANIC, Role.CUSTOMER
_BY_INITIAL = {"A": _ADMIN, "M": _MECHANIC, "C": _CUSTOMER}

# resource: who may READ, WRITE, UPDATE, DELETE
_MATRIX = {
    "RBAC": ("AMC", "A", "A", "A"),
    "USERS": ("AMC", "A", "A", "A"),
    "MECHANICS": ("AMC", "A", "AM", "A"),
    "ADMINS": ("A", "A", "A", "A"),
    "CUSTOMERS": ("AMC", "A", "AC", "AC"),
    "REFRESH_TOKENS": ("AMC", "A", "AMC", "A"),
    "UTILS": ("AMC", "A", "A", "A"),
    "CARS": ("AMC", "A", "A", "A"),
    "CUSTOMER_CARS": ("AMC", "AC", "AC", "AC"),
    "AREAS": ("AMC", "A", "A", "A"),
    "ADDRESSES": ("AMC", "AC", "AC", "AC"),
    "SERVICE_CATEGORIES": ("AMC", "A", "A", "A"),
    "SERVICES": ("AMC", "A", "A", "A"),
    "NOTIFICATION_LOG": ("A", "A", "A", "A"),
    "PAYMENTS": ("AMC", "AMC", "A", "A"),
    "PRICE_CHART": ("AMC", "A", "A", "A"),
    "SERVICE_REVIEWS": ("AMC", "AC", "AC", "AC"),
    "FAVOURITES": ("AMC", "AC", "A", "AC"),
    "CART": ("AMC", "AC", "A", "AC"),
    "BOOKINGS": ("AMC", "AC", "AC", "A"),
    "BOOKED_SERVICES": ("AMC", "AC", "AC", "A"),
    "BOOKING_ASSIGNMENT": ("AMC", "A", "AM", "A"),
    "BOOKING_ANALYSIS": ("AMC", "AM", "A", "A"),
    "BOOKING_PROGRESS": ("AMC", "AM", "A", "A"),
    "BOOKING_RECOMMENDATIONS": ("AMC", "AM", "A", "A"),
    "CONTENT": ("AMC", "A", "A", "A"),
    "GST": ("AMC", "A", "A", "A"),
    "QUERIES": ("AC", "AC", "A", "A"),
    "BACKUP": ("A", "A", "A", "A"),
    "REFUNDS": ("AC", "A", "A", "A"),
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
ALL_SCOPES: tuple[str, ...] = tuple(f"{action}:{resource}" for resource in _MATRIX for action in ACTIONS)

CUSTOMER = RoleSpec(Role.CUSTOMER, "CST", SCOPES[Role.CUSTOMER], open_registration=True)
MECHANIC = RoleSpec(Role.MECHANIC, "MEC", SCOPES[Role.MECHANIC], sees_money=False)
ADMIN = RoleSpec(Role.ADMIN, "ADM", SCOPES[Role.ADMIN])
ROLES = (ADMIN, MECHANIC, CUSTOMER)
"""In the order of their ids, which are published: 1, 2, 3."""

YOUNGEST, OLDEST = 18, 60
"""The ages of people who work here, in completed years."""


def age_on(born: date, day: date) -> int:
    """Completed years on that day; whoever was born on 29 February is older from 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def must_be_of_working_age(born: date, today: date) -> None:
    """Mechanics are adults, and not older than 60.

    Raises:
        Invalid: too young, too old, or not born yet.
    """
    if not YOUNGEST <= age_on(born, today) <= OLDEST:
        raise Invalid(f"a mechanic is {YOUNGEST} to {OLDEST} years old")
