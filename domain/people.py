"""People as the engine knows them: actors, and what a kind says about each of its roles."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """The part a person plays. ``system`` is the engine itself: deadlines, payments, recovery."""

    ADMIN = "admin"
    MECHANIC = "mechanic"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as the timeline shows it. ``id`` is CST/MEC/ADM + digits, or ``system``."""

    role: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A part that people play in a kind of booking.

    ``prefix`` of their ids (CST ..); ``open_registration``: anybody may become one, else an admin makes them.
    """

    name: str
    prefix: str
    scopes: frozenset[str]
    open_registration: bool = False
    sees_money: bool = True


SYSTEM = Actor(Role.SYSTEM, "system", "RevCare")
