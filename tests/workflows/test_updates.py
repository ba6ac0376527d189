"""What happens when people ask at the same time, twice, too late or for what is not theirs."""

import asyncio

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.service import RPCError

from domain.billing.records import Method
from domain.errors import ActionNotAllowed, AmountMismatch, BookingError, Invalid, NotFound, NotYours, TooMany
from domain.limits import MOST_ORDERS
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.errors import NotQualified
from kinds.vehicle_service.domain.parts import Job, PickupType
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ALL_ROUNDER,
    ASHA,
    BRAKES,
    FILTER,
    LATA,
    MEENA,
    OIL,
    RAVI,
    actor,
    recommended,
)


async def together(visit, *requests):
    """Both reach the workflow in one activation: nobody works while they are sent."""
    await visit.quiet()
    async with visit.engine.stopped():
        asked = [visit.in_background(visit.asks(request)) for request in requests]
        await visit.pause(0.3)
    return await asyncio.gather(*asked, return_exceptions=True)


async def accepted(visit):
    return [
        event
        for event in await visit.quiet()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    ]


async def test_two_choices_at_once_make_one_and_the_second_is_refused_although_both_were_valid_when_they_came(
    estimated,
):
    visit = await estimated()
    before = len(await accepted(visit))
    choice = commands.ConfirmServices(ASHA, (BRAKES,), Method.OFFLINE)
    answers = await together(visit, choice, choice)
    assert len(await accepted(visit)) == before + 2
    assert sorted(type(answer).__name__ for answer in answers) == ["Ack", "ActionNotAllowed"]
    assert visit.actions.count("confirm-services") == 1


async def test_a_cancel_that_comes_with_a_choice_ends_the_visit_whichever_is_first(estimated):
    visit = await estimated()
    cancelled, chosen = await together(
        visit, commands.Cancel(ASHA), commands.ConfirmServices(ASHA, (BRAKES,), Method.OFFLINE)
    )
    assert isinstance(chosen, ActionNotAllowed) or chosen.version < cancelled.version
    assert visit.booking.status == "cancelled"
    assert visit.versions == list(range(1, len(visit.versions) + 1))


async def test_a_repeated_update_gives_the_same_answer_and_one_entry(opened):
    visit = await opened()
    request = commands.Assign(ADMIN, Job.PICKUP, RAVI)
    answers = await asyncio.gather(*(visit.asks(request, "double-click") for _ in range(10)))
    await visit.collected()
    answers.append(await visit.asks(request, "double-click"))
    assert len(set(answers)) == 1
    assert visit.actions.count("assign") == 1
    assert visit.engine.store.update_ids[visit.id, answers[0].version] == "double-click"


async def test_a_repeated_opening_gives_the_same_booking_also_when_it_is_over(opened):
    visit = await opened()
    first = await visit.ask_to_open()
    await visit.cancelled(update_id="give-up")
    await visit.closes()
    assert await visit.ask_to_open() == first
    assert visit.actions == ["book", "cancel"]


async def test_ten_openings_at_once_with_one_key_make_one_booking(visit):
    visit = visit()
    answers = await asyncio.gather(*(visit.ask_to_open("one-key") for _ in range(10)))
    assert len(set(answers)) == 1
    assert visit.versions == [1]


async def test_an_answer_repeated_after_the_end_is_the_first_answer(opened):
    visit = await opened()
    first = await visit.cancelled(update_id="give-up")
    await visit.closes()
    assert await visit.cancelled(update_id="give-up") == first


async def test_an_update_that_waits_for_the_provider_while_the_booking_closes_is_answered(estimated):
    visit = await estimated(pickup_type=PickupType.WALK_IN)
    with visit.engine.gateway.down():
        waiting = visit.in_background(visit.confirmed(Method.ONLINE))
        await visit.pause(0.2)
        await visit.cancelled()
        await visit.cash_verified(ADMIN)
        await visit.handed_over()
        await visit.becomes(lambda booking: booking.closed_at)
        assert not waiting.done()
    with pytest.raises(ActionNotAllowed):
        await waiting
    assert (await visit.closes()).status == "cancelled"


async def test_an_update_that_comes_with_the_last_one_is_answered(opened):
    visit = await opened()
    last, late = await together(visit, commands.Cancel(ASHA, "Sold the car"), commands.Assign(ADMIN, Job.PICKUP, RAVI))
    assert not isinstance(late, RPCError)
    assert {type(last).__name__, type(late).__name__} <= {"Ack", "ActionNotAllowed"}
    await visit.closes()


