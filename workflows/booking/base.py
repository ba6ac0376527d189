"""What every booking's workflow consists of: opening, lock, transitions, e-mails.

Order of a transition: lock, rule, event, reservations, rows, state, publish. The rows are committed before the caller
gets an answer, so a read after a write is never stale; the workflow is the only writer of its booking's rows.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

from activities.bookings import BookingActivities, Refused
from domain.closing import is_settled
from domain.commands import Alert, Command, EngineCommand
from domain.decide import decide, first_version
from domain.emails import BookingEmail, booking_emails
from domain.errors import BookingError, RowsAhead, SlotTaken, Unavailable
from domain.kind import B, Json
from domain.state_changes import StateChanges
from workflows import options
from workflows.booking.messages import Ack, Start
from workflows.booking.state import BookingState
from workflows.booking.written import WrittenStates

COUNTER = "revcare_bookings_behind_rows_total"
COUNTED = "Bookings whose workflow was behind its rows and went on from them"


DONE_AGAIN_WITHIN = timedelta(seconds=15)
"""A task that writes several versions and is then lost (its worker dies, the server drops it) is done again, after ten
seconds at the latest, and meets its own rows."""


MOST_TRIES = 50
"""So often a new booking looks for what is free; each try that fails is somebody else's booking that came first."""


class StateReplaced(Exception):
    """The state was taken from the rows, which are ahead of the workflow: what was to be decided is looked at again."""


