"""Bookings as the API speaks to them through Temporal: opened, asked for something, given a hint.

Nothing here waits for ever. A refusal comes back as itself; everything else gets the name that a client can act on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.postgres.booking_queries import BookingQueries, missing
from domain.billing.provider import LatePaymentEvent
from domain.commands import ClearAttention, Command, RetryRefund
from domain.errors import ActionNotAllowed, BookingError, NotFinished, TooMany, Unavailable
from domain.people import Actor
from kinds.vehicle_service.domain import commands
from kinds.vehicle_service.domain.ui import static_details, static_summary
from kinds.vehicle_service.domain.visit import VisitBooking
from workflows.booking.messages import (
    BOOKINGS_QUEUE,
    Ack,
    Start,
    booking_workflow_id,
    late_workflow_id,
    refund_workflow_id,
    reopened,
)
from workflows.late_payment import LatePaymentWorkflow
from workflows.reconciliation import RECONCILIATION_ID, ReconciliationWorkflow
from workflows.refund import RefundWorkflow
from workflows.search_attributes import search_attributes
from workflows.vehicle_service import VehicleServiceWorkflow

T = TypeVar("T")
_log = structlog.get_logger()

_UPDATES: dict[type, Any] = {
    commands.Assign: VehicleServiceWorkflow.assign,
    commands.SubmitProgress: VehicleServiceWorkflow.submit_progress,
    commands.EditProgress: VehicleServiceWorkflow.edit_progress,
    commands.ValidateProgress: VehicleServiceWorkflow.validate_progress,
    commands.SubmitAnalysis: VehicleServiceWorkflow.submit_analysis,
    commands.EditAnalysis: VehicleServiceWorkflow.edit_analysis,
    commands.ValidateAnalysis: VehicleServiceWorkflow.validate_analysis,
    commands.ConfirmServices: VehicleServiceWorkflow.confirm_services,
    commands.ChooseCash: VehicleServiceWorkflow.choose_cash,
    commands.VerifyCash: VehicleServiceWorkflow.verify_cash,
    commands.RefusePayment: VehicleServiceWorkflow.refuse_payment,
    RetryRefund: VehicleServiceWorkflow.retry_refund,
    ClearAttention: VehicleServiceWorkflow.clear_attention,
    commands.Reschedule: VehicleServiceWorkflow.reschedule,
    commands.Cancel: VehicleServiceWorkflow.cancel,
}
_OPEN: Any = VehicleServiceWorkflow.open
_CLEAR: Any = VehicleServiceWorkflow.clear_attention
_HINT_PATIENCE = timedelta(seconds=5)
_TRIES_WHILE_FAILING, _BETWEEN_TRIES = 16, 0.5
_ENDED_MEANWHILE = "AcceptedUpdateCompletedWorkflow"
_GONE = frozenset({RPCStatusCode.NOT_FOUND, RPCStatusCode.ALREADY_EXISTS})
_SLOW = frozenset({RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class _Gone(Exception):
    """The workflow does not take updates (any more); the rows know why."""


class BookingClient:
    """Bookings as Temporal runs them."""

    def __init__(self, client: Client, queries: BookingQueries, patience: timedelta) -> None:
        self._client = client
        self._queries = queries
        self._patience = patience

    async def open(self, booking: VisitBooking, actor: Actor, update_id: str) -> Ack:
        """Start the booking's workflow and wait for its outcome; a repeat with this id gets the same outcome.

        Raises:
            SlotTaken, VehicleBusy: it was refused.
            NotFinished: nobody took it up in time.
        """
        start = Start(booking, actor, update_id)

        async def call() -> Ack:
            operation: WithStartWorkflowOperation[Any, Ack] = WithStartWorkflowOperation(
                VehicleServiceWorkflow.run,
                start,
                id=booking_workflow_id(booking.id),
                task_queue=BOOKINGS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                search_attributes=search_attributes(booking),
                static_summary=static_summary(booking),
                static_details=static_details(booking),
            )
            try:
                ack: Ack = await self._client.execute_update_with_start_workflow(
                    _OPEN, start_workflow_operation=operation, id=update_id, rpc_timeout=self._patience
                )
            except Exception:
                # The client keeps the fault in the operation as well; unasked for, asyncio logs it as an error.
                with suppress(Exception):
                    async with asyncio.timeout(1):
                        await operation.workflow_handle()
                raise
            return ack

        try:
            return await self._in_time(call, self._patience)
        except _Gone:
            return await self._ask_the_rows(booking.id, update_id)

    async def act(self, booking_id: int, request: Command, update_id: str, seen: int = 0) -> Ack:
        """Ask something of a booking; what it refuses is raised, what is done is in the rows when this returns.

        ``seen`` is the version that the rows show: a workflow that is behind them judges when it has caught up.

        Raises:
            BookingError: the refusal.
            NotFinished: accepted, or at least sent, but not finished in time; safe to repeat with the same id.
        """
        handle = self._client.get_workflow_handle(booking_workflow_id(booking_id))
        update, asked = _UPDATES[type(request)], replace(request, seen_version=seen)

        def call() -> Awaitable[Ack]:
            return handle.execute_update(update, asked, id=update_id, rpc_timeout=self._patience)

        try:
            return await self._in_time(call, self._patience)
        except _Gone:
            if isinstance(request, ClearAttention):
                return await self._taken_up_for(booking_id, request, update_id)
            return await self._ask_the_rows(booking_id, update_id)

    async def _taken_up_for(self, booking_id: int, request: ClearAttention, update_id: str) -> Ack:
        """A story that has ended goes on from its rows, for what is asked of it, and ends again."""
        booking = (await self._queries.detail(booking_id, request.actor)).booking

        async def call() -> Ack:
            operation: WithStartWorkflowOperation[Any, Ack] = WithStartWorkflowOperation(
                VehicleServiceWorkflow.run,
                reopened(booking),
                id=booking_workflow_id(booking_id),
                task_queue=BOOKINGS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=static_summary(booking),
                static_details=static_details(booking),
            )
            ack: Ack = await self._client.execute_update_with_start_workflow(
                _CLEAR,
                request,
                start_workflow_operation=operation,
                id=update_id,
                rpc_timeout=self._patience,
            )
            return ack

        return await self._in_time(call, self._patience)

    async def report_payment(self, booking_id: int, order_id: str) -> bool:
        """A hint that something may have happened to an order; False when the booking's workflow has ended."""
        handle = self._client.get_workflow_handle(booking_workflow_id(booking_id))
        return await self._hint(
            lambda: handle.signal(VehicleServiceWorkflow.payment_reported, order_id, rpc_timeout=_HINT_PATIENCE)
        )

    async def report_refund(self, key: str) -> bool:
        """A hint that something may have happened to a refund; False when its workflow has ended or never was."""
        handle = self._client.get_workflow_handle(refund_workflow_id(key))
        return await self._hint(lambda: handle.signal(RefundWorkflow.refund_reported, rpc_timeout=_HINT_PATIENCE))

    async def report_dispute(self, booking_id: int, dispute_id: str) -> bool:
        """A hint that something may have happened to a dispute; False when the booking's workflow has ended."""
        handle = self._client.get_workflow_handle(booking_workflow_id(booking_id))
        return await self._hint(
            lambda: handle.signal(VehicleServiceWorkflow.dispute_reported, dispute_id, rpc_timeout=_HINT_PATIENCE)
        )

    async def report_late(self, event: LatePaymentEvent) -> None:
        """Start the workflow for a payment event of a booking whose workflow has ended."""

        async def call() -> None:
            await self._client.start_workflow(
                LatePaymentWorkflow.run,
                event,
                id=late_workflow_id(event),
                task_queue=BOOKINGS_QUEUE,
                start_signal="reported",
                static_summary=f"late payment event for booking {event.booking_id}",
                rpc_timeout=_HINT_PATIENCE,
            )

        await self._in_time(call, _HINT_PATIENCE)

    async def reconcile(self) -> None:
        """Have the books compared, if nobody does so just now."""

        async def call() -> None:
            await self._client.start_workflow(
                ReconciliationWorkflow.run,
                id=RECONCILIATION_ID,
                task_queue=BOOKINGS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="asked for by an admin",
                rpc_timeout=_HINT_PATIENCE,
            )

        await self._in_time(call, _HINT_PATIENCE)

    async def _hint(self, signal: Callable[[], Awaitable[None]]) -> bool:
        try:
            await self._in_time(signal, _HINT_PATIENCE)
        except _Gone:
            return False
        return True

    async def _in_time(self, call: Callable[[], Awaitable[T]], patience: timedelta) -> T:
        """The outcome, or a refusal by its name. ``rpc_timeout`` bounds one call, this bounds all of them."""
        try:
            async with asyncio.timeout(patience.total_seconds() + 1):
                return await _patiently(call)
        except WorkflowUpdateFailedError as failure:
            raise _meaning(failure) from None
        except (WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            raise NotFinished from None
        except WorkflowAlreadyStartedError:
            raise _Gone from None
        except RPCError as fault:
            raise _by_status(fault) from fault

    async def _ask_the_rows(self, booking_id: int, update_id: str) -> Ack:
        """A workflow that has ended may have done this very update before, in a try whose answer got lost."""
        known = await self._queries.status_of(booking_id, update_id)
        if known is None:
            raise missing(booking_id)
        if known.done:
            return Ack(booking_id, known.status, known.version)
        if known.closed:
            raise ActionNotAllowed(f"the booking is {known.status} and closed", status=known.status)
        raise Unavailable("the booking is not ready for that yet; try again shortly")


async def _patiently(call: Callable[[], Awaitable[T]]) -> T:
    """A workflow whose worker died in the middle refuses updates until its task is taken up again: for a moment."""
    for _ in range(_TRIES_WHILE_FAILING):
        try:
            return await call()
        except RPCError as fault:
            if fault.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
        await asyncio.sleep(_BETWEEN_TRIES)
    return await call()


def _meaning(failure: WorkflowUpdateFailedError) -> Exception:
    cause = failure.cause
    if isinstance(cause, BookingError):
        return cause
    if isinstance(cause, ApplicationError) and cause.type == _ENDED_MEANWHILE:
        return _Gone()
    _log.error("an update broke", fault=str(cause)[:300])
    return Unavailable("the booking engine could not do that; try again shortly")


def _by_status(fault: RPCError) -> Exception:
    if fault.status in _GONE:
        return _Gone()
    if fault.status in _SLOW:
        return NotFinished()
    if fault.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return TooMany("the booking engine is busy; try again shortly")
    _log.warning("a call to the booking engine failed", status=fault.status.name, fault=fault.message[:300])
    return Unavailable("the booking engine is not available; try again shortly")
