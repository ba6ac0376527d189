"""Parts that are down, workers that vanish: everything waits, nothing is lost, nothing happens twice."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import pytest

from domain.billing.records import Method
from domain.emails import BookingEmail
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job, PickupType
from tests.kinds.vehicle_service.people import ADMIN, ASHA, LATA, QUOTES
from tests.workflows.engine import Engine
from tests.workflows.process import Dispensable, dispensable
from tests.workflows.running_booking import eventually
from tests.workflows.visit import Visit, new_booking
from workflows.booking.messages import Ack

MAILS = {"booking-confirmation": 1, "vehicle-received": 1, "estimate-ready": 1, "cancellation": 1}
MAILS_BETWEEN = {"booking-confirmation": 1, "pickup-scheduled": 1}


class Crashed(NamedTuple):
    """What a worker process left behind, and the one after it took up."""

    worker: Dispensable
    under_way: list[Visit]
    """Bookings with steps under way when it died."""
    between: Visit
    """The booking whose rows it had just written when it died, before its workflow knew of them."""
    repeated: Ack
    """How that step was answered in the end."""


async def test_a_mail_server_that_is_down_delays_no_step_and_every_mail_arrives_once(opened):
    visit = await opened()
    with visit.engine.post.down():
        await visit.estimate_ready()
        await visit.cancelled()
        assert visit.mails[1:] == []
    expected = {
        "booking-confirmation": 1,
        "pickup-scheduled": 1,
        "vehicle-received": 1,
        "estimate-ready": 1,
        "cancellation": 1,
    }
    await eventually(lambda: len(visit.mails) >= len(expected))
    await visit.quiet()
    assert Counter(visit.mails) == Counter(expected)


async def test_the_last_emails_of_a_booking_leave_although_its_workflow_has_ended(opened):
    visit = await opened()
    with visit.engine.post.down():
        await visit.cancelled()
        await visit.closes()
        assert "cancellation" not in visit.mails
    await eventually(lambda: len(visit.mails) >= 2)
    assert Counter(visit.mails) == {"booking-confirmation": 1, "cancellation": 1}


async def test_every_attempt_to_send_a_mail_is_in_the_log(opened):
    visit = await opened()
    await eventually(lambda: visit.mails)
    with visit.engine.post.down():
        await visit.pickup_assigned()
        await eventually(lambda: _attempts(visit, "pickup-scheduled"))
    await eventually(lambda: "pickup-scheduled" in visit.mails)
    assert set(_attempts(visit, "pickup-scheduled")[:-1]) == {"ConnectionError: the mail server sleeps"}
    assert _attempts(visit, "pickup-scheduled")[-1] is None


async def test_an_update_waits_for_a_database_that_is_down_and_then_counts_once(opened):
    visit = await opened()
    with visit.engine.store.down():
        waiting = visit.in_background(visit.pickup_assigned())
        await visit.pause(0.3)
        assert not waiting.done()
        assert visit.versions == [1]
    assert (await waiting).version == 2
    assert visit.actions == ["book", "assign"]


async def test_an_opening_waits_for_a_database_that_is_down(visit):
    visit = visit()
    with visit.engine.store.down():
        waiting = visit.in_background(visit.ask_to_open())
        await visit.pause(0.3)
        assert not waiting.done()
    assert (await waiting).version == 1


async def test_while_a_choice_waits_for_the_provider_others_go_on_and_the_order_is_made_once(estimated):
    visit = await estimated()
    with visit.engine.gateway.down():
        waiting = visit.in_background(visit.confirmed(Method.ONLINE))
        await visit.pause(0.2)
        await visit.rescheduled(drop=new_booking().drop)
    await waiting
    assert visit.actions[-2:] == ["reschedule", "confirm-services"]
    receipts = [order.receipt or "" for order in visit.engine.gateway.orders.values()]
    assert sum(receipt.startswith(f"{visit.id}-") for receipt in receipts) == 1


async def test_a_worker_that_is_stopped_in_the_middle_of_a_move_is_replaced_and_the_move_counts_once(opened):
    visit = await opened()
    with visit.engine.store.down():
        before = visit.engine.store.refused_calls
        waiting = visit.in_background(visit.pickup_assigned())
        await eventually(lambda: visit.engine.store.refused_calls > before)
        stopping = visit.in_background(visit.engine.stop())
        await visit.pause(0.2)
    await stopping
    await visit.engine.start()
    assert (await waiting).version == 2
    await visit.collected()
    assert visit.versions == [1, 2, 3]


async def test_a_visit_goes_on_over_a_new_worker_at_every_step(opened):
    """Each worker knows the booking from its history alone."""
    visit = await opened(pickup_type=PickupType.WALK_IN)
    for step in (
        visit.received_from_walk_in,
        visit.analysis_assigned,
        visit.analysis_submitted,
        visit.estimate_validated,
        visit.cash_agreed,
        visit.work_done,
        lambda: visit.cash_verified(ADMIN),
        visit.handed_over,
    ):
        await visit.quiet()
        async with visit.engine.stopped():
            pass
        await step()
    assert (await visit.closes()).status == "delivered"
    assert visit.versions == list(range(1, len(visit.versions) + 1))


@pytest.fixture(scope="module")
async def crashed(engine: Engine, temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Bookings over a worker process that was gone while their steps were under way, and what it and the next did."""
    journal = tmp_path_factory.mktemp("crashed") / "journal"
    under_way = [Visit(engine, new_booking(PickupType.WALK_IN)) for _ in range(3)]
    between = Visit(engine, new_booking())
    expected = len(under_way) * len(MAILS) + len(MAILS_BETWEEN)
    async with engine.stopped(), dispensable(temporal_address, journal) as worker:
        await worker.start()
        await between.ask_to_open("open")
        walking = asyncio.gather(*(_walk(visit) for visit in under_way))
        await asyncio.sleep(0.3)
        worker.dies_after("assign", between.id)
        repeated = between.in_background(between.pickup_assigned())
        await worker.died()
        await worker.start()
        await walking
        # A mail whose sending died with the worker is tried again when the attempt has run out of time.
        await eventually(lambda: len(worker.effects(effect="mail")) >= expected, patience=60)
        for visit in (*under_way, between):
            await visit.quiet()
        answer = await repeated
    return Crashed(worker, under_way, between, answer)


