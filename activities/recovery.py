"""Recovery of bookings from outside: late payment events for ended ones, rows that are ahead of their workflow."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from temporalio import activity

from activities.heartbeats import heartbeats
from domain.billing.assessment import assess_order, returned_before
from domain.billing.provider import OrderFacts
from domain.booking import Booking
from domain.closing import is_settled
from domain.kind import BookingKind
from domain.recovery import BookingRef

CHANGED_WITHIN = timedelta(hours=6)
SETTLED_AFTER = timedelta(seconds=30)
"""A row may be ahead for a moment, while its workflow catches up."""


class Rows(Protocol):
    """The bookings of one kind as PostgreSQL has them."""

    async def load(self, booking_id: int) -> Booking:
        """The whole state."""

    async def moved(self, within: timedelta, before: timedelta) -> list[tuple[int, int]]:
        """Ids and versions of bookings that changed ``within`` this time, but not in the last moments (``before``)."""


class BookingWorkflows(Protocol):
    """The bookings as Temporal runs them; ``kind`` is the name of a booking's kind."""

    async def reopen(self, kind: BookingKind[Any], booking: Any, signal: str, about: str) -> None:
        """Signal a booking's workflow; one that has ended is started again from its rows."""

    async def signal_booking(self, kind: str, booking_id: int, signal: str, about: str) -> bool:
        """Signal a booking's workflow; False when it has ended."""

    async def ask_for_restart(self, booking: BookingRef) -> None:
        """Tell the recovery of a booking whose workflow is gone although it is open."""

    async def version(self, kind: str, booking_id: int) -> int | None:
        """The version of a workflow's state; None when it has ended or does not answer."""

    async def projection_seen(self, kind: str, booking_id: int, version: int) -> None:
        """Tell a workflow the version of its rows."""


class WorkflowMissing(Exception):
    """The workflow is not there yet; to be tried again."""


class RecoveryActivities:
    """What workflows cannot do for themselves once they have ended or lost a transition."""

    def __init__(
        self, kinds: Mapping[str, BookingKind[Any]], rows: Mapping[str, Rows], workflows: BookingWorkflows
    ) -> None:
        self._kinds = kinds
        self._rows = rows
        self._workflows = workflows

    @activity.defn
    async def refunded_payments(self, kind: str, booking_id: int, order_id: str) -> list[str]:
        """The payments of an order that were refunded, so that their refunds are fetched too."""
        return returned_before(await self._rows[kind].load(booking_id), order_id)

    @activity.defn
    async def needs_reopening(self, kind: str, booking_id: int, facts: OrderFacts) -> bool:
        """Whether the booking, as it ended, has to do anything about these facts."""
        return assess_order(self._kinds[kind], await self._rows[kind].load(booking_id), facts).is_actionable

    @activity.defn
    async def reopen(
        self, kind: str, booking_id: int, order_id: str | None, dispute_id: str | None, transfer_id: str | None = None
    ) -> None:
        """Have the booking fetch an order, a dispute or a transfer, whether its workflow has ended or not."""
        booking = await self._rows[kind].load(booking_id)
        reports = {"payment_reported": order_id, "dispute_reported": dispute_id, "payout_reported": transfer_id}
        for signal, about in reports.items():
            if about is None:
                continue
            if is_settled(self._kinds[kind], booking):
                await self._workflows.reopen(self._kinds[kind], booking, signal, about)
            elif not await self._workflows.signal_booking(kind, booking_id, signal, about):
                # It should not have ended: whether and when it is started again is for the recovery to say.
                await self._workflows.ask_for_restart(BookingRef(kind, booking_id))
                raise WorkflowMissing(f"booking {booking_id} waits for its workflow to be started again")

    @activity.defn
    async def check_projections(self) -> int:
        """Find workflows that stay behind their rows and have them go on from these; answers how many.

        A worker that died between the commit and Temporal's record of it leaves such a row when no client repeats the
        command; a Temporal that was restored from an older copy leaves many.
        """
        async with heartbeats():
            return sum([await self._check(kind, rows) for kind, rows in self._rows.items()])

    async def _check(self, kind: str, rows: Rows) -> int:
        found = 0
        for booking_id, version in await rows.moved(CHANGED_WITHIN, SETTLED_AFTER):
            running = await self._workflows.version(kind, booking_id)
            if running is not None and running < version:
                activity.logger.warning(
                    "booking %s: its rows are at version %s, its workflow at %s", booking_id, version, running
                )
                await self._workflows.projection_seen(kind, booking_id, version)
                found += 1
        return found
