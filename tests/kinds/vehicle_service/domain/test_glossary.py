"""The glossary's table of actions against the life that it explains."""

from kinds.vehicle_service.domain.lifecycle import LIFECYCLE, Action
from tests.kinds.vehicle_service.refresh_pages import ROOT
from tests.of_every import of_every


def told() -> dict[str, set[str]]:
    """Who does what, as the glossary says."""
    table = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").split("| action | who | what happened |")[1]
    who = {}
    for line in table.splitlines()[2:]:
        actions, people, _ = (cell.strip() for cell in line.strip("|").split("|"))
        who |= {action: set(people.split(", ")) for action in actions.split(", ")}
    return who


def test_the_glossary_lists_every_action_of_the_timeline_and_no_other():
    assert told().keys() == set(Action)


@of_every([action for action in Action if action is not Action.BOOK])
def test_the_glossary_says_who_may_do_it(action):
    assert told()[action] == {
        role for (_, done), move in LIFECYCLE.transitions.items() if done == action for role in move.by
    }
