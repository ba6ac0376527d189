"""Bookings as the API speaks to them through Temporal: started, and asked to perform commands.

Every call has a time limit. A refusal comes back as itself; every other failure has a name that a client can act on.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from adapters.postgres.booking_queries import BookingQueries, BookingStatus, missing
from api.bookings.calls import WorkflowGone, within
from api.bookings.precedence import Precedence
from api.bookings.restarts import Restarts
from api.bookings.turns import Turns
from domain.booking import Booking
from domain.commands import ClearAttention, Command, CommandWithOrder
from domain.errors import ActionNotAllowed, NoOrderYet, NotFinished, Unavailable
from domain.kind import BookingKind
from domain.people import Actor
from domain.recovery import BookingRef
from domain.temporal_ui import search_attribute_values
from workflows.booking.messages import (
    BOOKINGS_QUEUE,
    Ack,
    Start,
    booking_workflow_id,
    reopened,
    update_id,
    update_name,
)
from workflows.search_attributes import search_attributes

_NOT_READY = "the booking is not ready for that yet; try again shortly"


class BookingClient:
    """The booking workflows of a kind, as Temporal runs them."""

    def __init__(
        self,
        kind: BookingKind[Any],
        temporal: Client,
        queries: BookingQueries[Any],
        restarts: Restarts,
        timeout: timedelta,
    ) -> None:
        self._kind = kind
        self._temporal = temporal
        self._queries = queries
        self._restarts = restarts
        self._timeout = timeout
        self._precedence, self._turns = Precedence(temporal), Turns()

    async def open(self, booking: Booking, actor: Actor, request: str) -> Ack:
        """Start the booking's workflow and wait for its outcome; a repeat with this id gets the same outcome.

        Raises:
            Conflict, NotFound: it was refused.
            NotFinished: no worker performed it in time.
        """
        start: Start[Any] = Start(booking, actor, request)

        async def call(ended: WorkflowIDReusePolicy) -> Ack:
            operation: WithStartWorkflowOperation[Any, Ack] = WithStartWorkflowOperation(
                self._kind.workflow,
                start,
                id=booking_workflow_id(self._kind.name, booking.id),
                task_queue=BOOKINGS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=ended,
                search_attributes=search_attributes(search_attribute_values(self._kind, booking)),
                static_summary=self._kind.ui.static_summary(booking),
                static_details=self._kind.ui.static_details(booking),
            )
            try:
                ack: Ack = await self._temporal.execute_update_with_start_workflow(
                    "open",
                    start_workflow_operation=operation,
                    id=request,
                    result_type=Ack,
                    rpc_timeout=self._timeout,
                )
            except Exception:
                # The client keeps the fault in the operation as well; if nobody reads it, asyncio logs it as an error.
                with suppress(Exception):
                    async with asyncio.timeout(1):
                        await operation.workflow_handle()
                raise
            return ack

        try:
            return await within(self._timeout, lambda: call(WorkflowIDReusePolicy.REJECT_DUPLICATE))
        except WorkflowGone:
            known = await self._queries.status_of(booking.id, request)
        if known is not None:
            return _earlier_result(known, booking.id)
        # It was refused in a try whose answer got lost: nothing of it was written, so it is decided anew.
        try:
            return await within(self._timeout, lambda: call(WorkflowIDReusePolicy.ALLOW_DUPLICATE))
        except WorkflowGone:
            raise Unavailable(_NOT_READY) from None

    async def perform(self, booking_id: int, command: Command, request: str, seen_version: int = 0) -> Ack:
        """Perform a command on a booking: a refusal is raised, what was done is in the rows when this returns.

        ``request`` is done once, however often it is asked for.

        ``seen_version`` is the version that the rows show: a workflow that is behind them catches up before it decides.

        Raises:
            BookingError: the refusal.
            NotFinished: accepted, or at least sent, but not finished in time; safe to repeat with the same id.
            NoOrderYet: the same of a command that needs an order: the provider is what it waits for.
            Unavailable: the workflow was gone, and was not started again in time.
        """
        handle = self._temporal.get_workflow_handle(booking_workflow_id(self._kind.name, booking_id))
        seen = replace(command, seen_version=seen_version)
        update = self._update_id(request, seen)

        def send() -> Awaitable[Ack]:
            return handle.execute_update(
                update_name(type(command)), seen, id=update, result_type=Ack, rpc_timeout=self._timeout
            )

        call = self._turns.of(handle.id, send)
        try:
            return await within(self._timeout, self._precedence.of(handle.id, call))
        except NotFinished:
            if isinstance(command, CommandWithOrder):
                raise NoOrderYet from None
            raise
        except WorkflowGone:
            known = await self._known(booking_id, request)
        if known.done:
            return Ack(booking_id, known.status, known.version)
        if not known.settled:
            ref = BookingRef(self._kind.name, booking_id)
            return await self._restarts.performed(ref, self._timeout, call)
        if isinstance(command, ClearAttention):
            return await self._perform_reopened(booking_id, command, request)
        raise _closed(known)

    async def _perform_reopened(self, booking_id: int, command: ClearAttention, request: str) -> Ack:
        """A workflow that has ended is started again from its rows, performs the command, and ends again."""
        booking = (await self._queries.detail(booking_id, command.actor)).booking

        async def call() -> Ack:
            operation: WithStartWorkflowOperation[Any, Ack] = WithStartWorkflowOperation(
                self._kind.workflow,
                reopened(booking),
                id=booking_workflow_id(self._kind.name, booking_id),
                task_queue=BOOKINGS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=self._kind.ui.static_summary(booking),
                static_details=self._kind.ui.static_details(booking),
            )
            ack: Ack = await self._temporal.execute_update_with_start_workflow(
                update_name(type(command)),
                command,
                start_workflow_operation=operation,
                id=self._update_id(request, command),
                result_type=Ack,
                rpc_timeout=self._timeout,
            )
            return ack

        return await within(self._timeout, call)

    def _update_id(self, request: str, command: Command) -> str:
        return update_id(request, self._temporal.data_converter.payload_converter.to_payload(command).data)

    async def _known(self, booking_id: int, request: str) -> BookingStatus:
        known = await self._queries.status_of(booking_id, request)
        if known is None:
            raise missing(booking_id)
        return known


def _earlier_result(known: BookingStatus, booking_id: int) -> Ack:
    """A workflow that has ended may have done this very update before, in a try whose answer got lost."""
    if known.done:
        return Ack(booking_id, known.status, known.version)
    if known.settled:
        raise _closed(known)
    raise Unavailable(_NOT_READY)


def _closed(known: BookingStatus) -> ActionNotAllowed:
    return ActionNotAllowed(f"the booking is {known.status} and closed", status=known.status)
