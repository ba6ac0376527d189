"""Rows of bookings: inserted, projected, loaded, and what they hold reserved. Each activity finds the kind by name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol

from temporalio import activity
from temporalio.common import RawValue

from domain.booking import Booking
from domain.emails import BookingEmail
from domain.kind import B, BookingKind, Json
from domain.state_digest import Digests, Doubt, changed_digests, state_digests


@dataclass(frozen=True, slots=True)
class RestoredState(Generic[B]):
    """The state in the row of a booking that a run had decided otherwise, and what that run's doubt was."""

    state: B
    doubt: Doubt


REMEMBERED_RESULTS = 64
"""Temporal remembers update ids per run; the results of this many are taken over by the next run."""


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What an update answered, as the timeline shows it."""

    update_id: str
    status: str
    version: int


class BookingStore(Protocol):
    """The rows of the bookings of one kind; a booking is of the kind's own type."""

    async def open(self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = ()) -> None:
        """Insert a new booking with what it reserves, all or nothing; a repeat changes nothing."""

    async def load(self, booking_id: int) -> Booking:
        """The state as the rows have it."""

    async def results(self, booking_id: int, limit: int) -> list[tuple[str, str, int]]:
        """Update id, status and version of the newest transitions that an update has made, the oldest first."""

    async def project(
        self, booking: Any, update_id: str | None, emails: Sequence[BookingEmail] = (), freed: Collection[str] = ()
    ) -> None:
        """Write this version with its e-mails, release ``freed``: an older one changes nothing, an equal overwrites."""

    async def reserve(self, booking_id: int, legs: Mapping[str, Json]) -> None:
        """Hold these instead of what the same legs held, all or none; a repeat changes nothing."""


class BookingActivities:
    """All but ``reserve`` run as local activities: one SQL transaction, nothing else.

    A state arrives undecoded, because its type is the kind's; digests of what was written go into history.
    """

    def __init__(self, kinds: Mapping[str, BookingKind[Any]], stores: Mapping[str, BookingStore]) -> None:
        self._kinds = kinds
        self._stores = stores

    @activity.defn
    async def open_booking(
        self, kind: str, state: RawValue, update_id: str | None, emails: list[BookingEmail]
    ) -> Digests:
        """Reserve and insert; answers the digests of the state. Refuses with SlotTaken, VehicleBusy or NotFound."""
        await self._stores[kind].open(self._decoded(kind, state), update_id, emails)
        return state_digests(state.payload.data)

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
    async def restore_booking(self, kind: str, booking_id: int, doubt: Doubt) -> Any:
        """The state that was decided and written, for a run that has decided another one."""
        return RestoredState(await self._stores[kind].load(booking_id), doubt)

    @activity.defn
    async def project(
        self,
        kind: str,
        state: RawValue,
        update_id: str | None,
        emails: list[BookingEmail],
        freed: list[str],
        written: Digests,
        in_doubt: bool,
    ) -> Digests:
        """Write the rows of the new state and its e-mails, release what it no longer holds.

        Answers the digests that differ from ``written``, those of the version before. Nothing is written, and no digest
        is answered, for a run that decides otherwise than was decided: it has to take its state from the row first.
        """
        if in_doubt:
            return {}
        await self._stores[kind].project(self._decoded(kind, state), update_id, emails, freed)
        return changed_digests(written, state_digests(state.payload.data))

    @activity.defn
    async def reserve(self, kind: str, booking_id: int, legs: dict[str, dict[str, Any]]) -> None:
        """Reserve what a booking wants to hold beyond what it holds. Refuses with SlotTaken."""
        await self._stores[kind].reserve(booking_id, legs)

    def _decoded(self, kind: str, state: RawValue) -> Any:
        return activity.payload_converter().from_payload(state.payload, self._kinds[kind].state)