async def test_after_the_end_the_server_itself_says_that_it_is_over(walked):
    visit = await walked("cancelled_free")
    with pytest.raises(RPCError, match="already completed"):
        await visit.cancelled()


async def test_an_order_too_many_is_refused_without_a_trace_and_without_a_call_at_the_provider(estimated):
    visit = await estimated()
    for number in range(MOST_ORDERS):
        await visit.order_opened(*((BRAKES,) if number % 2 else (BRAKES, OIL)))
    before, orders = len(await visit.quiet()), len(visit.engine.gateway.orders)
    with pytest.raises(TooMany, match="10 orders within an hour") as refusal:
        await visit.confirmed(Method.ONLINE, OIL)
    assert 0 < refusal.value.data["retry_after"] <= 3600
    assert (len(await visit.quiet()), len(visit.engine.gateway.orders)) == (before, orders)
    await visit.cancelled()


async def test_what_is_refused_leaves_no_trace_in_the_history(opened):
    visit = await opened()
    await visit.pickup_assigned()
    before = len(await visit.quiet())
    for request, refusal in (
        (commands.Assign(ADMIN, Job.DROP, RAVI), ActionNotAllowed),
        (commands.Assign(ADMIN, Job.PICKUP, LATA), NotQualified),
        (commands.SubmitProgress(actor(MEENA), "Somebody else's job"), NotYours),
        (commands.SubmitProgress(actor(RAVI), "Done", status="completed"), Invalid),
        (commands.ConfirmServices(ASHA, (BRAKES,), Method.ONLINE), ActionNotAllowed),
        (commands.ChooseCash(ASHA), ActionNotAllowed),
        (commands.Reschedule(ASHA), Invalid),
        (commands.VerifyCash(actor(RAVI), 1), ActionNotAllowed),
    ):
        with pytest.raises(refusal):
            await visit.asks(request)
    assert len(await visit.quiet()) == before
    assert visit.actions == ["book", "assign"]


async def test_a_service_that_was_removed_meanwhile_is_a_refusal_and_the_booking_goes_on(received):
    visit = await received()
    await visit.analysis_assigned()
    with visit.engine.store.without_service(FILTER), pytest.raises(NotFound, match="removed from the catalogue"):
        await visit.analysis_submitted(recommending=[recommended(FILTER)])
    assert visit.booking.status == "analysis"
    await visit.analysis_submitted(recommending=[])
    assert visit.booking.status == "analysed"


async def test_a_refusal_arrives_as_itself_with_its_words_and_facts(opened):
    visit = await opened()
    with pytest.raises(ActionNotAllowed) as refused:
        await visit.asks(commands.Assign(ADMIN, Job.DROP, RAVI))
    assert refused.value.detail == "while the booking is booked only pickup can be assigned"
    assert refused.value.data == {"status": "booked", "action": "assign"}


async def test_cash_that_is_not_the_amount_due_is_refused_with_what_is_due(estimated):
    visit = await estimated()
    await visit.cash_agreed()
    await visit.work_done()
    await visit.drop_assigned()
    with pytest.raises(AmountMismatch) as refused:
        await visit.asks(commands.VerifyCash(visit.mechanic, 294999))
    assert refused.value.data == {"due": "2950.00"}


async def test_a_read_after_the_answer_sees_what_was_answered(opened):
    """The row is written before anybody gets an answer."""
    visit = await opened()
    for step in (visit.pickup_assigned, visit.collected, visit.report_validated, visit.analysis_assigned):
        ack = await step()
        assert (visit.booking.version, visit.booking.status) == (ack.version, ack.status)


async def test_twenty_people_at_once_leave_one_gapless_timeline(opened):
    visit = await opened()
    drivers = [RAVI, ALL_ROUNDER] * 10
    answers = await asyncio.gather(
        *(visit.asks(commands.Assign(ADMIN, Job.PICKUP, driver)) for driver in drivers), return_exceptions=True
    )
    assert not [answer for answer in answers if not isinstance(answer, BookingError) and isinstance(answer, Exception)]
    assert visit.versions == list(range(1, 22))
    assert sum(job.active for job in visit.booking.assignments) == 1
