from enum import StrEnum

import pytest

from domain.errors import ActionNotAllowed, RoleRequired
from domain.lifecycle import Lifecycle, TransitionRule
from domain.people import Role


class Door(StrEnum):
    OPEN = "open"
    SHUT = "shut"
    LOCKED = "locked"


class Deed(StrEnum):
    PUSH = "push"
    PULL = "pull"


ANYBODY = frozenset({Role.CUSTOMER, Role.ADMIN})
DOOR: Lifecycle[Door, Deed] = Lifecycle(
    first=Door.OPEN,
    final=frozenset({Door.LOCKED}),
    transitions={
        (Door.OPEN, Deed.PUSH): TransitionRule((Door.SHUT, Door.LOCKED), ANYBODY),
        (Door.SHUT, Deed.PULL): TransitionRule((Door.OPEN,), frozenset({Role.ADMIN})),
    },
)


def test_a_move_leads_to_its_usual_state_unless_told_otherwise():
    assert DOOR.after(Door.OPEN, Deed.PUSH, Role.CUSTOMER) is Door.SHUT
    assert DOOR.after(Door.OPEN, Deed.PUSH, Role.CUSTOMER, Door.LOCKED) is Door.LOCKED


def test_a_move_that_is_not_in_the_table_is_refused_with_the_state_and_the_action():
    with pytest.raises(ActionNotAllowed, match="pull is not possible while the booking is open") as refusal:
        DOOR.after(Door.OPEN, Deed.PULL, Role.ADMIN)
    assert refusal.value.data == {"status": "open", "action": "pull"}


def test_a_move_of_another_role_is_refused_with_the_role():
    with pytest.raises(RoleRequired, match="pull is not for a customer") as refusal:
        DOOR.after(Door.SHUT, Deed.PULL, Role.CUSTOMER)
    assert refusal.value.data == {"role": "customer", "action": "pull"}


def test_a_move_leads_nowhere_but_where_its_row_says():
    with pytest.raises(ActionNotAllowed, match="pull does not lead from shut to locked"):
        DOOR.after(Door.SHUT, Deed.PULL, Role.ADMIN, Door.LOCKED)


def test_the_allowed_actions_are_those_of_the_state_and_the_role():
    assert DOOR.allowed(Door.OPEN, Role.CUSTOMER) == (Deed.PUSH,)
    assert DOOR.allowed(Door.SHUT, Role.CUSTOMER) == ()
    assert DOOR.allowed(Door.SHUT, Role.ADMIN) == (Deed.PULL,)
