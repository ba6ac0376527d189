"""A rule changes while bookings are open: what was decided stays, whatever the new release would decide."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

from temporalio import workflow

from domain.billing.ledger import entries
from domain.commands import ClearAttention
from kinds.vehicle_service.domain.commands import VerifyCash
from kinds.vehicle_service.domain.visit import VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import ADMIN, BRAKES, POLICY
from tests.workflows.broken_workflows import CashTwice, OtherNotes
from tests.workflows.changed_fee import NEW_MINIMUM, CarefulWorkflow, CarelessWorkflow, NewPolicy
from tests.workflows.engine import Engine
from tests.workflows.running_booking import eventually
from tests.workflows.variants import running, worked_by
from tests.workflows.visit import Visit, leg_in


async def half_done(visit: Visit) -> None:
    """Paid online, one of two services done."""
    await visit.paid_online()
    await visit.service_assigned()
    await visit.work_reported(BRAKES)
    await visit.report_validated()


@asynccontextmanager
async def refund_at_the_bank(engine: Engine) -> AsyncIterator[Visit]:
    """A visit that was cancelled under the release of today, whose refund is not through; nobody works on it."""
    async with running(engine, VehicleServiceWorkflow, after=Visit.estimate_ready) as visit:
        await half_done(visit)
        engine.gateway.refunds_wait = True
        await visit.cancelled()
        await visit.becomes(lambda booking: booking.refunds[0].refund_id)
        engine.gateway.refunds_wait = False
        await visit.quiet()
    yield visit


async def bank_pays(visit: Visit) -> None:
    refund = visit.booking.refunds[0]
    visit.engine.gateway.finish(refund.refund_id)
    await visit.reports_refund(refund.key)
    await visit.becomes(lambda booking: booking.refunds[0].status == "processed")


def money(booking: VisitBooking) -> tuple[object, ...]:
    """What was decided about it, and what the ledger says."""
    cancelled = booking.cancellation
    amounts = [refund.amount for refund in booking.refunds]
    ledger = sorted((entry.kind, entry.amount) for entry in entries(booking) if entry.kind == "capture")
    return cancelled.fee, cancelled.gst_on_fee, cancelled.refund, amounts, ledger


async def test_a_release_with_another_fee_leaves_an_open_refund_as_it_was_decided(engine):
    """Defect 8: rows, ledger and provider said three different things about money that had moved before the release.

    What only looks at the booking changes nothing and costs nothing."""
    async with refund_at_the_bank(engine) as visit:
        decided = money(visit.booking)
        [refund] = visit.booking.refunds
        async with worked_by(visit, CarelessWorkflow):
            events = len(await visit.quiet())
            assert (await visit.view())["version"] == visit.booking.version
            assert len(await visit.quiet()) == events
            assert visit.booking.attention == []
            await bank_pays(visit)
            assert money(visit.booking) == decided
            assert engine.gateway.refunds[refund.refund_id].amount == refund.amount
            [note] = visit.booking.attention
            assert "would be decided otherwise" in note
            assert visit.versions == list(range(1, visit.booking.version + 1))
            assert visit.actions[-1] == "refund"
            await visit.drop_assigned()
            await visit.brought_home()
            await visit.closes()
    assert money(visit.booking) == decided
    assert [note.amount for note in visit.booking.credit_notes] == [refund.amount]


class Meter:
    """What a workflow counts, by name."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def create_counter(self, name: str, description: str) -> SimpleNamespace:
        return SimpleNamespace(add=lambda number: self.counted.update({name: number}))


async def test_a_booking_is_flagged_and_counted_once_however_often_it_is_replayed_and_the_release_before_takes_it_back(
    engine, monkeypatch
):
    meter = Meter()
    monkeypatch.setattr(workflow, "metric_meter", lambda: meter)
    async with refund_at_the_bank(engine) as visit:
        decided = money(visit.booking)
        async with worked_by(visit, CarelessWorkflow):
            await visit.drop_assigned()
            assert len(visit.booking.attention) == 1
            await visit.asks(ClearAttention(ADMIN))
        async with worked_by(visit, CarelessWorkflow):
            await bank_pays(visit)
        assert visit.booking.attention == []
        async with worked_by(visit, VehicleServiceWorkflow):
            await visit.brought_home()
            await visit.closes()
        assert money(visit.booking) == decided
    assert meter.counted == {"revcare_bookings_decided_otherwise_total": 1}


async def test_what_a_release_would_refuse_today_was_granted_all_the_same(engine):
    """The cash was the fee of that release; another fee would not have been equal to it."""
    async with running(engine, CarelessWorkflow, after=Visit.received) as visit:
        await visit.cancelled()
        await visit.drop_assigned()
        await visit.cash_verified()
        await visit.becomes(lambda booking: booking.invoices)
        decided = visit.booking
    async with worked_by(visit, VehicleServiceWorkflow):
        assert (await visit.view())["version"] == decided.version
        await visit.brought_home()
        await visit.closes()
    assert visit.booking.cancellation.fee == decided.cancellation.fee == NEW_MINIMUM
    assert visit.booking.payments == decided.payments


async def test_what_a_release_would_grant_today_was_refused_all_the_same(engine):
    async with running(engine, VehicleServiceWorkflow, after=Visit.received) as visit:
        await visit.cancelled()
        await visit.drop_assigned()
        due = visit.due
        asked = [visit.asks(VerifyCash(visit.mechanic, amount)) for amount in (due, due)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        await visit.becomes(lambda booking: booking.invoices)
        decided = visit.booking
    assert sorted(type(each).__name__ for each in answers) == ["Ack", "ActionNotAllowed"]
    async with worked_by(visit, CashTwice):
        assert (await visit.view())["version"] == decided.version
        await visit.brought_home()
    assert len([each for each in visit.booking.payments if each.method == "offline"]) == 1


async def test_a_step_that_waits_for_a_slot_when_the_release_comes_is_decided_by_it_on_what_was_decided(engine):
    async with running(engine, VehicleServiceWorkflow) as visit:
        await visit.pickup_assigned()
        with engine.store.down():
            moved = visit.in_background(visit.rescheduled(pickup=leg_in(4), drop=leg_in(5)))
            await eventually(lambda: engine.store.refused_calls)
    async with worked_by(visit, OtherNotes):
        await moved
        assert visit.actions == ["book", "assign", "reschedule"]
        assert (visit.booking.notes, visit.booking.drop.date) == (None, leg_in(5).date)


async def test_a_rule_that_asks_the_terms_of_the_booking_is_for_new_bookings(engine):
    async with refund_at_the_bank(engine) as visit:
        decided = money(visit.booking)
        async with worked_by(visit, CarefulWorkflow):
            await bank_pays(visit)
            await visit.drop_assigned()
        assert money(visit.booking) == decided
        assert not visit.booking.attention
    terms = {name: getattr(POLICY, name) for name in POLICY.__dataclass_fields__}
    async with running(
        engine, CarefulWorkflow, after=Visit.received, policy=NewPolicy(**terms, minimum_fee=NEW_MINIMUM)
    ) as visit:
        await visit.cancelled()
        assert visit.booking.cancellation.fee == NEW_MINIMUM > decided[0]
