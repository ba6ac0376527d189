"""What a transition costs in the stored histories: Temporal's server is the largest consumer of a booking's life."""

from collections import Counter

from temporalio.api.history.v1 import HistoryEvent

from tests.of_every import of_every
from tests.workflows.paths import PATHS
from tests.workflows.record import HISTORIES
from tests.workflows.replay import history
from tests.workflows.test_costs import facts, moves, name

TASK = 3
"""A workflow task is scheduled, started and completed: three events."""
TRANSITION = Counter(WORKFLOW_EXECUTION_UPDATE_ACCEPTED=1, MARKER_RECORDED=1, WORKFLOW_EXECUTION_UPDATE_COMPLETED=1)
"""What the task of an update adds when it makes one transition: accepted, rows written, answered."""
WORK = {
    "ACTIVITY_TASK_SCHEDULED",
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
    "SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED",
    "WORKFLOW_EXECUTION_COMPLETED",
}
"""What the new state begins (an e-mail, an order's facts, a document, a refund) or ends: no cost of the transition."""


def stored(path: str) -> list[HistoryEvent]:
    return list(history(HISTORIES / f"{path}.json").events)


def by_task(events: list[HistoryEvent]) -> list[Counter[str]]:
    """What each workflow task has decided, without the work that it begins."""
    decided: list[Counter[str]] = []
    for event in events:
        ours = getattr(facts(event), "workflow_task_completed_event_id", 0) and name(event) not in WORK
        if name(event) == "WORKFLOW_TASK_COMPLETED":
            decided.append(Counter())
        elif ours or name(event) in TRANSITION:
            decided[-1][name(event)] += 1
    return decided


def of_one_update(decided: Counter[str]) -> bool:
    return all(decided[event] == count for event, count in TRANSITION.items())


@of_every(PATHS)
def test_a_transition_costs_six_events_seven_with_a_search_attribute_and_eight_with_a_deadline(path):
    updates = [decided for decided in by_task(stored(path)) if of_one_update(decided)]
    for decided in updates:
        more = decided - TRANSITION
        attributes = more.pop("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES", 0)
        deadlines = sum(more.pop(event, 0) for event in ("TIMER_STARTED", "TIMER_CANCELED"))
        assert max(attributes, deadlines) <= 1, decided
        cost = TASK + TRANSITION.total() + attributes + deadlines
        assert cost + more.total() == 6 + attributes + deadlines, decided


def test_nearly_every_transition_of_a_life_is_such_a_one():
    """The others: the opening, what a payment, a document or a deadline causes, an exchange of slots."""
    events = stored("online")
    plain = sum(map(of_one_update, by_task(events)))
    assert plain / moves(events) > 0.7


def test_a_whole_life_that_is_paid_online_costs_nine_events_a_version_with_all_its_calls():
    events = stored("online")
    assert len(events) <= 9 * moves(events)
