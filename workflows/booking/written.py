"""What history says about the states that were written, compared with what this run has decided.

The state after a transition is not in history: a replay decides it again, with the rules of this release. Where they
decide otherwise, what was decided holds, for people and the provider have acted on it: before its next decision the run
takes the state from its row (``BookingBase.restore_decided_state``).
"""

from temporalio import workflow

from activities.bookings import RestoredState
from domain.booking import Booking
from domain.commands import Alert
from domain.kind import B, BookingKind
from domain.state_digest import Digests, Doubt, apply_changes, differing_fields, state_digests
from workflows import options

COUNTER = "revcare_bookings_decided_otherwise_total"
COUNTED = "Bookings that a release would have decided otherwise"
DECIDED_OTHERWISE = "booking %s: version %s was decided otherwise by the release that wrote it: %s"


class WrittenStates:
    """The digests of what was written last, as history has them, and whether the run's own state has the same."""

    def __init__(self) -> None:
        self.digests: Digests = {}
        self.doubt: Doubt | None = None
        self._emailed: list[tuple[str, str, int]] = []
        self._restored_in = ""

    def compare(self, booking: Booking, changed: Digests) -> Doubt | None:
        """Note what ``project`` has returned for this state; on replay, answers a difference that is new."""
        self.digests = apply_changes(self.digests, changed)
        self._emailed.clear()
        if not workflow.unsafe.is_replaying() or self.doubt is not None:
            return None
        decided = state_digests(workflow.payload_converter().to_payload(booking).data)
        if fields := differing_fields(self.digests, decided):
            self.doubt = Doubt(booking.version, fields)
        return self.doubt

    def note_email(self, deadline: str, slug: str, sequence: int) -> None:
        """A deadline has sent an e-mail, which is in the state but not in the rows until the next version."""
        self._emailed.append((deadline, slug, sequence))

    def must_be_restored(self) -> bool:
        """Whether the state has to be taken from its row now: in doubt, or, on replay, where history shows it done.

        History decides on replay, whatever release replays: the release before this one has no doubt, and must do the
        same. The id is of this workflow task, so the answer of an earlier one does not count for it.
        """
        task = self._task()
        if task == self._restored_in:
            return False
        return (self.doubt is not None or workflow.unsafe.is_replaying()) and workflow.patched(task)

    async def restore(self, kind: BookingKind[B], before: B) -> tuple[B, Alert]:
        """The state that was decided, and the alert that flags the booking; a row older than the run is not taken."""
        read: RestoredState[B] = await workflow.execute_local_activity(
            "restore_booking",
            args=[kind.name, before.id, self.doubt],
            result_type=RestoredState[kind.state],  # type: ignore[name-defined]
            summary="read what was decided",
            **options.PROJECTION,
        )
        self.digests, self.doubt, self._restored_in = {}, None, self._task()
        workflow.metric_meter().create_counter(COUNTER, COUNTED).add(1)  # not on replay
        note = f"version {read.doubt.version} would be decided otherwise by now; it stays as it was decided"
        alert = Alert(f"decided otherwise {read.doubt.version}", note, lasting=True)
        return self._with_emails(read.state) if read.state.version >= before.version else before, alert

    def _with_emails(self, state: B) -> B:
        for deadline, slug, sequence in self._emailed:
            if deadline not in state.alerted:
                state.alerted.append(deadline)
                state.notice_counts[slug] = sequence
        return state

    def _task(self) -> str:
        return f"decided-state-{workflow.info().get_current_history_length()}"


def log_doubt(booking_id: int, doubt: Doubt) -> None:
    """For people who look after the processes; this is said on replay, when ``workflow.logger`` says nothing."""
    with workflow.unsafe.sandbox_unrestricted():
        workflow.logger.base_logger.error(DECIDED_OTHERWISE, booking_id, doubt.version, ", ".join(doubt.fields))
