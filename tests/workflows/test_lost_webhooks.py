"""Every webhook may be lost for good: the polls alone find what it would have told, and nothing else is told here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.account_poll import AccountCursor, AccountPollActivities
from activities.sweeps import SweepActivities
from devstack.razorpay.webhooks.endpoints import EVENTS
from tests.fakes.account import FakeAccount, OpenOrders
from tests.kinds.vehicle_service.booking_builder import BookingBuilder
from tests.kinds.vehicle_service.bookings import estimate_ready, in_progress
from tests.kinds.vehicle_service.people import BRAKES, POLICY
from tests.workflows.engine import Engine
from tests.workflows.resumed import resumed
from tests.workflows.visit import Visit
from workflows.booking.messages import refund_workflow_id

LONG = timedelta(days=9999)
PATIENT = replace(POLICY, decision_window=LONG, payment_window=LONG, decision_reminders=())
SOON = timedelta(seconds=30)
SHARES = ("transfer.", "product.route.", "settlement.")
"""A visit passes no money on. Those of a kind that does: ``tests/kinds/local_services/money/test_payment_days.py``."""


@dataclass(frozen=True)
class Lost:
    """What happens at the provider, to which booking, and how the booking shows that it knows."""

    before: Callable[[], BookingBuilder]
    happens: Callable[[Visit], object]
    learned: Callable[[Visit], object]


def ordered() -> BookingBuilder:
    return estimate_ready(policy=PATIENT).order_opened(order_id="order_1")


def chosen_anew() -> BookingBuilder:
    return ordered().order_opened(BRAKES, order_id="order_2")


def paid() -> BookingBuilder:
    return in_progress().documents_issued()


def giving_back() -> BookingBuilder:
    return in_progress().documents_issued().cancelled()


def pays(visit: Visit, status: str) -> None:
    visit.engine.gateway.pay(visit.booking.payments[-1].order_id, status=status)


def refunds_by_hand(visit: Visit) -> None:
    visit.engine.gateway.refund_by_hand(visit.booking.payments[0].payment_id, 50000)


def refund_becomes(visit: Visit, *statuses: str) -> None:
    for status in statuses:
        visit.engine.gateway.finish(visit.booking.refunds[0].refund_id, status)


def disputed(status: str, **other: object) -> Lost:
    def happens(visit: Visit) -> None:
        made = visit.engine.gateway.dispute(visit.booking.payments[0].payment_id, status)
        visit.engine.gateway.disputes[made.dispute_id] = replace(made, **other)

    def learned(visit: Visit) -> bool:
        [known] = visit.booking.disputes or [None]
        until = datetime.fromtimestamp(other["respond_by"], UTC) if other.get("respond_by") else None
        return known is not None and (known.status, known.respond_by) == (status, until)

    return Lost(paid, happens, learned)


def shown(visit: Visit) -> str:
    return visit.booking.status


def statuses(visit: Visit) -> list[str]:
    return [str(refund.status) for refund in visit.booking.refunds]


LOST = {
    "payment.authorized": Lost(ordered, lambda v: pays(v, "authorized"), lambda v: shown(v) == "in-progress"),
    "payment.captured": Lost(ordered, lambda v: pays(v, "captured"), lambda v: shown(v) == "in-progress"),
    "order.paid": Lost(ordered, lambda v: pays(v, "captured"), lambda v: v.booking.invoices),
    "payment.failed": Lost(ordered, lambda v: pays(v, "failed"), lambda v: "payment-failed" in v.actions),
    "refund.created": Lost(paid, refunds_by_hand, lambda v: [r.by_hand for r in v.booking.refunds] == [True]),
    "refund.processed": Lost(
        giving_back, lambda v: refund_becomes(v, "processed"), lambda v: statuses(v) == ["processed"]
    ),
    "refund.failed": Lost(
        giving_back, lambda v: refund_becomes(v, "failed"), lambda v: statuses(v) == ["failed", "pending"]
    ),
    "refund.speed_changed": Lost(
        giving_back, lambda v: refund_becomes(v, "pending", "failed"), lambda v: statuses(v) == ["failed", "pending"]
    ),
    "payment.dispute.created": disputed("open"),
    "payment.dispute.under_review": disputed("under_review"),
    "payment.dispute.action_required": disputed("open", respond_by=1_800_000_000),
    "payment.dispute.won": disputed("won"),
    "payment.dispute.lost": disputed("lost"),
    "payment.dispute.closed": disputed("closed"),
}
"""By the name of the event."""


def test_every_event_that_a_webhook_can_bring_is_among_them():
    links = {event for event in EVENTS if event.startswith("payment_link.")}  # we make no payment links
    shares = {event for event in EVENTS if event.startswith(SHARES)}
    assert set(LOST) == set(EVENTS) - links - shares


@pytest.fixture
def slow_bank(engine: Engine):
    engine.gateway.refunds_wait = True
    yield
    engine.gateway.refunds_wait = False


async def polls(visit: Visit) -> None:
    """One round of everything that looks at the provider, as the sweep's workflow makes it."""
    engine, orders = visit.engine, {each.order_id for each in visit.booking.payments}
    account = FakeAccount(engine.gateway, engine.store)
    account.orders = orders
    sweeps = SweepActivities(OpenOrders(engine.store, visit.id), engine, engine.reporter, SOON, 5)
    await ActivityEnvironment().run(sweeps.sweep)
    lists = AccountPollActivities(account, account, engine.reporter, SOON)
    await ActivityEnvironment().run(lists.poll_account, AccountCursor(), datetime.now(UTC))


@pytest.mark.parametrize("event", LOST)
async def test_whatever_webhook_is_lost_its_booking_learns_it_by_the_polls(engine, slow_bank, event):
    lost = LOST[event]
    visit = await resumed(engine, lost.before())
    await visit.becomes(lambda booking: all(refund.refund_id for refund in booking.refunds))
    before = visit.booking.version
    lost.happens(visit)
    assert not lost.learned(visit)
    await polls(visit)
    await visit.becomes(lambda _: lost.learned(visit))
    assert visit.booking.version > before


async def test_money_for_an_order_that_was_given_up_long_ago_is_found_in_the_lists(engine):
    visit = await resumed(engine, chosen_anew())
    old = visit.booking.payments[0]
    engine.gateway.pay(old.order_id, status="captured")
    await polls(visit)
    await visit.becomes(lambda booking: statuses(visit) == ["processed"])
    assert engine.gateway.money_back(old.order_id) == old.amount


async def test_a_dispute_of_a_booking_that_has_ended_is_found_in_the_lists(walked):
    visit = await walked("online")
    visit.engine.gateway.dispute(visit.booking.payments[0].payment_id)
    await polls(visit)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])


async def test_what_its_booking_knows_is_told_to_nobody(walked):
    visit = await walked("disputed")
    versions, runs = visit.versions, len(await visit.runs())
    for _ in range(3):
        await polls(visit)
    assert (visit.versions, len(await visit.runs())) == (versions, runs)


async def test_a_refund_whose_own_workflow_is_gone_is_found_in_the_lists(engine, slow_bank):
    visit = await resumed(engine, giving_back())
    await visit.becomes(lambda booking: booking.refunds[0].refund_id)
    refund = visit.booking.refunds[0]
    await engine.client.get_workflow_handle(refund_workflow_id(refund.key)).terminate()
    engine.gateway.finish(refund.refund_id)
    await polls(visit)
    await visit.becomes(lambda _: statuses(visit) == ["processed"])
