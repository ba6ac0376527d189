"""The lifecycle of a booking as pages show it: a diagram and a table, both drawn from ``LIFECYCLE``.

A page says where it wants them with a pair of marks (``<!-- lifecycle:begin -->`` ... ``<!-- lifecycle:end -->``);
``refreshed`` fills what stands between, and a test fails when a page differs from the code.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from domain.lifecycle import TransitionRule
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, State
from kinds.vehicle_service.domain.roles import Role

_START_OR_END = "[*]"


def mermaid() -> str:
    """The moves that change the status, as a Mermaid state diagram; what keeps it is in the table."""
    names = [f'    state "{state}" as {_id(state)}' for state in State if _id(state) != state]
    ends = [f"    {_id(state)} --> {_START_OR_END}" for state in State if state in LIFECYCLE.final]
    first = f"    {_START_OR_END} --> {_id(LIFECYCLE.first)}: {Action.BOOK}"
    return "\n".join(["stateDiagram-v2", *names, first, *_arrows(), *ends])


def table() -> str:
    """Every row of the table as Markdown; rows that every state shares stand once, at the end."""
    shared = set(_shared())
    rows = [
        _row(str(state), action, " or ".join(rule.to), rule)
        for (state, action), rule in LIFECYCLE.transitions.items()
        if action not in shared
    ]
    anywhere = [
        _row("any state", action, "stays", LIFECYCLE.transitions[LIFECYCLE.first, action]) for action in _shared()
    ]
    return "\n".join(["| state | action | leads to | by |", "|---|---|---|---|", *rows, *anywhere])


def refreshed(page: str) -> str:
    """The page with today's diagram and table between its marks."""
    page = _filled(page, "lifecycle", f"```mermaid\n{mermaid()}\n```")
    return _filled(page, "moves", table())


def _filled(page: str, mark: str, block: str) -> str:
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return between.sub(lambda _: f"{begin}\n{block}\n{end}", page)


def _id(state: State) -> str:
    """Mermaid knows no hyphens in the name of a state."""
    return state.replace("-", "_")


def _arrows() -> Iterator[str]:
    """One arrow from a state to another, labelled with every action that makes the rule."""
    changes = [
        (at, to, action) for (at, action), rule in LIFECYCLE.transitions.items() for to in rule.to if to is not at
    ]
    order = list(State)
    changes.sort(key=lambda change: (order.index(change[0]), order.index(change[1])))
    for (at, to), same in groupby(changes, key=lambda change: change[:2]):
        yield f"    {_id(at)} --> {_id(to)}: {' / '.join(action for _, _, action in same)}"


def _shared() -> list[Action]:
    """The actions that every state has and that rule none."""
    return [action for action in Action if all(_keeps(state, action) for state in State)]


def _keeps(state: State, action: Action) -> bool:
    rule = LIFECYCLE.transitions.get((state, action))
    return rule is not None and rule.to == (state,)


def _row(state: str, action: str, to: str, rule: TransitionRule[State]) -> str:
    who = ", ".join(role for role in Role if role in rule.by)
    return f"| {state} | {action} | {to} | {who} |"
