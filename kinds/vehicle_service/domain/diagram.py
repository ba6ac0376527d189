"""The lifecycle of a booking as pages show it: a diagram and a table from ``LIFECYCLE``, the limits from ``LIMITS``.

A page says where it wants them with a pair of marks (``<!-- lifecycle:begin -->`` ... ``<!-- lifecycle:end -->``);
``refreshed`` fills what stands between, and a test fails when a page differs from the code.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from domain.lifecycle import TransitionRule
from domain.limits import MOST_ORDERS, REFUND_RETRIES, HourlyLimit
from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action, VisitStatus
from kinds.vehicle_service.domain.limits import LIMITS
from kinds.vehicle_service.domain.roles import Role

_START_OR_END = "[*]"


def mermaid() -> str:
    """The moves that change the status, as a Mermaid state diagram; what keeps it is in the table."""
    names = [f'    state "{status}" as {_id(status)}' for status in VisitStatus if _id(status) != status]
    ends = [f"    {_id(status)} --> {_START_OR_END}" for status in VisitStatus if status in LIFECYCLE.final]
    first = f"    {_START_OR_END} --> {_id(LIFECYCLE.first)}: {Action.BOOK}"
    return "\n".join(["stateDiagram-v2", *names, first, *_arrows(), *ends])


def table() -> str:
    """Every row of the table as Markdown; rows that every status shares stand once, at the end."""
    shared = set(_shared())
    rows = [
        _row(str(status), action, " or ".join(rule.to), rule)
        for (status, action), rule in LIFECYCLE.transitions.items()
        if action not in shared
    ]
    anywhere = [
        _row("any status", action, "stays", LIFECYCLE.transitions[LIFECYCLE.first, action]) for action in _shared()
    ]
    return "\n".join(["| status | action | leads to | by |", "|---|---|---|---|", *rows, *anywhere])


def limits_table() -> str:
    """How often people of one role may do the same in an hour, as Markdown."""
    engine = [("orders", MOST_ORDERS, "every command that needs an order"), _limit(REFUND_RETRIES)]
    rows = [f"| {what} | {most} | {commands} |" for what, most, commands in [*map(_limit, LIMITS), *engine]]
    return "\n".join(["| what | an hour | commands |", "|---|---|---|", *rows])


def refreshed(page: str) -> str:
    """The page with today's diagram and table between its marks."""
    page = _filled(page, "lifecycle", f"```mermaid\n{mermaid()}\n```")
    page = _filled(page, "moves", table())
    return _filled(page, "limits", limits_table())


def _limit(limit: HourlyLimit) -> tuple[str, int, str]:
    return limit.what, limit.most, ", ".join(f"`{command.__name__}`" for command in limit.commands)


def _filled(page: str, mark: str, block: str) -> str:
    begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return between.sub(lambda _: f"{begin}\n{block}\n{end}", page)


def _id(status: VisitStatus) -> str:
    """Mermaid knows no hyphens in the name of a state."""
    return status.replace("-", "_")


def _arrows() -> Iterator[str]:
    """One arrow from a status to another, labelled with every action that makes the rule."""
    changes = [
        (at, to, action) for (at, action), rule in LIFECYCLE.transitions.items() for to in rule.to if to is not at
    ]
    order = list(VisitStatus)
    changes.sort(key=lambda change: (order.index(change[0]), order.index(change[1])))
    for (at, to), same in groupby(changes, key=lambda change: change[:2]):
        yield f"    {_id(at)} --> {_id(to)}: {' / '.join(action for _, _, action in same)}"


def _shared() -> list[Action]:
    """The actions that every status has and that rule none."""
    return [action for action in Action if all(_keeps(status, action) for status in VisitStatus)]


def _keeps(status: VisitStatus, action: Action) -> bool:
    rule = LIFECYCLE.transitions.get((status, action))
    return rule is not None and rule.to == (status,)


def _row(status: str, action: str, to: str, rule: TransitionRule[VisitStatus]) -> str:
    who = ", ".join(role for role in Role if role in rule.by)
    return f"| {status} | {action} | {to} | {who} |"
