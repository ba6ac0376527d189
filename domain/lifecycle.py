"""A lifecycle as a table: (status, action) -> where it may lead, and who may do it.

Each kind of booking owns one ``Lifecycle``. Validators, allowed actions, the diagram in the README and the
exhaustive tests all read the same rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from domain.booking import Booking
from domain.errors import ActionNotAllowed, RoleRequired
from domain.people import Actor, Role

S = TypeVar("S", bound=StrEnum)


class EngineAction(StrEnum):
    """What the engine, or an admin who puts money right, adds to the record of a booking of any kind and status."""

    PAYMENT_FAILED = "payment-failed"
    ISSUE_INVOICE = "issue-invoice"
    ALERT = "alert"
    RETURN_MONEY = "return-money"
    REFUND = "refund"
    RETRY_REFUND = "retry-refund"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    CLEAR_ATTENTION = "clear-attention"
    REPAIR = "repair"


_ENGINE, _ADMIN = frozenset({Role.SYSTEM}), frozenset({Role.ADMIN})
_BY = dict.fromkeys(EngineAction, _ENGINE) | {
    EngineAction.RETRY_REFUND: _ADMIN,
    EngineAction.CLEAR_ATTENTION: _ADMIN,
}


@dataclass(frozen=True, slots=True)
class Transition:
    """What a rule answers: the timeline entry that a granted command makes, and the status it leads to."""

    action: str
    to: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TransitionRule(Generic[S]):
    """One row: the statuses it may lead to (the usual one first) and the roles that may make it."""

    to: tuple[S, ...]
    by: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lifecycle(Generic[S]):
    """The whole table of one kind, with its first status and its final ones."""

    first: S
    final: frozenset[S]
    transitions: Mapping[tuple[S, str], TransitionRule[S]]

    @classmethod
    def of(
        cls,
        statuses: Iterable[S],
        final: Iterable[S],
        transitions: Mapping[tuple[S, str], TransitionRule[S]],
        *,
        pays_out: bool = False,
    ) -> Self:
        """The table of a kind; the first of its ``statuses`` is the one of a new booking. The engine adds its rows.

        ``pays_out``: with those of payouts.
        """
        listed = tuple(statuses)
        added = {
            (status, str(action)): TransitionRule((status,), by)
            for status in listed
            for action, by in _BY.items()
            if pays_out or action is not EngineAction.PAYOUT
        }
        return cls(listed[0], frozenset(final), {**transitions, **added})

    def after(self, status: S, action: str, role: str, to: S | None = None) -> S:
        """The status that follows.

        Raises:
            ActionNotAllowed: no such row, or ``to`` is not where the row leads.
            RoleRequired: the row is not for this role.
        """
        rule = self.transitions.get((status, action))
        if rule is None:
            raise ActionNotAllowed(
                f"{action} is not possible while the booking is {status}", status=str(status), action=str(action)
            )
        if role not in rule.by:
            raise RoleRequired(f"{action} is not for a {role}", role=str(role), action=str(action))
        if to is None:
            return rule.to[0]
        if to not in rule.to:
            raise ActionNotAllowed(
                f"{action} does not lead from {status} to {to}", status=str(status), action=str(action)
            )
        return to

    def transition(
        self, booking: Booking, action: str, actor: Actor, note: str | None = None, to: S | None = None
    ) -> Transition:
        """What a rule answers when the table grants the action; raises as ``after`` does."""
        status = type(self.first)(booking.status)
        return Transition(action, self.after(status, action, actor.role, to), note)

    def allowed(self, status: S, role: str) -> tuple[str, ...]:
        """Every action the table gives this role in this status, in the order of the table."""
        return tuple(action for (at, action), rule in self.transitions.items() if at == status and role in rule.by)


def must_have_role(action: EngineAction, actor: Actor) -> None:
    """Who may add that entry of the engine.

    Raises:
        RoleRequired: the action is not for their role.
    """
    if actor.role not in _BY[action]:
        raise RoleRequired(f"{action} is not for a {actor.role}", role=str(actor.role), action=str(action))


def refusal(booking: Booking, action: str, why: str) -> ActionNotAllowed:
    """The refusal of an action that the status allows but the facts do not."""
    return ActionNotAllowed(why, status=str(booking.status), action=str(action))
