"""Lives of requests whose histories are stored: together they pass through every rule and row of the kind."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHistory

from domain.commands import ClearAttention, RetryRefund
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.workflow import LocalServiceWorkflow
from tests.kinds.local_services.bookings import ADMIN, ASHA, RAVI
from tests.kinds.local_services.running import RunningRequest, new_request
from tests.kinds.table_reservation.running import Rows
from tests.workflows.engine import Engine
from tests.workflows.running_booking import eventually, first_event

AT_ONCE = timedelta(0)
SOON = timedelta(seconds=2)
QUARTER = timedelta(minutes=15)
Histories = dict[str, WorkflowHistory]
_CLAIMED = [commands.Cancel(RAVI, no_show=True, arrived=True), commands.Dispute(ASHA, "no-show", "I was there")]
"""The provider says that nobody was there."""


class Life(RunningRequest):
    """A request that is recorded: Ravi has an account unless he opens it on the way."""

    def __init__(self, engine: Engine, rows: Rows, new: ServiceBooking, *, account: bool = True) -> None:
        super().__init__(engine, rows, new)
        if account:
            self.opens_account()

    def opens_account(self) -> str:
        return self.engine.transfers.opens_account(LOCAL_SERVICES.name, RAVI.id)

    async def becomes(self, expected: Callable[[ServiceBooking], Any]) -> None:
        await eventually(lambda: expected(self.booking))

    async def is_reported(self) -> None:
        """That something happened to its order."""
        await self.handle.signal(LocalServiceWorkflow.payment_reported, self.booking.payments[-1].order_id)

    async def begins(self) -> None:
        """Paid, and the work goes on."""
        await self.is_paid()
        await self.asks(commands.Start(RAVI))

    async def ends(self) -> WorkflowHistory:
        await self.handle.result()
        return await self.handle.fetch_history()

    async def runs(self) -> Histories:
        """Each run of the workflow, once it has ended."""
        found = [await self.ends()]
        while before := first_event(found[0]).continued_execution_run_id:
            earlier = self.engine.client.get_workflow_handle(self.handle.id, run_id=before)
            found.insert(0, await earlier.fetch_history())
        return {f"run_{number}": history for number, history in enumerate(found, 1)}


def soon(number: int, **windows: Any) -> ServiceBooking:
    """A request of a second, in a few seconds."""
    new = new_request(number, **windows)
    starts, lasts = datetime.now(UTC) + 2 * SOON, timedelta(seconds=1)
    return replace(
        new, starts_at=starts, duration=lasts, offers=[replace(new.offers[0], starts_at=starts, duration=lasts)]
    )


async def negotiated(engine: Engine, rows: Rows) -> Histories:
    """Price and time are haggled over, a bank refuses once, one payment comes twice; both review. In several runs."""
    life = Life(engine, rows, new_request(2001, reschedule_until=AT_ONCE, money_settle=SOON / 10))
    start = life.new.starts_at
    await life.opens()
    await life.asks(commands.Offer(RAVI, total=150_000))
    await life.asks(commands.Offer(ASHA, total=140_000, starts_at=start + QUARTER, note="a little later"))
    await life.asks(commands.AcceptOffer(RAVI, 3))
    await life.asks(commands.Offer(ASHA, starts_at=start))
    await life.asks(commands.AcceptOffer(RAVI, 4))
    await life.asks(commands.Offer(RAVI, starts_at=start + QUARTER))
    await life.asks(commands.DeclineOffer(ASHA, 5))
    await life.asks(commands.PayIntent(ASHA))
    order = life.booking.payments[-1].order_id
    engine.gateway.pay(order, status="failed")
    await life.is_reported()
    await life.becomes(lambda booking: booking.payments[0].failed_attempts)
    for _ in range(2):
        engine.gateway.pay(order, status="captured")
    await life.is_reported()
    await life.payout("held")
    await life.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    await life.asks(commands.Start(RAVI))
    await life.asks(commands.Complete(ASHA))
    await life.payout("released")
    await life.asks(commands.Review(RAVI, 4))
    await life.asks(commands.Review(ASHA, 5, "clean and quick"))
    return await life.runs()


async def called_off(engine: Engine, rows: Rows) -> Histories:
    """Requests that end before they are accepted: by each of those who may, and by nobody."""
    lives = {
        "taken_back": commands.Cancel(ASHA, reason="found another"),
        "declined": commands.Cancel(RAVI),
        "cancelled_by_staff": commands.Cancel(ADMIN, reason="the listing was withdrawn"),
        "offer_declined": commands.DeclineOffer(RAVI, 1),
        "unanswered": None,
    }
    found = {}
    for number, (name, command) in enumerate(lives.items(), 2011):
        windows = {} if command else {"answer_window": SOON, "answer_reminder": SOON / 2}
        life = Life(engine, rows, new_request(number, **windows))
        await life.opens()
        if command is not None:
            await life.asks(command)
        found[name] = await life.ends()
    return found


async def unpaid(engine: Engine, rows: Rows) -> Histories:
    """Accepted and never paid; the money comes when the workflow has ended, and goes back."""
    life = Life(engine, rows, new_request(2021, payment_window=2 * SOON, payment_reminder=SOON))
    await life.opens()
    await life.asks(commands.Accept(RAVI))
    await life.asks(commands.PayIntent(ASHA))
    expired = await life.ends()
    order = life.booking.payments[-1].order_id
    engine.gateway.pay(order, status="captured")
    await engine.reporter.reopen(LOCAL_SERVICES, life.booking, "payment_reported", order)
    await life.becomes(lambda booking: [refund.status for refund in booking.refunds] == ["processed"])
    return {"unpaid": expired, "paid_too_late": await life.ends()}


async def other_time_forgotten(engine: Engine, rows: Rows) -> Histories:
    """Another time is not answered; whoever has not paid calls it off."""
    life = Life(engine, rows, new_request(2031, reschedule_until=AT_ONCE, answer_window=SOON))
    await life.opens()
    await life.asks(commands.Accept(RAVI))
    await life.asks(commands.Offer(RAVI, starts_at=life.new.starts_at + QUARTER))
    await life.becomes(lambda booking: booking.open_offer is None)
    await life.asks(commands.Cancel(ASHA))
    return {"other_time_forgotten": await life.ends()}


async def cancelled(engine: Engine, rows: Rows) -> Histories:
    """Paid and called off: with the requester's fee, by the provider, by staff with a part of the fee."""
    lives = {
        "cancelled_for_a_fee": commands.Cancel(ASHA, reason="ill"),
        "cancelled_by_provider": commands.Cancel(RAVI),
        "cancelled_with_a_part_of_the_fee": commands.Cancel(ADMIN, fee_percent=10),
    }
    found = {}
    for number, (name, command) in enumerate(lives.items(), 2041):
        life = Life(engine, rows, new_request(number, cancel_grace=AT_ONCE))
        await life.is_paid()
        await life.asks(command)
        found[name] = await life.ends()
    return found