class BookingBase(BookingState[B]):
    """The only way to change a booking."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._lock = asyncio.Lock()
        self._written = WrittenStates()
        self._refused: BookingError | None = None
        self._open = start.booking.version > 0 and not start.reopened
        self._changes = 0

    async def start_booking(self) -> bool:
        """Reserve what the booking needs and insert its rows; False when that was refused and nothing was written."""
        if self._start.reopened:
            await self._go_on_from_rows()
        if self._open:
            self.publish()
            return True
        try:
            booking, packed = await self._first_rows()
        except RowsAhead:
            await self._go_on_from_rows()
            self.publish()
            return True
        except BookingError as refusal:
            self._refused = refusal
            return False
        self._become(booking, packed)
        self._open = True
        return True

    async def _first_rows(self) -> tuple[B, bytes]:
        """The first version, reserved and written; others may have taken what was found for a wish that left it open:
        then it is what is free by now.

        Raises:
            RowsAhead: a task that was lost has written it, with something else that was free.
        """
        tries = 1
        while True:
            booking = first_version(self.kind, self.booking, self._start.actor, workflow.now())
            emails = booking_emails(self.kind, self.booking, booking)
            try:
                return booking, await self.run_activity(
                    workflow.execute_local_activity_method(
                        BookingActivities.open_booking,
                        args=[self.kind.name, booking, self._start.update_id, emails],
                        summary="reserve and write the rows",
                        **options.PROJECTION,
                    )
                )
            except SlotTaken:
                if tries == MOST_TRIES or not self.kind.leaves_open(booking):
                    raise
                found = await self.load_free()
                if found is None:
                    raise
            self.booking = self.kind.with_found(self.booking, found)
            tries += 1

    async def _go_on_from_rows(self) -> None:
        """Take over what the previous run left in the rows; whoever started this one may have read them too early.

        A run that should not have ended is reported to an admin: what it had not written is lost.
        """
        await self.take(await self.load_rows())
        self._open = True
        if self._start.restarted is not None and not is_settled(self.kind, self.booking):
            async with self._lock:
                await self._report_restart(self._start.restarted)

    async def _report_restart(self, why: str) -> None:
        note = f"{why}; it was started again from its rows"
        with suppress(BookingError, StateReplaced):
            await self.transition(Alert(f"restarted {workflow.info().run_id}", note, lasting=True))

    async def wait_until_open(self) -> Ack:
        """Wait for ``start_booking`` and give its outcome to the caller."""
        await workflow.wait_condition(lambda: self._open or self._refused is not None)
        if self._refused is not None:
            raise self._refused
        return self.ack()

    def validate(self, command: Command) -> None:
        """For validators: refuse now what would be refused. A refusal there costs no history.

        A row can be ahead of the workflow for a moment: it is committed first, and after a crash the transition is
        made again. The command of a client that has read such a row is checked when the workflow has caught up, and
        that of a client who meets a workflow on its way from the rows when it has read them.
        """
        if self.is_loading() or self.earlier_result() is not None:
            return
        if not self.is_behind(command):
            booking = self._open_booking()
            if not self.kind.already_done(booking, command):
                decide(self.kind, booking, command, workflow.now())

    def is_loading(self) -> bool:
        """The workflow had ended, runs again, and has not read its rows yet."""
        return self._start.reopened and not self._open

    async def transition(self, command: Command) -> None:
        """The only writer of state. The caller holds the lock; the rule is applied to the state of now.

        Raises:
            BookingError: a refusal; nothing is changed.
            StateReplaced: the rows were ahead, and their state was taken; nothing was decided.
        """
        try:
            await self._transition(command)
        except RowsAhead:
            await self.go_on_from(await self.load_rows())
            raise StateReplaced from None

    async def go_on_from(self, rows: B) -> None:
        """Take the state of rows that are ahead: people and the provider have acted on it. The caller holds the lock.

        An admin is told, unless the rows were written just now: then it was this very task, done again.
        """
        before = self.booking.version
        await self.take(rows)
        self._written.begin_anew()
        self._changes += 1
        self.publish()
        if rows.updated_at is not None and workflow.now() - rows.updated_at < DONE_AGAIN_WITHIN:
            return
        workflow.metric_meter().create_counter(COUNTER, COUNTED).add(1)
        otherwise = "" if before < rows.version else ", decided otherwise"
        note = f"its workflow was at version {before}, its rows at {rows.version}{otherwise}; it went on from its rows"
        workflow.logger.error("booking %s: %s", rows.id, note)
        if is_settled(self.kind, rows):
            return
        try:
            await self._transition(Alert(f"rows ahead {rows.version}", note, lasting=True))
        except RowsAhead as fault:
            raise RuntimeError(f"booking {rows.id}: its rows were read and do not fit what follows them") from fault
        except BookingError as refusal:
            workflow.logger.warning("booking %s was not flagged: %s", rows.id, refusal.detail)

    async def take(self, rows: B) -> None:
        """Hold this state, and what its updates have answered."""
        self.booking = rows
        await self.load_results()
        self._message_version = rows.version

    async def _transition(self, command: Command) -> None:
        """Decide, reserve, write.

        What the new state holds beyond the old one (a time slot) is reserved by an activity that is recorded before it
        runs, for others want it too; what it no longer holds is released with its rows. Its e-mails are written with
        them, and may leave when the history shows the version.
        """
        booking = self._open_booking()
        decided, emails, flag, refused = None, list[BookingEmail](), None, None
        held = wanted = self.kind.reservations(booking)
        try:
            decided = decide(self.kind, booking, command, workflow.now())
        except BookingError as refusal:
            if isinstance(command, EngineCommand):
                raise
            refused = Refused.by(refusal)
        else:
            flag = self._written.flag(decided)
            emails = booking_emails(self.kind, booking, decided)
            wanted = self.kind.reservations(decided)
        if taken := {leg: value for leg, value in wanted.items() if held.get(leg) != value}:
            await self._reserve(taken)
        request = None if isinstance(command, EngineCommand) else self.request_id()
        state = [self.kind.name, decided, request, emails, [leg for leg in held if leg not in wanted]]
        packed = await self.run_activity(
            workflow.execute_local_activity_method(
                BookingActivities.project,
                args=[*state, self._written.digests, flag, refused],
                summary=f"write version {self.booking.version + 1}",
                **options.PROJECTION,
            )
        )
        self._become(decided, packed)

    async def _reserve(self, legs: Mapping[str, Json]) -> None:
        await self.run_activity(
            workflow.execute_activity_method(
                BookingActivities.reserve,
                args=[self.kind.name, self.booking.id, legs, self.booking.version + 1],
                summary=f"reserve {', '.join(legs)}",
                **options.DATABASE,
            )
        )

    def is_idle(self) -> bool:
        """Nothing is in progress that a new run would lose."""
        return not self.works_in_background() and not self._lock.locked() and workflow.all_handlers_finished()

    def _open_booking(self) -> B:
        if not self._open:
            raise self._refused or Unavailable("the booking is being opened")
        return self.booking

    def _become(self, decided: B | None, packed: bytes) -> None:
        changes = StateChanges.unpacked(packed)
        self.booking = self._written.become(self.kind, self.booking, decided, changes)
        self._changes += 1
        if changes.emailed:
            self._message_version = self.booking.version
        self.publish()
