"""Whole lives of requests, in the product's workers on a real Temporal server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.attention import waiting_for
from kinds.local_services.domain import commands
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Outcome
from tests.kinds.local_services.bookings import ADMIN, ASHA, RAVI
from tests.kinds.local_services.running import RunningRequest, new_request, services_beside_visits
from tests.kinds.table_reservation.running import Rows
from tests.workflows.engine import Engine
from tests.workflows.servers import namespace_of_its_own
from tests.workflows.test_costs import LIMIT, moves, own, words

SOON = timedelta(seconds=1)
_NUMBERS = iter(range(700, 800))


@pytest.fixture(scope="module")
async def working(client: Client) -> AsyncIterator[tuple[Engine, Rows]]:
    """In a namespace of their own: in another, workers of visits alone may take their tasks."""
    async with services_beside_visits(await namespace_of_its_own(client, "services")) as both:
        both[0].transfers.opens_account(LOCAL_SERVICES.name, RAVI.id)
        yield both


def request_of(working: tuple[Engine, Rows], **windows: timedelta) -> RunningRequest:
    return RunningRequest(*working, new_request(next(_NUMBERS), **windows))


@pytest.fixture(scope="module")
async def reviewed(working: tuple[Engine, Rows]) -> RunningRequest:
    """One from its request to the reviews of both."""
    life = request_of(working)
    await life.is_paid()
    await life.asks(commands.Start(RAVI))
    await life.asks(commands.Complete(ASHA))
    await life.payout("released")
    await life.asks(commands.Review(ASHA, 5, "clean and quick"))
    await life.asks(commands.Review(RAVI, 4))
    await life.handle.result()
    return life


async def test_from_a_request_to_two_published_reviews_the_money_goes_where_it_belongs(reviewed: RunningRequest):
    booking = reviewed.booking
    assert (booking.status, booking.payouts[0].kept, booking.closed_at is not None) == ("COMPLETED", 111_105, True)
    assert [(paper.leg, paper.total) for paper in booking.invoices] == [("service", 135_000), ("commission", 23_895)]
    assert waiting_for(LOCAL_SERVICES, booking) is None


async def test_a_silent_provider_an_unpaid_booking_and_a_silent_requester_are_ended_by_the_clock(working):
    silent, unpaid = request_of(working, answer_window=SOON), request_of(working, payment_window=SOON)
    content = request_of(working, confirm_window=SOON, review_window=SOON)
    await asyncio.gather(silent.opens(), unpaid.opens(), content.is_paid())
    await unpaid.asks(commands.Accept(RAVI))
    await content.asks(commands.Start(RAVI))
    await content.asks(commands.Complete(RAVI))
    await asyncio.gather(*(each.handle.result() for each in (silent, unpaid, content)))
    assert [life.booking.cancellation.cause for life in (silent, unpaid)] == ["unanswered", "unpaid"]
    assert (content.booking.completion.confirmed_by.role, content.booking.reviews_closed) == ("system", True)
    assert content.booking.payouts[0].state == "released"


async def test_of_a_dispute_with_half_back_the_transfer_is_cut_before_the_refund_and_the_rest_released(working):
    life = request_of(working, review_window=SOON)
    await life.is_paid()
    await life.asks(commands.Start(RAVI))
    await life.asks(commands.Dispute(ASHA, "bad-work", "the kitchen was not done"))
    before = len(life.engine.transfers.told)
    await life.asks(commands.DecideDispute(ADMIN, Outcome.REFUND_PART, 67_500))
    await life.asks(commands.Complete(RAVI))
    await life.handle.result()
    cut, released = life.engine.transfers.told[before:]
    assert cut == ("reverse", 111_105 - 55_552, 0)
    assert (released[0], life.booking.payouts[0].kept) == ("release", 55_552)
    assert (life.booking.refunds[0].amount, life.booking.refunds[0].status) == (67_500, "processed")


async def test_cancel_in_the_temporal_ui_is_an_admin_s_cancel_and_all_money_goes_back(working):
    life = request_of(working)
    await life.is_paid()
    await life.handle.cancel()
    await life.handle.result()
    done = life.booking.cancellation
    assert (done.by.id, done.fee, done.refund) == ("temporal", 0, 135_000)
    assert (life.booking.payouts[0].state, life.booking.refunds[0].status) == ("reversed", "processed")


async def test_a_life_costs_eight_events_a_move_beside_its_calls_and_little_to_store(reviewed: RunningRequest):
    """As a visit does (``tests.workflows.test_costs``); a move writes what has changed, not the whole booking."""
    events = list((await reviewed.handle.fetch_history()).events)
    kept = own(events)
    assert len(kept) <= LIMIT * moves(events), words(kept)
    assert len(events) <= 12 * moves(events), words(events)
    assert sum(event.ByteSize() for event in events) <= 3_500 * moves(events)


async def test_a_life_asks_the_provider_and_numbers_its_documents_by_five_activities(reviewed: RunningRequest):
    events = (await reviewed.handle.fetch_history()).events
    scheduled = [event.activity_task_scheduled_event_attributes.activity_type.name for event in events]
    assert sorted(filter(None, scheduled)) == [
        "create_order",
        "create_transfer",
        "fetch_and_capture",
        "issue_documents",
        "release_transfer",
    ]