async def broken_off(engine: Engine, rows: Rows) -> Histories:
    """The work has begun: the provider gives up; the other is cancelled in the Temporal UI, after a refund by hand."""
    given_up = Life(engine, rows, new_request(2051))
    await given_up.begins()
    await given_up.asks(commands.Cancel(RAVI, reason="no water in the house"))
    first = await given_up.ends()
    life = Life(engine, rows, new_request(2052))
    await life.begins()
    paid = life.booking.payments[-1].payment_id
    assert paid is not None
    engine.gateway.refund_by_hand(paid, 35_000)
    await life.is_reported()
    await life.becomes(lambda booking: any(refund.by_hand for refund in booking.refunds))
    await life.handle.cancel()
    return {"given_up_at_work": first, "cancelled_in_the_temporal_ui": await life.ends()}


async def never_begun(engine: Engine, rows: Rows) -> Histories:
    """Both are reminded, staff are called, and all money goes back."""
    windows = {"start_reminder": SOON / 2, "start_alert": SOON / 2, "not_started": SOON}
    life = Life(engine, rows, soon(2061, **windows))
    await life.is_paid()
    return {"never_begun": await life.ends()}


async def no_show(engine: Engine, rows: Rows) -> Histories:
    """The provider did not come; the requester did not: undisputed after all, and decided for the provider."""
    waits = {"no_show_by_requester": AT_ONCE, "no_show_by_provider": AT_ONCE, "no_show_hold": 3 * SOON}
    lives = {
        "no_show_of_the_provider": [commands.Cancel(ASHA, no_show=True)],
        "no_show_undisputed": [*_CLAIMED, commands.WithdrawDispute(ASHA)],
        "no_show_decided": [*_CLAIMED, commands.DecideDispute(ADMIN, Outcome.RELEASE)],
    }
    found = {}
    for number, (name, moves) in enumerate(lives.items(), 2071):
        life = Life(engine, rows, soon(number, **waits))
        await life.is_paid()
        await life.becomes(lambda booking: datetime.now(UTC) > booking.starts_at)
        for move in moves:
            await life.asks(move)
        found[name] = await life.ends()
    return found