async def test_bookings_outlive_a_worker_that_is_killed_and_nothing_is_missing_or_doubled(crashed: Crashed):
    """The worker is a process, and `kill -9` hits it while steps are under way."""
    for visit in crashed.under_way:
        rows = {row["version"]: row["action"] for row in crashed.worker.effects(effect="row", booking=visit.id)}
        assert list(rows) == list(range(1, len(rows) + 1))
        assert list(rows.values())[:6] == [
            "book",
            "receive",
            "assign",
            "submit-analysis",
            "validate-analysis",
            "cancel",
        ]
        mails = Counter(mail["kind"] for mail in crashed.worker.effects(effect="mail", booking=visit.id))
        assert mails == MAILS


async def test_a_worker_that_dies_between_the_rows_and_the_history_repeats_the_transition_and_its_email_once(
    crashed: Crashed,
):
    visit, worker = crashed.between, crashed.worker
    assert crashed.repeated.version == 2
    rows = [(row["version"], row["action"]) for row in worker.effects(effect="row", booking=visit.id)]
    assert rows == [(1, "book"), (2, "assign"), (2, "assign")]
    mails = Counter(mail["kind"] for mail in worker.effects(effect="mail", booking=visit.id))
    assert mails == MAILS_BETWEEN


async def test_the_email_of_a_transition_that_was_lost_never_leaves_and_that_of_the_winner_once(opened):
    """As if a worker had died after its commit and Temporal had forgotten what it was asked: another command wins."""
    visit = await opened()
    await eventually(lambda: visit.mails)
    store, before = visit.engine.store, visit.booking
    lost = replace(before, version=2)
    email = BookingEmail(visit.id, "pickup-scheduled", 1, before.created_at)
    await store.project(lost, "lost", [replace(email, person_id=before.customer.id)])
    rows = store.outbox.of(visit.id)
    await eventually(lambda: rows[0].looks > 2, patience=60)
    assert visit.mails == ["booking-confirmation"]
    await visit.cancelled()
    assert visit.versions == [1, 2]
    await visit.closes()
    await eventually(lambda: len(visit.mails) > 1)
    assert store.outbox.of(visit.id) == []
    assert visit.mails == ["booking-confirmation", "cancellation"]


def _attempts(visit: Visit, slug: str) -> list[str | None]:
    """How each attempt to send this e-mail of the booking ended."""
    log = visit.engine.post.attempts
    return [error for mail, error in log if mail.identity.startswith(f"{visit.id}.{slug}.")]


async def _walk(visit: Visit) -> None:
    """As the API does: every request has a key, and what got no answer is asked again with it."""
    await visit.ask_to_open("open")
    for n, request in enumerate(
        (
            commands.SubmitProgress(ADMIN, "Received at the workshop"),
            commands.Assign(ADMIN, Job.ANALYSIS, LATA),
            commands.SubmitAnalysis(ADMIN, "Pads worn to 2 mm", None, QUOTES),
            commands.ValidateAnalysis(ADMIN),
            commands.Cancel(ASHA),
        )
    ):
        await visit.asks(request, f"step-{n}")
        await asyncio.sleep(0.1)
