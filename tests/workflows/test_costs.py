"""What a move costs: Temporal's server is the largest consumer of a booking, and it pays by the event.

At most eight events per move, mails and provider calls apart (issue "The engine, end to end").
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from domain.billing.records import Method
from domain.temporal_ui import MESSAGE_VERSION
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import PickupType
from tests.kinds.vehicle_service.people import ADMIN, ASHA
from tests.workflows.paths import EVERY_PATH
from tests.workflows.visit import Visit, leg_in, ms, windows
from workflows.booking.messages import MAIL_QUEUE, PAYMENTS_QUEUE

LIMIT = 8
IN_VAIN = 5
"""Of a report that brings nothing: the signal, its task and the event that a task leaves that decides nothing."""
CROSSED = {(PickupType.DOORSTEP, Method.OFFLINE), (PickupType.WALK_IN, Method.ONLINE)}

NAMES = {value: name.removeprefix("EVENT_TYPE_") for name, value in EventType.items()}


def name(event: HistoryEvent) -> str:
    return NAMES[event.event_type]


def facts(event: HistoryEvent) -> Any:
    return getattr(event, event.WhichOneof("attributes"))


def own(events: list[HistoryEvent]) -> list[HistoryEvent]:
    """Without mails and provider calls (a refund's workflow is one): their events, and each task only they caused.

    How many tasks the answers of a refund's workflow cause depends on which of them arrive together, and how many the
    server has done again, since something came in meanwhile or the worker was late, on the machine's load.
    """
    calls = {
        event.event_id
        for event in events
        if name(event) == "ACTIVITY_TASK_SCHEDULED" and facts(event).task_queue.name in (MAIL_QUEUE, PAYMENTS_QUEUE)
    }
    calls |= {event.event_id for event in events if lets_emails_leave(event)}
    calls |= {event.event_id for event in events if name(event) == "START_CHILD_WORKFLOW_EXECUTION_INITIATED"}
    apart = calls | {event.event_id for event in events if answers(event) & calls}
    for event in filter(done_again, events):
        apart |= {event.event_id, facts(event).scheduled_event_id, facts(event).started_event_id}
    causes: set[int] = set()
    for place, event in enumerate(events):
        if name(event) == "WORKFLOW_TASK_COMPLETED":
            caused = takewhile(lambda e: name(e) != "WORKFLOW_TASK_SCHEDULED", events[place + 1 :])
            causes |= {e.event_id for e in caused if name(e) == "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"}
            if causes and causes <= apart:
                apart |= {event.event_id, facts(event).scheduled_event_id, facts(event).started_event_id}
            causes = set()
        elif not name(event).startswith(("WORKFLOW_TASK", "WORKFLOW_EXECUTION_UPDATE")) and not decided(event):
            causes.add(event.event_id)
    return [event for event in events if event.event_id not in apart]


def answers(event: HistoryEvent) -> set[int]:
    """The activity or the child workflow that the event tells of."""
    return {getattr(facts(event), field, 0) for field in ("scheduled_event_id", "initiated_event_id")}


def lets_emails_leave(event: HistoryEvent) -> bool:
    """Says which version has e-mails, and nothing else."""
    if name(event) != "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES":
        return False
    return list(facts(event).search_attributes.indexed_fields) == [MESSAGE_VERSION]


def done_again(event: HistoryEvent) -> bool:
    """The end of a task of which nothing was kept, without a fault of the workflow."""
    if name(event) == "WORKFLOW_TASK_FAILED":
        return facts(event).cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    return name(event) == "WORKFLOW_TASK_TIMED_OUT"


def decided(event: HistoryEvent) -> bool:
    """The workflow's own decision, where others are what came from outside."""
    return bool(getattr(facts(event), "workflow_task_completed_event_id", 0))


def words(events: Iterable[HistoryEvent]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(map(name, events)).items())


def moves(events: list[HistoryEvent]) -> int:
    """Each version is one local activity."""
    return sum(name(event) == "MARKER_RECORDED" for event in events)


class Meter:
    """Counts what each step adds to the history when all is quiet again."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.known = 0

    async def costs(self, step: str) -> None:
        events = await self.visit.quiet()
        new, self.known = events[self.known :], len(events)
        kept = own(new)
        assert len(kept) <= LIMIT * moves(new), f"{step}: {words(kept)}"


# Every kind of step is in these two; the other two ways in and out are for `make test-long`.
WAYS = [
    pytest.param(how, method, marks=pytest.mark.long if (how, method) in CROSSED else ())
    for how in PickupType
    for method in Method
]


@pytest.mark.parametrize(("pickup_type", "method"), WAYS)
async def test_no_step_of_a_visit_costs_more_than_eight_events_per_move(opened, method, pickup_type):
    visit = await opened(pickup_type=pickup_type)
    meter = Meter(visit)
    await meter.costs("open")
    for step in _steps(visit, method):
        await step()
        await meter.costs(getattr(step, "__name__", "step"))


def _steps(visit: Visit, method: Method) -> Iterator:
    walk_in = visit.new.walk_in
    yield from (
        [visit.received_from_walk_in] if walk_in else [visit.pickup_assigned, visit.collected, visit.report_validated]
    )
    yield from (visit.analysis_assigned, visit.analysis_submitted, visit.estimate_validated)
    yield visit.paid_online if method is Method.ONLINE else visit.cash_agreed
    yield from (visit.service_assigned, visit.work_reported, visit.report_validated)
    if not walk_in:
        yield visit.drop_assigned
    if method is Method.OFFLINE:
        yield lambda: visit.cash_verified(ADMIN if walk_in else None)
    yield visit.handed_over if walk_in else visit.brought_home


async def test_a_move_to_other_slots_costs_its_activity_and_no_more(opened):
    visit = await opened()
    meter = Meter(visit)
    await meter.costs("open")
    before = meter.known
    await visit.asks(commands.Reschedule(ASHA, leg_in(4), leg_in(5)))
    assert len(await visit.quiet()) - before <= 2 * LIMIT


async def test_a_deadline_costs_no_more_than_a_move(opened):
    visit = await opened(policy=windows(decision_window=ms(400), decision_reminders=()))
    await visit.analysed()
    meter = Meter(visit)
    meter.known = len(await visit.quiet())
    await visit.estimate_validated()
    await visit.becomes(lambda booking: booking.status == "cancelled")
    await meter.costs("the estimate and its end")


async def test_a_payment_event_without_news_costs_no_transition(opened):
    visit = await opened()
    await visit.estimate_ready()
    await visit.order_opened()
    await visit.reports_payment()  # of the first one a run notes that it fetches and captures at once: two more
    meter = Meter(visit)
    before = meter.known = len(await visit.quiet())
    await visit.reports_payment()
    kept = own((await visit.quiet())[before:])
    assert len(kept) <= IN_VAIN, words(kept)


@pytest.mark.parametrize("path", EVERY_PATH)
async def test_no_path_costs_more_than_eight_events_per_move_all_in_all(walked, path):
    """A reminder that is due and an exchange of slots are done beside the transitions; so is what was told in vain."""
    visit = await walked(path)
    events = list((await visit.handle.fetch_history()).events)
    kept = own(events)
    exchanges = sum(facts(e).activity_type.name == "reserve" for e in kept if name(e) == "ACTIVITY_TASK_SCHEDULED")
    reminders = sum(key.startswith("reminder") for key in visit.booking.alerted)
    told = sum(name(e) == "WORKFLOW_EXECUTION_SIGNALED" for e in kept)
    in_vain = min(told, sum(name(e) == "WORKFLOW_PROPERTIES_MODIFIED" for e in kept))
    assert len(kept) <= LIMIT * (moves(events) + reminders + exchanges) + IN_VAIN * in_vain, words(kept)
