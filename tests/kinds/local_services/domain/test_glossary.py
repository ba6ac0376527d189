"""The glossary's table of moves against the life that it explains."""

from pathlib import Path

from kinds.local_services.domain.lifecycle import LIFECYCLE, Action
from tests.of_every import of_every

ROOT = Path(__file__).parents[4]


def told() -> dict[str, set[str]]:
    """Who does what, as the glossary says."""
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("| move | who | what happened |")[1]
    who = {}
    for line in table.split("\n\n")[0].splitlines()[2:]:
        actions, people, _ = (cell.strip() for cell in line.strip("|").split("|"))
        who |= {action: set(people.split(", ")) for action in actions.split(", ")}
    return who


def test_the_glossary_lists_every_move_of_a_local_service_and_no_other():
    assert told().keys() == set(Action)


@of_every([action for action in Action if action is not Action.REQUEST])
def test_the_glossary_says_whose_move_it_is(action):
    refused = {("cancel", "IN_PROGRESS", "requester")}
    assert told()[action] == {
        party
        for (status, done), move in LIFECYCLE.transitions.items()
        for party in move.by
        if done == action and (done, status, party) not in refused
    }
