"""What every booking's workflow consists of: state, lock, transitions, e-mails, background work.

Order of a transition: lock, rule, event, reservations, rows, state, publish. The rows are committed before the caller
gets an answer, so a read after a write is never stale; the workflow is the only writer of its booking's rows.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Generic, TypeVar

from temporalio import workflow

from activities.bookings import REMEMBERED_RESULTS, BookingActivities, UpdateResult
from domain.closing import is_settled
from domain.commands import Alert, Command
from domain.decide import decide, first_version
from domain.emails import BookingEmail, booking_emails
from domain.errors import BookingError, Unavailable
from domain.kind import B, BookingKind, Json
from domain.state_digest import state_digest
from domain.temporal_ui import MESSAGE_VERSION, Value, details, search_attribute_values
from workflows import options
from workflows.booking.background import Background
from workflows.booking.messages import Ack, Start
from workflows.search_attributes import changes

CATCHING_UP = timedelta(seconds=5)

T = TypeVar("T")


class BookingBase(Background, Generic[B]):
    """The state of one booking and the only way to change it."""

    kind: BookingKind[B]

    def __init__(self, start: Start[B]) -> None:
        super().__init__()
        self.booking: B = start.booking
        self._start = start
        self._lock = asyncio.Lock()
        self._results: dict[str, Ack] = dict(start.results)
        self._refused: BookingError | None = None
        self._open = start.booking.version > 0 and not start.reopened
        self._changes = 0
        self._message_version = 0
        self._published: dict[str, Value] = {} if start.reopened else search_attribute_values(self.kind, start.booking)

    async def start_booking(self) -> bool:
        """Reserve what the booking needs and insert its rows; False when that was refused and nothing was written."""
        if self._start.reopened:
            await self._go_on_from_rows()
        if self._open:
            self.publish()
            return True
        booking = first_version(self.kind, self.booking, self._start.actor, workflow.now())
        emails = booking_emails(self.kind, self.booking, booking)
        try:
            written = await self.run_activity(
                workflow.execute_local_activity_method(
                    BookingActivities.open_booking,
                    args=[self.kind.name, booking, self._start.update_id, emails],
                    summary="reserve and write the rows",
                    **options.PROJECTION,
                )
            )
        except BookingError as refusal:
            self._refused = refusal
            return False
        self._become(booking, written, emails)
        self._open = True
        return True

    async def _go_on_from_rows(self) -> None:
        """Take over what the previous run left in the rows; whoever started this one may have read them too early.

        A run that should not have ended is reported to an admin: what it had not written is lost.
        """
        self.booking = await self._load("load_booking", self.kind.state, "read the state")
        done = await self._load("load_results", list[UpdateResult], "read what its last updates answered")
        self._results = {each.update_id: Ack(self.booking.id, each.status, each.version) for each in done}
        self._message_version = self.booking.version
        self._open = True
        if self._start.restarted is not None and not is_settled(self.kind, self.booking):
            async with self._lock:
                await self._report_restart(self._start.restarted)

    async def _load(self, activity: str, result: type[T], summary: str) -> T:
        loaded: T = await workflow.execute_local_activity(
            activity,
            args=[self.kind.name, self.booking.id],
            result_type=result,
            summary=summary,
            **options.PROJECTION,
        )
        return loaded

    async def _report_restart(self, why: str) -> None:
        note = f"{why}; it was started again from its rows"
        with suppress(BookingError):
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
        if self.is_loading() or self._earlier_result() is not None:
            return
        if not self._is_behind(command):
            booking = self._open_booking()
            if not self.kind.already_done(booking, command):
                decide(self.kind, booking, command, workflow.now())

    def is_loading(self) -> bool:
        """The workflow had ended, runs again, and has not read its rows yet."""
        return self._start.reopened and not self._open

    async def catch_up(self, command: Command) -> None:
        """Wait for the version that the client read; briefly, for a transition that was lost never comes."""
        if self._is_behind(command):
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: not self._is_behind(command), timeout=CATCHING_UP, timeout_summary="catch up with the rows"
                )

    async def transition(self, command: Command) -> None:
        """The only writer of state. The caller holds the lock; the rule is applied to the state of now.

        What the new state holds beyond the old one (a time slot) is reserved by an activity that is recorded before it
        runs, for others want it too; what it no longer holds is released with its rows. Its e-mails are written with
        them, and may leave when the history shows the version.
        """
        after = decide(self.kind, self._open_booking(), command, workflow.now())
        emails = booking_emails(self.kind, self.booking, after)
        held, wanted = self.kind.reservations(self.booking), self.kind.reservations(after)
        if taken := {leg: value for leg, value in wanted.items() if held.get(leg) != value}:
            await self._reserve(taken)
        written = await self.run_activity(
            workflow.execute_local_activity_method(
                BookingActivities.project,
                args=[self.kind.name, after, self.update_id(), emails, [leg for leg in held if leg not in wanted]],
                summary=f"write version {after.version}",
                **options.PROJECTION,
            )
        )
        self._become(after, written, emails)

    async def _reserve(self, legs: Mapping[str, Json]) -> None:
        await self.run_activity(
            workflow.execute_activity_method(
                BookingActivities.reserve,
                args=[self.kind.name, self.booking.id, legs],
                summary=f"reserve {', '.join(legs)}",
                **options.DATABASE,
            )
        )

    def publish(self) -> None:
        """Show the state in the Temporal UI: changed search attributes, and details, which cost no history."""
        values = search_attribute_values(self.kind, self.booking)
        if self._message_version:
            values[MESSAGE_VERSION] = self._message_version
        if updates := changes(self._published, values):
            workflow.upsert_search_attributes(updates)
            self._published = values
        workflow.set_current_details(details(self.kind, self.booking))

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

    def carried_over(self) -> Start[B]:
        """The start of the next run."""
        return Start(self.booking, self._start.actor, None, self._results)

    def is_idle(self) -> bool:
        """Nothing is in progress that a new run would lose."""
        return not self.works_in_background() and not self._lock.locked() and workflow.all_handlers_finished()

    def on_other_state(self, version: int) -> None:
        """Called on replay when the rules of this release decide a version otherwise than it was decided.

        Logged only: nothing that a replay finds may change the commands of the workflow, or the booking would stop.
        """
        with workflow.unsafe.sandbox_unrestricted():
            workflow.logger.base_logger.error(
                "booking %s: version %s was decided otherwise by the release that wrote it", self.booking.id, version
            )

    def _earlier_result(self) -> Ack | None:
        update_id = self.update_id()
        return self._results.get(update_id) if update_id else None

    def _is_behind(self, command: Command) -> bool:
        return command.seen_version > self.booking.version

    def _open_booking(self) -> B:
        if not self._open:
            raise self._refused or Unavailable("the booking is being opened")
        return self.booking

    def _become(self, after: B, written: str, emails: list[BookingEmail]) -> None:
        if workflow.unsafe.is_replaying():
            payload = workflow.payload_converter().to_payload(after)
            if written != state_digest(payload.data):
                self.on_other_state(after.version)
        self.booking = after
        self._changes += 1
        if emails:
            self._message_version = after.version
        self.publish()
