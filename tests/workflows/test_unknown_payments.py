"""A dispute is heard of before the payment that it is about: nothing is refused, forgotten, or refunded meanwhile."""

import pytest

from domain.billing.provider import ProviderDispute
from tests.workflows.broken_workflows import QuickRechecks, ShortWaitForPayment
from tests.workflows.engine import Engine
from tests.workflows.path_ends import returned
from tests.workflows.running_booking import eventually
from tests.workflows.variants import running
from tests.workflows.visit import Visit


@pytest.fixture
def gateway(engine):
    yield engine.gateway
    engine.gateway.refuses_captures = False
    engine.gateway.lists_disputes = engine.gateway.tells_disputes = True


async def disputed_unpaid(visit: Visit) -> ProviderDispute:
    """The customer has paid and asked the bank for the money; the provider lets us take it only later."""
    gateway = visit.engine.gateway
    order = await visit.order_opened()
    gateway.refuses_captures = True
    dispute = gateway.dispute(gateway.pay(order.order_id).payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    return dispute


async def waits(visit: Visit, dispute: ProviderDispute) -> Visit:
    """The workflow has looked for the payment, and an admin knows."""
    told = f"dispute {dispute.dispute_id} of {dispute.payment_id}: that payment is not known yet"
    return await visit.becomes(lambda booking: told in booking.attention)


async def test_a_dispute_that_overtakes_its_payment_brings_the_payment_with_it(estimated, gateway):
    visit = await estimated()
    order = await visit.order_opened()
    dispute = gateway.dispute(gateway.pay(order.order_id, status="captured").payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    assert [each.payment_id for each in visit.booking.payments] == [dispute.payment_id]
    assert visit.booking.status == "in-progress"
    assert visit.booking.attention == []


async def test_a_dispute_is_recorded_when_its_payment_comes_to_be_known_without_another_report_of_it(
    estimated, gateway
):
    visit = await estimated()
    dispute = await disputed_unpaid(visit)
    await waits(visit, dispute)
    assert visit.booking.disputes == []
    gateway.refuses_captures = False
    await visit.reports_payment()
    await visit.becomes(lambda booking: [each.dispute_id for each in booking.disputes] == [dispute.dispute_id])


async def test_a_dispute_is_fetched_again_with_the_order_of_its_payment_when_nobody_reports_anything(engine, gateway):
    async with running(engine, QuickRechecks, after=Visit.estimate_ready) as visit:
        dispute = await disputed_unpaid(visit)
        await waits(visit, dispute)
        gateway.refuses_captures = False
        await visit.becomes(lambda booking: [each.dispute_id for each in booking.disputes] == [dispute.dispute_id])
        assert visit.booking.status == "in-progress"


async def test_another_worker_goes_on_waiting_for_the_payment(estimated, gateway):
    visit = await estimated()
    dispute = await disputed_unpaid(visit)
    await waits(visit, dispute)
    async with visit.engine.stopped():
        pass
    gateway.refuses_captures = False
    await visit.reports_payment()
    await visit.becomes(lambda booking: [each.dispute_id for each in booking.disputes] == [dispute.dispute_id])


async def test_a_dispute_of_another_bookings_payment_is_dropped_and_an_admin_is_told(estimated, gateway):
    other, visit = await estimated(), await estimated()
    dispute = gateway.dispute(gateway.pay((await other.order_opened()).order_id, status="captured").payment_id)
    await visit.hears_of_dispute(dispute.dispute_id)
    said = f"{dispute.dispute_id} was dropped: {dispute.payment_id} is not of this booking"
    await visit.becomes(lambda booking: booking.attention == [said])
    await visit.cancelled()
    await returned(visit)
    assert visit.booking.disputes == []


async def test_a_dispute_whose_payment_does_not_come_is_given_up_in_the_end_and_an_admin_is_told(engine, gateway):
    async with running(engine, ShortWaitForPayment, after=Visit.estimate_ready) as visit:
        dispute = await disputed_unpaid(visit)
        said = f"dispute {dispute.dispute_id} of {dispute.payment_id}: that payment has not come to be known"
        await visit.becomes(lambda booking: said in booking.attention)
        await visit.cancelled()
        await returned(visit)
        assert visit.booking.disputes == []


async def test_no_refund_of_a_payment_leaves_while_its_dispute_is_known_and_not_recorded(estimated, gateway):
    visit = await estimated()
    dispute = await disputed_unpaid(visit)
    await waits(visit, dispute)
    gateway.lists_disputes = gateway.tells_disputes = False
    await visit.cash_agreed()
    order = next(each.order_id for each in visit.booking.payments if each.order_id)
    gateway.becomes(dispute.payment_id, "captured")
    await visit.reports_payment(order)
    not_told = f"what became of {dispute.dispute_id} is not known"
    await visit.becomes(lambda booking: any(note.startswith(not_told) for note in booking.attention))
    await visit.quiet()
    assert [each.status for each in visit.booking.refunds] == ["pending"]
    assert gateway.money_back(order) == 0
    gateway.tells_disputes = True
    await visit.hears_of_dispute(dispute.dispute_id)
    await visit.becomes(lambda booking: [each.status for each in booking.disputes] == ["open"])
    await visit.quiet()
    assert gateway.money_back(order) == 0
    await visit.hears_of_dispute(gateway.dispute(dispute.payment_id, "won").dispute_id)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")


async def test_reports_of_a_dispute_whose_payment_is_unknown_are_looked_into_ever_later(
    estimated, engine: Engine, gateway
):
    visit = await estimated()
    dispute = await disputed_unpaid(visit)
    await waits(visit, dispute)
    before = gateway.calls["fetch_dispute"]
    for _ in range(20):
        await visit.hears_of_dispute(dispute.dispute_id)
        await visit.quiet()
    await eventually(lambda: gateway.calls["fetch_dispute"] > before)
    assert gateway.calls["fetch_dispute"] - before <= 5
