"""Rows of bookings: inserted, projected, loaded, and what they hold reserved. Each activity finds the kind by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from temporalio import activity
from temporalio.common import RawValue

from domain.booking import Booking
from domain.emails import BookingEmail
from domain.errors import BookingError, by_name
from domain.kind import BookingKind, Json
from domain.state_changes import Digests, state_changes

REMEMBERED_RESULTS = 64
"""Temporal remembers update ids per run; the results of this many are taken over by the next run."""


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What an update answered, as the timeline shows it."""

    update_id: str
    status: str
    version: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, by its name."""

    code: str
    detail: str
    data: dict[str, Any]

    @classmethod
    def by(cls, error: BookingError) -> "Refused":
        """As it travels."""
        return cls(error.code, error.detail, error.data)

    def error(self) -> BookingError:
        """As it is raised."""
        return (by_name(self.code) or BookingError)(self.detail, **self.data)


class BookingStore(Protocol):
    """The rows of the bookings of one kind; a booking is of the kind's own type."""

    async def open(self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        """Insert a new booking with what it reserves, all or nothing; a repeat changes nothing."""

    async def find_free(self, booking: Any) -> Json | None:
        """What a new booking that leaves something open can reserve now; None when nothing is free."""

    async def load(self, booking_id: int) -> Booking:
        """The state as the rows have it."""

    async def results(self, booking_id: int, limit: int) -> list[tuple[str, str, int]]:
        """Update id, status and version of the newest transitions that an update has made, the oldest first."""

    async def project(
        self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = (), freed: Collection[str] = ()
    ) -> None:
        """Write this version with its e-mails, release ``freed``: an equal one overwrites, an older one is refused."""

    async def reserve(self, booking_id: int, legs: Mapping[str, Json], version: int | None = None) -> None:
        """Hold these instead of what the same legs held, all or none, for this version; a repeat changes nothing."""


class BookingActivities:
    """All but ``reserve`` run as local activities: one SQL transaction, nothing else.

    A state arrives undecoded, because its type is the kind's; what was changed goes into history.
    """

    def __init__(self, kinds: Mapping[str, BookingKind[Any]], stores: Mapping[str, BookingStore]) -> None:
        self._kinds = kinds
        self._stores = stores

    @activity.defn
    async def open_booking(
        self, kind: str, state: RawValue, update_id: str | None, emails: list[BookingEmail]
    ) -> bytes:
        """Reserve and insert; answers what it has written. Refuses as the kind's storage does."""
        booking = self._decoded(kind, state)
        await self._stores[kind].open(booking, update_id, emails)
        return state_changes({}, state.payload.data, emailed=self._tells(kind, booking, emails)).packed()

    @activity.defn
    async def find_free(self, kind: str, state: RawValue) -> Json | None:
        """What a new booking can reserve instead of what others have taken; None: it is refused."""
        return await self._stores[kind].find_free(self._decoded(kind, state))

    @activity.defn
    async def load_booking(self, kind: str, booking_id: int) -> Any:
        """The state of a booking whose workflow had ended and is reopened."""
        return await self._stores[kind].load(booking_id)

    @activity.defn
    async def load_results(self, kind: str, booking_id: int) -> list[UpdateResult]:
        """What the last updates of that booking answered, so that a repeat gets the same."""
        done = await self._stores[kind].results(booking_id, REMEMBERED_RESULTS)
        return [UpdateResult(update_id, status, version) for update_id, status, version in done]

    @activity.defn
    async def project(
        self,
        kind: str,
        state: RawValue,
        update_id: str | None,
        emails: list[BookingEmail],
        freed: list[str],
        written: Digests,
        flag: list[str] | None = None,
        refused: Refused | None = None,
    ) -> bytes:
        """Write the rows of the new state and its e-mails, release what it no longer holds.

        Answers what has changed since the state with the digests ``written``, so that history has it. A command that
        was ``refused`` is refused here, so that history has that. Refuses with RowsAhead.
        """
        if refused is not None:
            raise refused.error()
        booking = self._decoded(kind, state)
        await self._stores[kind].project(booking, update_id, emails, freed)
        told = self._tells(kind, booking, emails)
        return state_changes(written, state.payload.data, emailed=told, flag=flag).packed()

    @activity.defn
    async def reserve(
        self, kind: str, booking_id: int, legs: dict[str, dict[str, Any]], version: int | None = None
    ) -> None:
        """Reserve what a booking wants to hold in this version beyond what it holds. Refuses with SlotTaken, RowsAhead.

        Without ``version``, as workflows of release 0.2.0 ask, the rows are not compared.
        """
        await self._stores[kind].reserve(booking_id, legs, version)

    def _tells(self, kind: str, booking: Any, emails: Sequence[BookingEmail]) -> bool:
        """Whether e-mails or pushes wait until this version is in the workflow's history."""
        return bool(emails) or any(notice.title for notice in self._kinds[kind].notices(booking))

    def _decoded(self, kind: str, state: RawValue) -> Any:
        return activity.payload_converter().from_payload(state.payload, self._kinds[kind].state)
