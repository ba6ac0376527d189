from enum import StrEnum

import pytest

from domain.errors import ActionNotAllowed, RoleRequired
from domain.lifecycle import Lifecycle, TransitionRule
from domain.people import Role


class Gate(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


class Action(StrEnum):
    PUSH = "push"
    PULL = "pull"


ANYBODY = frozenset({Role.CUSTOMER, Role.ADMIN})
GATE: Lifecycle[Gate] = Lifecycle(
    first=Gate.OPEN,
    final=frozenset({Gate.LOCKED}),
    transitions={
        (Gate.OPEN, Action.PUSH): TransitionRule((Gate.SHUT, Gate.LOCKED), ANYBODY),
        (Gate.SHUT, Action.PULL): TransitionRule((Gate.OPEN,), frozenset({Role.ADMIN})),
    },
)


def test_a_move_leads_to_its_usual_state_unless_told_otherwise():
    assert GATE.after(Gate.OPEN, Action.PUSH, Role.CUSTOMER) is Gate.SHUT
    assert GATE.after(Gate.OPEN, Action.PUSH, Role.CUSTOMER, Gate.LOCKED) is Gate.LOCKED


def test_a_move_that_is_not_in_the_table_is_refused_with_the_state_and_the_action():
    with pytest.raises(ActionNotAllowed, match="pull is not possible while the booking is open") as refusal:
        GATE.after(Gate.OPEN, Action.PULL, Role.ADMIN)
    assert refusal.value.data == {"status": "open", "action": "pull"}


def test_a_move_of_another_role_is_refused_with_the_role():
    with pytest.raises(RoleRequired, match="pull is not for a customer") as refusal:
        GATE.after(Gate.SHUT, Action.PULL, Role.CUSTOMER)
    assert refusal.value.data == {"role": "customer", "action": "pull"}


def test_a_move_leads_nowhere_but_where_its_row_says():
    with pytest.raises(ActionNotAllowed, match="pull does not lead from shut to locked"):
        GATE.after(Gate.SHUT, Action.PULL, Role.ADMIN, Gate.LOCKED)


def test_the_allowed_actions_are_those_of_the_state_and_the_role():
    assert GATE.allowed(Gate.OPEN, Role.CUSTOMER) == (Action.PUSH,)
    assert GATE.allowed(Gate.SHUT, Role.CUSTOMER) == ()
    assert GATE.allowed(Gate.SHUT, Role.ADMIN) == (Action.PULL,)
