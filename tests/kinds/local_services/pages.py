"""What pages say about bookings of local services, from the kind's own tables."""

import re
from collections.abc import Iterator

from domain.attention import all_deadlines
from domain.commands import Alert
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import Status
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from kinds.local_services.domain.roles import Party
from tests.kinds.local_services.bookings import ASHA, DAY, HOUR, RAVI, START, Request

LIVES = (
    Request(),
    Request().accepted(),
    Request().paid(),
    Request().paid().asks(commands.Offer(RAVI, starts_at=START + DAY)),
    Request().begun(),
    Request().completed(),
    Request().completed().asks(commands.Dispute(ASHA, "bad-work", "the kitchen was not done")),
    Request().paid().when(START + HOUR).asks(commands.Cancel(RAVI, no_show=True, arrived=True)),
)
"""One booking for each sort of wait."""


def mermaid() -> str:
    """The moves that change the status, as a Mermaid state diagram."""
    moves: dict[tuple[Status, Status], list[str]] = {}
    for (at, action), rule in LIFECYCLE.transitions.items():
        for to in rule.to:
            if to is not at:
                moves.setdefault((Status(at), to), []).append(action)
    arrows = [f"    {at} --> {to}: {' / '.join(actions)}" for (at, to), actions in moves.items()]
    ends = [f"    {status} --> [*]" for status in Status if status in LIFECYCLE.final]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {LIFECYCLE.first}: {Action.REQUEST}", *arrows, *ends])


def table() -> str:
    """The kind's own rows as Markdown; those of the engine are the same for every kind."""
    rows = [
        f"| {at} | {action} | {' or '.join(rule.to)} | {', '.join(party for party in Party if party in rule.by)} |"
        for (at, action), rule in LIFECYCLE.transitions.items()
        if action in set(Action) and not (action == Action.DISPUTE and set(rule.by) == {Party.SYSTEM})
    ]
    return "\n".join(["| status | action | leads to | by |", "|---|---|---|---|", *rows])


def deadlines() -> set[tuple[str, str, str]]:
    """Status, summary and outcome of every deadline that the lives have."""
    return {
        (str(life.booking.status), each.summary, _outcome(each.command))
        for life in LIVES
        for each in all_deadlines(LOCAL_SERVICES, life.booking)
    }


def refreshed(page: str) -> str:
    """The page with today's diagram and table between its marks."""
    for mark, block in (("services", f"```mermaid\n{mermaid()}\n```"), ("service-moves", table())):
        begin, end = f"<!-- {mark}:begin -->", f"<!-- {mark}:end -->"
        between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        page = between.sub(lambda _, filled=f"{begin}\n{block}\n{end}": filled, page)
    return page


def told_deadlines(page: str) -> Iterator[tuple[str, str, str]]:
    """Status, summary and outcome of the rows of the page's table of deadlines."""
    rows = page.split("| status | deadline, as the timer in the Temporal UI is called | when | what happens |")[1]
    for line in rows.split("\n\n")[0].splitlines()[2:]:
        status, summary, _, outcome = (cell.strip() for cell in line.strip("|").split("|"))
        yield status, summary, outcome.strip("`").split("`")[0]


def _outcome(command: object) -> str:
    match command:
        case None:
            return "mail and push"
        case Alert():
            return "Alert"
        case _:
            return type(command).__name__
