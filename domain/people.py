"""People as the engine knows them: actors, and what a kind says about each of its roles."""

import re
from dataclasses import dataclass
from enum import StrEnum

_PREFIX = re.compile("[A-Z]{3}")


class Role(StrEnum):
    """The parts that the engine knows; any other is a kind's own ``RoleSpec``.

    ``admin`` puts right what went wrong, ``customer`` is whose booking it is, ``system`` is the engine itself:
    deadlines, payments, recovery.
    """

    ADMIN = "admin"
    CUSTOMER = "customer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as the timeline shows it. ``id`` is the prefix of a role and digits, or ``system``."""

    role: str
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A part that people play in a kind of booking.

    ``prefix`` of their ids: three capitals (CST ..); roles with one prefix are numbered together.
    ``open_registration``: anybody may become one, else an admin makes them. ``sees_money``: whether they read amounts
    and documents.
    """

    name: str
    prefix: str
    scopes: frozenset[str]
    open_registration: bool = False
    sees_money: bool = True

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"the prefix of {self.name} is three capitals, not {self.prefix!r}")


SYSTEM = Actor(Role.SYSTEM, "system", "RevCare")
