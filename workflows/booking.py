"""What every kind of booking shares: state, lock, move, booking_emails, chores. It carries no ``@workflow.defn``.

Order of a move: lock, guard, event, project, state, show. The row is committed before anybody gets an answer, so a
read after a write is never stale; the workflow is the only writer of its booking's rows.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.bookings import BookingActivities
from activities.notices import NoticeActivities
from domain.emails import BookingEmail, booking_emails
from domain.errors import BookingError, Unavailable
from domain.temporal_ui import Value, search_attribute_values
from kinds.vehicle_service.domain.booking import Booking
from kinds.vehicle_service.domain.commands import Command
from kinds.vehicle_service.domain.rules import decide, first_version
from kinds.vehicle_service.domain.slots import unused_slots
from kinds.vehicle_service.domain.ui import details
from workflows import options
from workflows.messages import Ack, Start
from workflows.visibility import changes

REMEMBERED_UPDATES = 64
"""Temporal remembers update ids per run; these many go along into the next."""

CATCHING_UP = timedelta(seconds=5)


class BookingStory:
    """The durable side of one booking."""

    def __init__(self, start: Start) -> None:
        self.booking: Booking = start.booking
        self._start = start
        self._lock = asyncio.Lock()
        self._seen: dict[str, Ack] = dict(start.seen)
        self._refused: BookingError | None = None
        self._open = start.booking.version > 0 and not start.taken_up
        self._chores: set[asyncio.Task[None]] = set()
        self._pulse = 0
        self._broken: BaseException | None = None
        self._shown: dict[str, Value] = {} if start.taken_up else search_attribute_values(start.booking)

    async def opening(self) -> bool:
        """Reserve the slots and insert the rows; False when that is refused (nothing was written)."""
        if self._start.taken_up:
            self.booking = await self._as_the_rows_have_it()
            self._open = True
        if self._open:
            self.show()
            return True
        booking = first_version(self.booking, self._start.actor, workflow.now())
        mails = booking_emails(self.booking, booking)
        try:
            await self.deed(
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

    async def _as_the_rows_have_it(self) -> Booking:
        """What the run before this one left; whoever took the story up may have read it too early."""
        loaded: Booking = await workflow.execute_local_activity_method(
            BookingActivities.load_booking,
            self.booking.id,
            summary="read the state",
            **options.PROJECTION,
        )
        return loaded

    async def opened(self) -> Ack:
        """The outcome of the opening, for the one who asked."""
        await workflow.wait_condition(lambda: self._open or self._refused is not None)
        if self._refused is not None:
            raise self._refused
        return self.ack()

    def check(self, command: Command) -> None:
        """A validator's question: would this be granted now? Refusals never enter history.

        A row can be ahead of the workflow for a moment: its commit comes first, and after a crash the move is made
        again. Who has read such a row is judged when the workflow has caught up.
        """
        if self._already() is None and not self._is_behind(command):
            decide(self._settled(), command, workflow.now())

    async def act(self, command: Command) -> Ack:
        """Grant a command under the lock; a repeated update gets its first answer."""
        if (before := self._already()) is not None:
            return before
        await self.catch_up(command)
        async with self._lock:
            await self.move(command)
        return self.remember(self.ack())

    async def catch_up(self, command: Command) -> None:
        """Wait for the version that the asker read; not for long, a move that was lost for good never comes."""
        if self._is_behind(command):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: not self._is_behind(command), timeout=CATCHING_UP, timeout_summary="catch up with the rows"
                )

    async def move(self, command: Command) -> None:
        """The only writer of state. The caller holds the lock; the guard is asked again, the state may have moved."""
        after = decide(self._settled(), command, workflow.now())
        mails = booking_emails(self.booking, after)
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
        """Start the mails of a move without waiting for them; they leave in their order."""
        if mails:
            self.chore(self._send(mails))

    def chore(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that must be done before the story ends, but that nobody waits for."""
        task = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    def attend(self, work: Coroutine[Any, Any, None]) -> None:
        """A part of the story that runs beside ``run``; should it break, the story says so instead of hanging."""

        def ended(task: asyncio.Task[None]) -> None:
            self._broken = None if task.cancelled() else task.exception()

        asyncio.create_task(work).add_done_callback(ended)

    def complain(self) -> None:
        """Say what broke in the background as a fault: the workflow task fails, is seen, mended and retried.

        Raised as it is, a refusal or a failed activity would end the whole booking as failed.
        """
        if self._broken is not None:
            raise RuntimeError(f"a part of the story broke: {self._broken}") from self._broken

    async def deed(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await an activity; a refusal comes out as itself, not wrapped."""
        try:
            return await work
        except ActivityError as failure:
            if isinstance(failure.cause, BookingError):
                raise failure.cause from None
            raise

    async def rest(self) -> None:
        """Before the story ends: every handler answered, every mail and chore done (or given up after a day).

        A raw cancel that comes now finds nothing to cancel, and must not take the mails with it.
        """
        resting = asyncio.create_task(self._finish())
        try:
            await asyncio.shield(resting)
        except asyncio.CancelledError:
            await resting

    async def _finish(self) -> None:
        await workflow.wait_condition(
            lambda: workflow.all_handlers_finished() and self.books_are_closed() and not self._lock.locked()
        )
        if self._chores:
            await workflow.wait(list(self._chores))

    def show(self) -> None:
        """Let the Temporal UI say where the booking stands; the details cost no history."""
        updates = changes(self._shown, self.booking)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._shown = search_attribute_values(self.booking)
        workflow.set_current_details(details(self.booking))

    def ack(self) -> Ack:
        """Where the booking stands."""
        return Ack(self.booking.id, str(self.booking.status), self.booking.version)

    def remember(self, ack: Ack) -> Ack:
        """Keep the answer of this update beyond the run."""
        if (update_id := self.update_id()) is not None:
            self._seen[update_id] = ack
            for oldest in list(self._seen)[:-REMEMBERED_UPDATES]:
                del self._seen[oldest]
        return ack

    def update_id(self) -> str | None:
        """The id of the update that is being handled, if one is."""
        update = workflow.current_update_info()
        return update.id if update else None

    def carried_over(self) -> Start:
        """The start of the next run."""
        return Start(self.booking, self._start.actor, None, self._seen)

    def is_idle(self) -> bool:
        """Nothing is under way that a new run would lose."""
        return not self._chores and not self._lock.locked() and workflow.all_handlers_finished()

    def books_are_closed(self) -> bool:
        """Nothing about money is under way (see ``PaymentSteps``)."""
        return True

    def _already(self) -> Ack | None:
        update_id = self.update_id()
        return self._seen.get(update_id) if update_id else None

    def _is_behind(self, command: Command) -> bool:
        return isinstance(command, Command) and command.seen_version > self.booking.version

    def _settled(self) -> Booking:
        if not self._open:
            raise self._refused or Unavailable("the booking is being opened")
        return self.booking

    def _become(self, after: Booking) -> None:
        self.booking = after
        self._pulse += 1
        self.show()

    async def _send(self, mails: list[BookingEmail]) -> None:
        for mail in mails:
            try:
                await workflow.execute_activity_method(
                    NoticeActivities.send_notice, mail, summary=f"{mail.slug} {mail.sequence}", **options.MAIL
                )
            except ActivityError as failure:
                workflow.logger.error("a mail was given up: %s %s: %s", mail.slug, mail.sequence, failure)
