"""Bookings of services whose workflows run beside vehicle services, over rows in memory."""

import uuid
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from domain.billing.payouts import PayoutTerms
from domain.commands import Command
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Offer
from kinds.local_services.worker import WORKER
from kinds.local_services.workflow import LocalServiceWorkflow
from tests.kinds.local_services.bookings import ASHA, RAVI, Request, policy
from tests.kinds.table_reservation.running import Rows, working_beside_visits
from tests.workflows.engine import Engine
from tests.workflows.running_booking import eventually
from workflows.booking.messages import BOOKINGS_QUEUE, Ack, Start, booking_workflow_id, update_name

AT_ONCE = PayoutTerms(timedelta(minutes=15), timedelta(minutes=15), timedelta(milliseconds=50))
HOUR = timedelta(hours=1)


def new_request(number: int, **windows: Any) -> ServiceBooking:
    """One that nobody has asked for yet, of three hours from an hour on, which can begin at once."""
    now = datetime.now(UTC)
    terms = policy(payouts=AT_ONCE, start_early=2 * HOUR, **windows)
    made = Request(id=number, policy=terms, starts_at=now + HOUR, created_at=now).booking
    new = replace(made, version=0, since=None, recent=[])
    return replace(new, offers=[Offer(1, ASHA.id, new.total, new.starts_at, new.duration, None, now)])


class RunningRequest:
    """A request whose workflow runs."""

    def __init__(self, engine: Engine, rows: Rows, new: ServiceBooking) -> None:
        self.engine, self.new, self._rows = engine, new, rows
        self._id = booking_workflow_id(LOCAL_SERVICES.name, new.id)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run."""
        return self.engine.client.get_workflow_handle(self._id)

    @property
    def booking(self) -> ServiceBooking:
        """The rows."""
        return self._rows.bookings[self.new.id]  # type: ignore[return-value]

    async def opens(self) -> None:
        """The requester asks for the service."""
        begun = await self.engine.client.start_workflow(
            LocalServiceWorkflow.run, Start(self.new, ASHA, "open"), id=self._id, task_queue=BOOKINGS_QUEUE
        )
        await begun.execute_update("open", result_type=Ack)

    async def asks(self, command: Command) -> Ack:
        identity = str(uuid.uuid4())
        return await self.handle.execute_update(update_name(type(command)), command, id=identity, result_type=Ack)

    async def is_paid(self) -> None:
        """Requested, accepted, and paid; the provider's share is on hold."""
        await self.opens()
        await self.asks(commands.Accept(RAVI))
        await self.asks(commands.PayIntent(ASHA))
        order = self.booking.payments[-1].order_id
        self.engine.gateway.pay(order)
        await self.handle.signal(LocalServiceWorkflow.payment_reported, order)
        await self.payout("held")

    async def payout(self, state: str) -> None:
        await eventually(lambda: self.booking.payouts and self.booking.payouts[-1].state == state)


def services_beside_visits(client: Client) -> AbstractAsyncContextManager[tuple[Engine, Rows]]:
    """Both kinds in one set of workers until the block ends."""
    return working_beside_visits(client, WORKER)
