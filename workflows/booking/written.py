"""What history says about the states that were written, compared with what this run decides on replay.

The rules of this release may decide otherwise than was decided. What was decided holds, for people and the provider
have acted on it: ``project`` has recorded the fields that it changed, and a replay takes them from there. The booking
is flagged and counted with its next transition.
"""

import json
from dataclasses import dataclass

from temporalio import workflow

from domain.booking import Booking
from domain.kind import B, BookingKind
from domain.state_changes import Digests, StateChanges, comparable_digest, comparable_digests, differing_fields

COUNTER = "revcare_bookings_decided_otherwise_total"
COUNTED = "Bookings that a release would have decided otherwise"
DECIDED_OTHERWISE = "booking %s: version %s was decided otherwise by the release that wrote it: %s"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A version that this release would decide otherwise, and the fields that differ; none if it would refuse it."""

    version: int
    fields: list[str]

    @property
    def key(self) -> str:
        """For whom it is known already."""
        return f"decided otherwise {self.version}"

    @property
    def note(self) -> str:
        """For the admin."""
        return f"version {self.version} would be decided otherwise by now; it stays as it was decided"


class WrittenStates:
    """What was written last, and whether this release would have written the same."""

    def __init__(self) -> None:
        self.digests: Digests = {}
        self._comparable: Digests = {}
        self._doubt: Doubt | None = None
        self._told = False

    def begin_anew(self) -> None:
        """The state came from the rows: the next transition records all of it."""
        self.digests, self._comparable, self._doubt = {}, {}, None

    def become(self, kind: BookingKind[B], before: B, decided: B | None, changes: StateChanges) -> B:
        """The state after a transition: what was decided, or on replay what history has recorded."""
        self.digests = changes.applied_to(self.digests)
        if decided is not None and not workflow.unsafe.is_replaying():
            return decided
        # Only a replay compares, and none comes after the first transition that was decided now.
        self._comparable = changes.applied_to(self._comparable, comparable_digest)
        differing: list[str] = []
        if decided is not None and changes.flag is not None:
            _alert(decided, *changes.flag)
        if decided is not None:
            fields = json.loads(_json(decided))
            if not (differing := differing_fields(self._comparable, comparable_digests(fields))):
                return decided if changes.exactly_in(fields) else _from_json(kind, {**fields, **changes.fields})
        recorded = _from_json(kind, {**json.loads(_json(before)), **changes.fields})
        if not self._told:
            self._told, self._doubt = True, Doubt(recorded.version, differing)
            log_doubt(recorded.id, self._doubt)
        return recorded

    def flag(self, booking: Booking) -> list[str] | None:
        """Call an admin, once, with the next transition after a replay that found a difference; answers how."""
        if (doubt := self._doubt) is None or workflow.unsafe.is_replaying():
            return None
        self._doubt = None
        if doubt.key in booking.alerted:
            return None
        _alert(booking, doubt.key, doubt.note)
        workflow.metric_meter().create_counter(COUNTER, COUNTED).add(1)
        return [doubt.key, doubt.note]


def _alert(booking: Booking, key: str, note: str) -> None:
    booking.alerted.append(key)
    booking.attention.append(note)


def log_doubt(booking_id: int, doubt: Doubt) -> None:
    """For people who look after the processes; this is said on replay, when ``workflow.logger`` says nothing."""
    fields = ", ".join(doubt.fields) or "refused today"
    with workflow.unsafe.sandbox_unrestricted():
        workflow.logger.base_logger.error(DECIDED_OTHERWISE, booking_id, doubt.version, fields)


def _json(booking: B) -> bytes:
    return workflow.payload_converter().to_payload(booking).data


def _from_json(kind: BookingKind[B], fields: dict[str, object]) -> B:
    payload = workflow.payload_converter().to_payload(fields)
    state: B = workflow.payload_converter().from_payload(payload, kind.state)
    return state
