"""Looking after bookings from outside: late news for one that has ended, rows that got ahead of their workflow."""

from datetime import timedelta
from typing import Protocol

from temporalio import activity

from domain.payments import OrderFacts
from kinds.vehicle_service.domain.assessment import assess_order, returned_before
from kinds.vehicle_service.domain.booking import Booking

MOVED_WITHIN = timedelta(hours=6)
SETTLED_AFTER = timedelta(seconds=30)
"""A row may be ahead for a moment, while its workflow catches up."""


class Rows(Protocol):
    """The bookings as PostgreSQL has them."""

    async def load(self, booking_id: int) -> Booking:
        """The whole state."""

    async def moved(self, within: timedelta, before: timedelta) -> list[tuple[int, int]]:
        """Ids and versions of bookings that moved in that time, but not just now."""


class Stories(Protocol):
    """The bookings as Temporal runs them."""

    async def take_up(self, booking: Booking, signal: str, about: str) -> None:
        """Signal a booking's workflow; one that has ended goes on from its rows."""

    async def version(self, booking_id: int) -> int | None:
        """The version that a workflow is at; None when it has ended or does not answer."""

    async def rows_are_at(self, booking_id: int, version: int) -> None:
        """Tell a workflow what its rows show."""


class AftercareActivities:
    """Deeds for stories that cannot help themselves."""

    def __init__(self, rows: Rows, stories: Stories) -> None:
        self._rows = rows
        self._stories = stories

    @activity.defn
    async def returned(self, booking_id: int, order_id: str) -> list[str]:
        """The payments of an order that we have refunded, so that their refunds are fetched too."""
        return returned_before(await self._rows.load(booking_id), order_id)

    @activity.defn
    async def is_news(self, booking_id: int, facts: OrderFacts) -> bool:
        """Whether the booking, as it ended, would have to do anything about these facts."""
        return assess_order(await self._rows.load(booking_id), facts).is_actionable

    @activity.defn
    async def take_up_again(self, booking_id: int, order_id: str | None, dispute_id: str | None) -> None:
        """Have the booking look at an order or a dispute, whether its workflow has ended or not."""
        booking = await self._rows.load(booking_id)
        if order_id is not None:
            await self._stories.take_up(booking, "payment_reported", order_id)
        if dispute_id is not None:
            await self._stories.take_up(booking, "dispute_reported", dispute_id)

    @activity.defn
    async def check_rows(self) -> int:
        """Find rows that are ahead of their workflow for good and have them put right; answers how many.

        A worker that died between the commit and Temporal's record of it leaves such a row when nobody repeats the
        request. The workflow is the truth: it writes the row anew, one version further.
        """
        found = 0
        for booking_id, version in await self._rows.moved(MOVED_WITHIN, SETTLED_AFTER):
            activity.heartbeat()
            told = await self._stories.version(booking_id)
            if told is not None and told < version:
                activity.logger.warning("booking %s: its rows are at %s, its story at %s", booking_id, version, told)
                await self._stories.rows_are_at(booking_id, version)
                found += 1
        return found
