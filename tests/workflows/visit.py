"""A visit to the workshop, walked step by step by the people who take part; each step is one update.

Every step returns when its update is answered; what a step has changed is in the rows by then.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from domain.billing.records import Method, Payment, Refund
from domain.people import Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.parts import Job, Leg, Line, Mechanic, PickupType, Timeslot
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.visit import Policy, VisitBooking
from kinds.vehicle_service.workflow import VehicleServiceWorkflow
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ASHA,
    BRAKES,
    CUSTOMER,
    HOME,
    I20,
    LATA,
    MEENA,
    MORNING,
    OIL,
    POLICY,
    QUOTES,
    RAVI,
    actor,
    recommended,
    requested,
)
from tests.workflows.running_booking import RunningBooking
from workflows.booking.messages import Ack, refund_workflow_id
from workflows.refund import RefundWorkflow

_IDS = itertools.count(1001)
_DAY = timedelta(days=1)


def leg_in(days: int, timeslot: Timeslot = MORNING, starts_in: timedelta | None = None, *, home: bool = True) -> Leg:
    """A leg some days from now; ``starts_in`` moves its beginning, which alone has alarms, to where a test needs it."""
    now = datetime.now(UTC)
    starts_at = now + (starts_in if starts_in is not None else days * _DAY)
    return Leg((now + days * _DAY).date(), timeslot, starts_at, HOME if home else None)


def new_booking(pickup_type: PickupType = PickupType.DOORSTEP, **other: Any) -> VisitBooking:
    """Asha books oil and brakes, each time with another car."""
    number, home = next(_IDS), pickup_type is PickupType.DOORSTEP
    usual: dict[str, Any] = {
        "id": number,
        "customer": CUSTOMER,
        "vehicle": replace(I20, id=number, registration_number=f"TN01AB{number}"),
        "pickup_type": pickup_type,
        "pickup": leg_in(2, home=home),
        "drop": leg_in(3, home=home),
        "lines": [requested(BRAKES), requested(OIL)],
        "policy": POLICY,
        "created_at": datetime.now(UTC),
    }
    return VisitBooking(**(usual | other))


def windows(**other: Any) -> Policy:
    """The usual policy with some windows short enough to be watched."""
    return replace(POLICY, **other)


def ms(milliseconds: int) -> timedelta:
    """A business window of a test."""
    return timedelta(milliseconds=milliseconds)


class Visit(RunningBooking):
    """One visit, step by step."""

    # Coming in

    async def pickup_assigned(self, mechanic: Mechanic = RAVI) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.PICKUP, mechanic))

    async def collected(self) -> Ack:
        return await self.asks(commands.SubmitProgress(self.mechanic, "Collected, a scratch on the left door"))

    async def received_from_walk_in(self) -> Ack:
        return await self.asks(commands.SubmitProgress(ADMIN, "Received at the workshop"))

    async def report_validated(self) -> Ack:
        return await self.asks(commands.ValidateProgress(ADMIN, self.open_report))

    async def report_sent_back(self) -> Ack:
        return await self.asks(
            commands.ValidateProgress(ADMIN, self.open_report, approved=False, reason="Photos are missing")
        )

    async def received(self) -> Self:
        """The car is with us and that is validated."""
        if self.new.walk_in:
            await self.received_from_walk_in()
        else:
            await self.pickup_assigned()
            await self.collected()
            await self.report_validated()
        return self

    # The estimate

    async def analysis_assigned(self, mechanic: Mechanic = LATA) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.ANALYSIS, mechanic))

    async def analysis_submitted(
        self, recommending: Sequence[Line] | None = None, quotes: dict[int, int] | None = None
    ) -> Ack:
        extra = tuple(recommending) if recommending is not None else (recommended(),)
        return await self.asks(
            commands.SubmitAnalysis(
                self.mechanic, "Pads worn to 2 mm, oil is black", "A new cabin filter", quotes or QUOTES, extra
            )
        )

    async def analysis_sent_back(self) -> Ack:
        return await self.asks(commands.ValidateAnalysis(ADMIN, approved=False, reason="The oil price is too high"))

    async def estimate_validated(self) -> Ack:
        return await self.asks(commands.ValidateAnalysis(ADMIN, gst_percent=POLICY.gst_percent))

    async def analysed(self) -> Self:
        """From the booking to an analysis that waits for an admin."""
        await self.received()
        await self.analysis_assigned()
        await self.analysis_submitted()
        return self

    async def estimate_ready(self) -> Self:
        """From the booking to an estimate that waits for the customer."""
        await self.analysed()
        await self.estimate_validated()
        return self

    # The choice and the money

    async def confirmed(self, method: Method, *service_ids: int, update_id: str | None = None) -> Ack:
        return await self.asks(commands.ConfirmServices(ASHA, service_ids or (BRAKES, OIL), method), update_id)

    async def order_opened(self, *service_ids: int) -> Payment:
        """The customer chooses lines to be paid online."""
        await self.confirmed(Method.ONLINE, *service_ids)
        return self.order

    async def reports_payment(self, order_id: str | None = None) -> Self:
        """A webhook, a callback: it only names the order."""
        await self.handle.signal(VehicleServiceWorkflow.payment_reported, order_id or self.order.order_id)
        return self

    async def reports_refund(self, key: str) -> Self:
        """A webhook about a refund: it only names the order."""
        refund = self.engine.client.get_workflow_handle(refund_workflow_id(key))
        await refund.signal(RefundWorkflow.refund_reported)
        return self

    async def hears_of(self, order_id: str) -> Self:
        """What the sweep and the API do with a payment event, also when the workflow has ended."""
        await self.engine.reporter.report_payment("vehicle_service", self.id, order_id)
        return self

    async def hears_of_dispute(self, dispute_id: str) -> Self:
        """The same for a dispute."""
        await self.engine.reporter.report_dispute("vehicle_service", self.id, dispute_id)
        return self

    async def paid_online(self, *service_ids: int) -> Self:
        """Chosen, paid, reported, confirmed."""
        order = await self.order_opened(*service_ids)
        self.engine.gateway.pay(order.order_id)
        await self.reports_payment(order.order_id)
        return await self.becomes(lambda booking: booking.status == "in-progress" and booking.invoices)

    async def cash_agreed(self, *service_ids: int) -> Ack:
        return await self.confirmed(Method.OFFLINE, *service_ids)

    async def cash_verified(self, by: Actor | None = None) -> Ack:
        return await self.asks(commands.VerifyCash(by or self.mechanic, self.due))

    # The work and the way home

    async def service_assigned(self, mechanic: Mechanic = MEENA) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.SERVICE, mechanic))

    async def work_reported(self, *service_ids: int) -> Ack:
        left = tuple(line.service_id for line in self.booking.kept_lines if line.state != "done")
        return await self.asks(
            commands.SubmitProgress(self.mechanic, "Done and road tested", service_ids=service_ids or left)
        )

    async def work_done(self, mechanic: Mechanic = MEENA) -> Self:
        """Assigned, reported, validated."""
        await self.service_assigned(mechanic)
        await self.work_reported()
        await self.report_validated()
        return self

    async def drop_assigned(self, mechanic: Mechanic = RAVI) -> Ack:
        return await self.asks(commands.Assign(ADMIN, Job.DROP, mechanic))

    async def brought_home(self) -> Ack:
        return await self.asks(commands.SubmitProgress(self.mechanic, "Handed over"))

    async def handed_over(self) -> Ack:
        return await self.asks(commands.SubmitProgress(ADMIN, "Fetched at the workshop"))

    async def rescheduled(self, pickup: Leg | None = None, drop: Leg | None = None) -> Ack:
        return await self.asks(commands.Reschedule(ASHA, pickup, drop))

    async def cancelled(self, by: Actor = ASHA, update_id: str | None = None) -> Ack:
        return await self.asks(commands.Cancel(by, "Sold the car"), update_id)

    async def refund_without_balance(self) -> Refund:
        """Cancelled, and our balance with the provider is too low for the refund."""
        self.engine.gateway.balance_is_low = True
        await self.cancelled()
        await self.becomes(lambda booking: booking.refunds and booking.refunds[0].needs_help)
        return self.booking.refunds[0]

    # What the next step needs to know

    @property
    def mechanic(self) -> Actor:
        """Who is at work."""
        assignment = self.booking.active()
        assert assignment is not None, "no mechanic is at work"
        return actor(assignment.mechanic)

    @property
    def open_report(self) -> int:
        """The report that waits for an admin."""
        report = self.booking.open_report()
        assert report is not None, "no report waits for an admin"
        return report.id

    @property
    def due(self) -> int:
        """What is still to come in, in paise."""
        return totals(self.booking).due

    @property
    def order(self) -> Payment:
        """The order that can be paid now."""
        order = self.booking.live_order()
        assert order is not None, "no order waits for money"
        return order
