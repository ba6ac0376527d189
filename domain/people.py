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
    """Who does or did something, without a name, which is looked up to be shown.

    ``id`` is the prefix of a role and digits, or one of ``NAMES``.
    """

    role: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as they are known now: looked up when a view is built or a document is issued, never kept in a state.

    Somebody who has left has a name that says so ("Former customer") and no phone.
    """

    id: str
    name: str
    phone: str | None = None
    photo: str | None = None


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """A part that people play in a kind of booking.

    ``prefix`` of their ids: three capitals (CST ..); roles with one prefix are numbered together.
    ``open_registration``: anybody may become one, else an admin makes them; never for admins. ``sees_money``: whether
    they read amounts and documents. ``email_optional``: they may have no e-mail address, and then get no mail.
    ``shown_as``: what answers and tokens call it, where that is not its name.
    """

    name: str
    prefix: str
    scopes: frozenset[str]
    open_registration: bool = False
    sees_money: bool = True
    email_optional: bool = False
    shown_as: str = ""

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"the prefix of {self.name} is three capitals, not {self.prefix!r}")
        if self.open_registration and self.name == Role.ADMIN:
            raise ValueError("nobody registers as an admin")

    @property
    def shown(self) -> str:
        """What answers and tokens call it."""
        return self.shown_as or self.name


TAKING_PART = frozenset(
    {"READ:BOOKINGS", "WRITE:BOOKINGS", "UPDATE:BOOKINGS", "READ:PAYMENTS", "WRITE:PAYMENTS", "READ:REFUNDS"}
)
"""Scopes that bookings and their money ask of whoever takes part in one."""

SCOPE_OF_PAYOUTS = "READ:PAYOUTS"
"""Asked of whoever reads payouts, in kinds that have them."""

OWN_ACCOUNT = frozenset({"READ:CUSTOMERS", "UPDATE:CUSTOMERS", "DELETE:CUSTOMERS"})
"""Scopes of a customer over what is known of them."""

ADMINISTRATION = (
    TAKING_PART
    | OWN_ACCOUNT
    | {f"{action}:{of}" for action in ("READ", "WRITE", "UPDATE", "DELETE") for of in ("ADMINS", "RBAC")}
    | {"WRITE:CUSTOMERS", "UPDATE:PAYMENTS", "WRITE:REFUNDS", "READ:NOTIFICATION_LOG", "WRITE:NOTIFICATION_LOG"}
)
"""Scopes of an admin over all that every kind has. A kind adds those of its own routes."""

SYSTEM = Actor(Role.SYSTEM, "system")
TEMPORAL_ADMIN = Actor(Role.ADMIN, "temporal")
"""Whoever presses Cancel in the Temporal UI, which knows no people of ours."""

NAMES = {SYSTEM.id: "RevCare", TEMPORAL_ADMIN.id: "Temporal UI"}
"""What those are called who are no people, by id."""