async def by_the_clock(engine: Engine, rows: Rows) -> Histories:
    """A dispute is withdrawn during the work; then nobody says anything but one review."""
    windows = {"finish_window": SOON, "confirm_window": SOON, "review_window": 2 * SOON}
    life = Life(engine, rows, soon(2081, **windows))
    await life.begins()
    await life.asks(commands.Dispute(RAVI, "unsafe", "there is a dog"))
    await life.asks(commands.WithdrawDispute(RAVI))
    await life.becomes(lambda booking: booking.completion is not None)
    await life.asks(commands.Review(ASHA, 5))
    return {"by_the_clock": await life.ends()}


async def decided_at_work(engine: Engine, rows: Rows) -> Histories:
    """No account at first, a transfer that fails; staff are called for a dispute, and a part goes back."""
    life = Life(
        engine,
        rows,
        new_request(2091, dispute_alert=SOON / 2, review_window=SOON, money_settle=SOON / 10),
        account=False,
    )
    await life.opens()
    await life.asks(commands.Accept(RAVI))
    await life.asks(commands.PayIntent(ASHA))
    engine.gateway.pay(life.booking.payments[-1].order_id)
    await life.is_reported()
    await life.becomes(lambda booking: booking.payouts)
    engine.transfers.fail = 1
    await life.handle.signal(LocalServiceWorkflow.payout_reported, life.opens_account())
    await life.payout("held")
    await life.asks(commands.Start(RAVI))
    await life.asks(commands.Dispute(ASHA, "bad-work", "the kitchen was not done"))
    await life.becomes(lambda booking: "dispute 1" in booking.alerted)
    await life.asks(commands.DecideDispute(ADMIN, Outcome.REFUND_PART, 67_500))
    await life.asks(commands.Complete(ADMIN))
    return {"decided_at_work": await life.ends()}


async def disputed_when_done(engine: Engine, rows: Rows) -> Histories:
    """Withdrawn and confirmed, then the bank takes the money; decided for the requester, the balance being low."""
    life = Life(engine, rows, new_request(2101, review_window=2 * SOON))
    await life.begins()
    await life.asks(commands.Complete(RAVI))
    await life.asks(commands.Dispute(ASHA, "bad-work", "the stove"))
    await life.asks(commands.WithdrawDispute(ASHA))
    await life.asks(commands.Confirm(ASHA))
    await life.payout("released")
    paid = life.booking.payments[-1].payment_id
    assert paid is not None
    for status in ("open", "lost"):
        dispute = engine.gateway.dispute(paid, status)
        await life.handle.signal(LocalServiceWorkflow.dispute_reported, dispute.dispute_id)
        await life.becomes(lambda booking, status=status: [each.status for each in booking.disputes] == [status])
    await life.asks(ClearAttention(ADMIN, "written off"))
    withdrawn = await life.ends()
    life = Life(engine, rows, new_request(2102, review_window=2 * SOON))
    await life.begins()
    await life.asks(commands.Complete(RAVI))
    await life.asks(commands.Dispute(ASHA, "not-done", "nobody cleaned"))
    engine.gateway.balance_is_low = True
    await life.asks(commands.DecideDispute(ADMIN, Outcome.REFUND_ALL))
    await life.becomes(lambda booking: booking.refunds)
    engine.gateway.balance_is_low = False
    await life.asks(RetryRefund(ADMIN, life.booking.refunds[0].id))
    return {"taken_by_the_bank": withdrawn, "decided_when_done": await life.ends()}


Path = Callable[[Engine, Rows], Awaitable[Histories]]
_ALL = (
    negotiated,
    called_off,
    unpaid,
    other_time_forgotten,
    cancelled,
    broken_off,
    never_begun,
    no_show,
    by_the_clock,
    decided_at_work,
    disputed_when_done,
)
PATHS: dict[str, Path] = {path.__name__: path for path in _ALL}
IN_MANY_RUNS = {"negotiated"}
