"""The state of a booking's workflow: what it shows, what its updates have answered, what it reads from the rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from temporalio import workflow

from activities.bookings import REMEMBERED_RESULTS, UpdateResult
from domain.commands import Command
from domain.kind import B, BookingKind, Json
from domain.temporal_ui import MESSAGE_VERSION, Value, details, search_attribute_values
from workflows import options
from workflows.booking.background import Background
from workflows.booking.messages import Ack, Start, request_id
from workflows.search_attributes import changes

T = TypeVar("T")


class BookingState(Background, Generic[B]):
    """One booking, as its workflow holds it."""

    kind: BookingKind[B]

    def __init__(self, start: Start[B]) -> None:
        super().__init__()
        self.booking: B = start.booking
        self._start = start
        self._results: dict[str, Ack] = dict(start.results)
        self._in_progress: set[str] = set()
        self._message_version = 0
        self._published: dict[str, Value] = {} if start.reopened else search_attribute_values(self.kind, start.booking)

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
        if (request := self.request_id()) is not None:
            self._results[request] = ack
            for oldest in list(self._results)[:-REMEMBERED_RESULTS]:
                del self._results[oldest]
        return ack

    def request_id(self) -> str | None:
        """The request whose update is being handled, if one is."""
        update = workflow.current_update_info()
        return request_id(update.id) if update else None

    def carried_over(self) -> Start[B]:
        """The start of the next run."""
        return Start(self.booking, self._start.actor, None, self._results)

    @asynccontextmanager
    async def one_at_a_time(self) -> AsyncIterator[None]:
        """A repeat of a request waits until the update that was sent before it has its result, or was refused."""
        request = self.request_id()
        if request is None:
            yield
            return
        while request in self._in_progress:
            await workflow.wait_condition(lambda: request not in self._in_progress)
        self._in_progress.add(request)
        try:
            yield
        finally:
            self._in_progress.discard(request)

    def earlier_result(self) -> Ack | None:
        """What this request was answered before, in this run or an earlier one."""
        request = self.request_id()
        return self._results.get(request) if request else None

    def is_behind(self, command: Command) -> bool:
        """The client has read a version that this run has not decided yet."""
        return command.seen_version > self.booking.version

    async def load_rows(self) -> B:
        """The state as the rows have it."""
        return await self.load("load_booking", self.kind.state, "read the state")

    async def load_results(self) -> None:
        """Remember what the newest updates have answered, as the timeline shows it."""
        done = await self.load("load_results", list[UpdateResult], "read what its last updates answered")
        self._results |= {each.update_id: Ack(self.booking.id, each.status, each.version) for each in done}

    async def load_free(self) -> Json | None:
        """What is free for a new booking by now, as its kind reads it."""
        found: Json | None = await workflow.execute_local_activity(
            "find_free",
            args=[self.kind.name, self.booking],
            summary="find what is free",
            **options.PROJECTION,
        )
        return found

    async def load(self, activity: str, result: type[T], summary: str) -> T:
        """What an activity reads from the rows of this booking."""
        loaded: T = await workflow.execute_local_activity(
            activity,
            args=[self.kind.name, self.booking.id],
            result_type=result,
            summary=summary,
            **options.PROJECTION,
        )
        return loaded
