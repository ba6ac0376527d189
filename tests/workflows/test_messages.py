"""Messages that do not fit stop no workflow: they are dropped or refused, and the next one is heard (defect D1)."""

import asyncio
import inspect
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle, WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue

from tests.workflows.engine import KINDS
from tests.workflows.visit import Visit
from workers.queues import workflow_types
from workflows.booking.messages import refund_workflow_id

UNREADABLE = RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00\xff"))
"""As somebody else's converter, or a later release with another one, would write it."""

NOTHING: Sequence[tuple[Any, ...]] = ((), (None,))
"""For a handler that takes something. One that takes nothing is called by the SDK without what it was sent."""
MALFORMED: Sequence[tuple[Any, ...]] = (
    ("one", "two"),
    ({"of": "an older release"},),
    ([1, 2, 3], {"surplus": True}, "and more"),
    (UNREADABLE,),
    (UNREADABLE, UNREADABLE),
)
SIGNALS = ("payment_reported", "refund_reported", "dispute_reported", "projection_seen", "no_such_signal")
UPDATES = ("clear_attention", "retry_refund", "cancel", "assign", "confirm_services", "no_such_update")


async def sends(handle: WorkflowHandle[Any, Any], signals: Sequence[str], malformed: Sequence[tuple[Any, ...]]) -> None:
    for name in signals:
        await asyncio.gather(*(handle.signal(name, args=list(args)) for args in malformed))


async def is_refused(asked: Awaitable[Any]) -> bool:
    try:
        await asked
    except (WorkflowUpdateFailedError, WorkflowQueryFailedError):
        return True
    return False


async def failed_tasks(visit: Visit) -> list[HistoryEvent]:
    return [each for each in await visit.quiet() if each.HasField("workflow_task_failed_event_attributes")]


@pytest.fixture
async def with_order(estimated) -> Visit:
    visit = await estimated()
    await visit.order_opened()
    return visit


async def test_signals_with_missing_surplus_or_malformed_arguments_are_dropped_and_the_payment_confirms(with_order):
    await sends(with_order.handle, SIGNALS, (*NOTHING, *MALFORMED))
    [payment] = with_order.booking.payments
    with_order.engine.gateway.pay(payment.order_id)
    await with_order.reports_payment(payment.order_id)
    await with_order.becomes(lambda booking: booking.status == "in-progress")
    assert not await failed_tasks(with_order)


async def test_updates_with_missing_surplus_or_malformed_arguments_are_refused_and_the_next_one_is_granted(with_order):
    malformed = [(name, args) for name in UPDATES for args in (*NOTHING, *MALFORMED)]
    before = len(await with_order.quiet())
    for name, args in malformed:
        assert await is_refused(with_order.handle.execute_update(name, args=list(args))), (name, args)
    assert len(await with_order.quiet()) == before, "what is refused costs no history"
    assert (await with_order.cancelled()).status == "cancelled"


async def test_a_query_with_surplus_or_unreadable_arguments_keeps_no_workflow_from_going_on(with_order):
    for args in MALFORMED:
        refused = await is_refused(with_order.handle.query("view", args=list(args)))
        assert refused is (UNREADABLE in args), args
        assert await is_refused(with_order.handle.query("no_such_query", args=list(args)))
    assert (await with_order.view())["status"] == "analysed"
    assert not await failed_tasks(with_order)


@pytest.mark.parametrize(
    ("report", "read"),
    [
        ({"refund_row": 1, "status": "processed", "refund_id": None, "of_a_later_release": [1]}, True),
        ({"refund_row": 1, "status": "processed"}, False),
    ],
    ids=["with more than this release knows", "without what it needs"],
)
async def test_a_report_of_another_release_is_read_or_dropped_and_the_booking_goes_on(with_order, report, read, caplog):
    with caplog.at_level("INFO", "temporalio.workflow"):
        await with_order.handle.signal("refund_reported", report)
        assert (await with_order.cancelled()).status == "cancelled"
        await with_order.quiet()
    assert ("a report was not recorded: there is no refund 1" in caplog.text) is read
    assert ("dropping the signal" in caplog.text) is not read


def handlers(what: str) -> Iterator[tuple[str, Any]]:
    """Every signal or update of every workflow, of the engine and of the installed kinds."""
    for queue in workflow_types(KINDS).values():
        for each in queue:
            found = getattr(workflow._Definition.must_from_class(each), what)
            yield from ((f"{each.__name__}.{name}", definition) for name, definition in found.items() if name)


def test_no_signal_is_handled_by_a_coroutine_for_what_it_takes_could_not_be_compared():
    assert [name for name, each in handlers("signals") if inspect.iscoroutinefunction(each.fn)] == []
    assert len(list(handlers("signals"))) > 5


def test_every_update_has_a_validator_so_that_arguments_are_compared_before_it_is_accepted():
    assert [name for name, each in handlers("updates") if each.validator is None] == []
    assert len(list(handlers("updates"))) > 5


def test_no_message_has_an_optional_argument_for_the_sdk_decodes_none_when_one_is_left_out():
    """An instruction "wait" came as text, was not the instruction of that name, and the refund did not wait."""
    every = [*handlers("signals"), *handlers("updates")]
    defaults = {name: inspect.signature(each.fn).parameters.values() for name, each in every}
    assert [name for name, given in defaults.items() if any(one.default is not one.empty for one in given)] == []


async def test_a_refund_goes_through_whatever_else_its_workflow_was_sent(with_order):
    gateway, [payment] = with_order.engine.gateway, with_order.booking.payments
    gateway.balance_is_low = True
    gateway.pay(payment.order_id)
    await with_order.reports_payment(payment.order_id)
    await with_order.becomes(lambda booking: booking.status == "in-progress")
    await with_order.cancelled()
    await with_order.becomes(lambda booking: booking.refunds and booking.refunds[0].needs_help)
    [refund] = with_order.booking.refunds
    refunding = with_order.engine.client.get_workflow_handle(refund_workflow_id(refund.key))
    await sends(refunding, ("refund_reported", "retry", "instruct", "proceed"), MALFORMED)
    await sends(refunding, ("instruct", "proceed"), NOTHING)
    gateway.balance_is_low = False
    await refunding.signal("retry")
    await with_order.becomes(lambda booking: booking.refunds[0].status == "processed")
