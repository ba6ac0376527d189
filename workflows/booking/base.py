"""What every kind of booking shares: state, lock, transition, e-mails, background work. No ``@workflow.defn`` here.

Order of a transition: lock, rule, event, project, state, publish. The rows are committed before the caller gets an
answer, so a read after a write is never stale; the workflow is the only writer of its booking's rows.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.bookings import BookingActivities
from activities.emails import EmailActivities
from domain.commands import Command
from domain.decide import decide, first_version
from domain.emails import BookingEmail, booking_emails
from domain.errors import BookingError, Unavailable
from domain.temporal_ui import Value, details, search_attribute_values
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.slots import unused_slots
from kinds.vehicle_service.domain.visit import VisitBooking
from workflows import options
from workflows.booking.messages import Ack, Start
from workflows.search_attributes import changes

REMEMBERED_RESULTS = 64
"""Temporal remembers update ids per run; the results of this many are carried into the next run."""

CATCHING_UP = timedelta(seconds=5)


class BookingWorkflow:
    """The durable side of one booking."""

    def __init__(self, start: Start) -> None:
        self.booking: VisitBooking = start.booking
        self._start = start
        self._lock = asyncio.Lock()
        self._results: dict[str, Ack] = dict(start.results)
        self._refused: BookingError | None = None
        self._open = start.booking.version > 0 and not start.reopened
        self._before_close: set[asyncio.Task[None]] = set()
        self._changes = 0
        self._broken: BaseException | None = None
        self._published: dict[str, Value] = (
            {} if start.reopened else search_attribute_values(VEHICLE_SERVICE, start.booking)
        )

    async def start_booking(self) -> bool:
        """Reserve the slots and insert the rows; False when that was refused and nothing was written."""
        if self._start.reopened:
            self.booking = await self._load()
            self._open = True
        if self._open:
            self.publish()
            return True
        booking = first_version(VEHICLE_SERVICE, self.booking, self._start.actor, workflow.now())
        mails = booking_emails(VEHICLE_SERVICE, self.booking, booking)
        try:
            await self.run_activity(
                workflow.execute_local_activity_method(
                    BookingActivities.open_booking,
                    args=[booking, self._start.update_id],
                    summary="reserve the slots and write the rows",
                    **options.PROJECTION,
                )
            )
        except BookingError as refusal:
            self._refused = refusal
            return False
        self._become(booking)
        self._open = True
        self.send(mails)
        return True

    async def _load(self) -> VisitBooking:
        """The state that the previous run left; the process that reopened the booking may have read it too early."""
        loaded: VisitBooking = await workflow.execute_local_activity_method(
            BookingActivities.load_booking,
            self.booking.id,
            summary="read the state",
            **options.PROJECTION,
        )
        return loaded

    async def wait_until_open(self) -> Ack:
        """Wait for ``start_booking`` and give its outcome to the caller."""
        await workflow.wait_condition(lambda: self._open or self._refused is not None)
        if self._refused is not None:
            raise self._refused
        return self.ack()

    def validate(self, command: Command) -> None:
        """For validators: refuse now what would be refused. A refusal there costs no history.

        A row can be ahead of the workflow for a moment: it is committed first, and after a crash the transition is
        made again. The command of a client that has read such a row is checked when the workflow has caught up.
        """
        if self._earlier_result() is None and not self._is_behind(command):
            decide(VEHICLE_SERVICE, self._open_booking(), command, workflow.now())

    async def perform(self, command: Command) -> Ack:
        """Carry out a command under the lock; a repeated update gets its first result."""
        if (before := self._earlier_result()) is not None:
            return before
        await self.catch_up(command)
        async with self._lock:
            await self.transition(command)
        return self.remember_result(self.ack())

    async def catch_up(self, command: Command) -> None:
        """Wait for the version that the client read; briefly, for a transition that was lost never comes."""
        if self._is_behind(command):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: not self._is_behind(command), timeout=CATCHING_UP, timeout_summary="catch up with the rows"
                )

    async def transition(self, command: Command) -> None:
        """The only writer of state. The caller holds the lock; the rule is applied to the state of now."""
        after = decide(VEHICLE_SERVICE, self._open_booking(), command, workflow.now())
        mails = booking_emails(VEHICLE_SERVICE, self.booking, after)
        freed = unused_slots(self.booking, after, workflow.now())
        await workflow.execute_local_activity_method(
            BookingActivities.project,
            args=[after, self.update_id(), freed],
            summary=f"write version {after.version}",
            **options.PROJECTION,
        )
        self._become(after)
        self.send(mails)

    def send(self, mails: list[BookingEmail]) -> None:
        """Start the e-mails of a transition without waiting for them; they are sent in their order."""
        if mails:
            self.run_before_close(self._send(mails))

    def run_before_close(self, work: Coroutine[Any, Any, None]) -> None:
        """Run in the background what must be done before the workflow ends, but what no caller waits for."""
        task = asyncio.create_task(work)
        self._before_close.add(task)
        task.add_done_callback(self._before_close.discard)

    def supervise(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run beside ``run``; if it fails, ``raise_if_broken`` raises, so that the booking does not hang unnoticed."""

        def ended(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (failure := task.exception()) is not None:
                self._broken = failure

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    def raise_if_broken(self) -> None:
        """Raise what failed in the background as a workflow task failure, which Temporal shows and retries after a fix.

        Raised unchanged, a refusal or a failed activity would end the whole booking as failed.
        """
        if self._broken is not None:
            raise RuntimeError(f"a background task failed: {self._broken}") from self._broken

    async def run_activity(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await an activity; a refusal is raised as itself, not wrapped."""
        try:
            return await work
        except ActivityError as failure:
            if isinstance(failure.cause, BookingError):
                raise failure.cause from None
            raise

    async def drain(self) -> None:
        """Before the workflow ends: wait for every handler, e-mail and background task (given up after a day).

        A raw cancel at this point has nothing to cancel, and must not cancel the e-mails.
        """
        draining = asyncio.create_task(self._finish())
        try:
            await asyncio.shield(draining)
        except asyncio.CancelledError:
            await draining

    async def _finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() and self.payments_are_settled() and not self._lock.locked()
        )
        if self._before_close:
            await workflow.wait(list(self._before_close))

    def publish(self) -> None:
        """Show the state in the Temporal UI: changed search attributes, and details, which cost no history."""
        updates = changes(self._published, self.booking)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._published = search_attribute_values(VEHICLE_SERVICE, self.booking)
        workflow.set_current_details(details(VEHICLE_SERVICE, self.booking))

    def ack(self) -> Ack:
        """The answer of an update: status and version now."""
        return Ack(self.booking.id, str(self.booking.status), self.booking.version)

    def remember_result(self, ack: Ack) -> Ack:
        """Keep the result of this update for repeats in later runs."""
        if (update_id := self.update_id()) is not None:
            self._results[update_id] = ack
            for oldest in list(self._results)[:-REMEMBERED_RESULTS]:
                del self._results[oldest]
        return ack

    def update_id(self) -> str | None:
        """The id of the update that is being handled, if one is."""
        update = workflow.current_update_info()
        return update.id if update else None

    def carried_over(self) -> Start:
        """The start of the next run."""
        return Start(self.booking, self._start.actor, None, self._results)

    def is_idle(self) -> bool:
        """Nothing is in progress that a new run would lose."""
        return not self._before_close and not self._lock.locked() and workflow.all_handlers_finished()

    def payments_are_settled(self) -> bool:
        """No payment work is in progress (see ``PaymentHandling``)."""
        return True

    def _earlier_result(self) -> Ack | None:
        update_id = self.update_id()
        return self._results.get(update_id) if update_id else None

    def _is_behind(self, command: Command) -> bool:
        return isinstance(command, Command) and command.seen_version > self.booking.version

    def _open_booking(self) -> VisitBooking:
        if not self._open:
            raise self._refused or Unavailable("the booking is being opened")
        return self.booking

    def _become(self, after: VisitBooking) -> None:
        self.booking = after
        self._changes += 1
        self.publish()

    async def _send(self, mails: list[BookingEmail]) -> None:
        for mail in mails:
            try:
                await workflow.execute_activity_method(
                    EmailActivities.send_booking_email, mail, summary=f"{mail.slug} {mail.sequence}", **options.MAIL
                )
            except ActivityError as failure:
                workflow.logger.error("an e-mail was given up: %s %s: %s", mail.slug, mail.sequence, failure)
