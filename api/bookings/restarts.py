"""Bookings that met no workflow although they are open: the recovery is asked to start it again, at once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from adapters.postgres.workflow_problems import WorkflowProblemRows
from api.bookings.calls import WorkflowGone, within
from domain.errors import Unavailable
from domain.recovery import BookingRef
from workflows.booking.messages import Ack
from workflows.recovery import RECOVERY_ID, BookingRecoveryWorkflow

RESTARTED_WITHIN = timedelta(seconds=10)
"""A restart takes a second; what is not started by then waits for the bounds of the recovery, or for an operator."""

_BETWEEN_TRIES = 0.2
_RPC_TIMEOUT = timedelta(seconds=5)
_AFTER_A_LOOK, _AFTER_AN_OPERATOR = 30, 300

_log = structlog.get_logger()


class Restarts:
    """What a command does that meets no workflow."""

    def __init__(self, temporal: Client, problems: WorkflowProblemRows) -> None:
        self._temporal = temporal
        self._problems = problems

    async def performed(self, booking: BookingRef, limit: timedelta, call: Callable[[], Awaitable[Ack]]) -> Ack:
        """Ask for the restart, and make the call when the workflow is there; ``limit`` is for the call alone.

        Raises:
            Unavailable: it was not started in time; it says why.
        """
        await self._ask(booking)
        until = asyncio.get_running_loop().time() + RESTARTED_WITHIN.total_seconds()
        while asyncio.get_running_loop().time() < until:
            try:
                return await within(limit, call)
            except WorkflowGone:
                await asyncio.sleep(_BETWEEN_TRIES)
        raise await self._why_not()

    async def _ask(self, booking: BookingRef) -> None:
        recovery = self._temporal.get_workflow_handle(RECOVERY_ID)
        try:
            await recovery.signal(BookingRecoveryWorkflow.booking_missing, booking, rpc_timeout=_RPC_TIMEOUT)
        except RPCError as fault:
            _log.error("the recovery of bookings does not run", booking_id=booking.booking_id, fault=fault.message)

    async def _why_not(self) -> Unavailable:
        standing = await self._problems.standing()
        if standing.stopped_at is not None:
            why, wait = (
                "many bookings wait for the shop to have them started again; nothing is lost",
                _AFTER_AN_OPERATOR,
            )
        elif not standing.polled:
            why, wait = "nobody works on bookings at the moment; nothing is lost", _AFTER_A_LOOK
        else:
            why, wait = "the booking is being started again; try again shortly", _AFTER_A_LOOK
        return Unavailable(why, retry_after=wait)
