"""A lifecycle as a table: (state, action) -> where it may lead, and who may do it.

Each kind of booking owns one ``Lifecycle``. Validators, allowed actions, the diagram in the README and the
exhaustive tests all read the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from domain.errors import ActionNotAllowed, RoleRequired
from domain.people import Role

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TransitionRule(Generic[S]):
    """One row: the states it may lead to (the usual one first) and the roles that may make it."""

    to: tuple[S, ...]
    by: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S, A]):
    """The whole table of one kind, with its first state and its final ones."""

    first: S
    final: frozenset[S]
    transitions: Mapping[tuple[S, A], TransitionRule[S]]

    def after(self, state: S, action: A, role: Role, to: S | None = None) -> S:
        """The state that follows.

        Raises:
            ActionNotAllowed: no such row, or ``to`` is not where the row leads.
            RoleRequired: the row is not for this role.
        """
        rule = self.transitions.get((state, action))
        if rule is None:
            raise ActionNotAllowed(
                f"{action} is not possible while the booking is {state}", status=str(state), action=str(action)
            )
        if role not in rule.by:
            raise RoleRequired(f"{action} is not for a {role}", role=str(role), action=str(action))
        if to is None:
            return rule.to[0]
        if to not in rule.to:
            raise ActionNotAllowed(
                f"{action} does not lead from {state} to {to}", status=str(state), action=str(action)
            )
        return to

    def allowed(self, state: S, role: Role) -> tuple[A, ...]:
        """Every action the table gives this role in this state, in the order of the table."""
        return tuple(action for (at, action), rule in self.transitions.items() if at == state and role in rule.by)
