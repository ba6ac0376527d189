"""What an admin decides over a booking stands in the log of such acts, beside its timeline."""

import orjson

from adapters.postgres.driver import Prepared, StatementRunner
from adapters.postgres.statements import Json
from domain.money import rupees
from domain.people import Role
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.lifecycle import Action

# A move that is written again has one entry: nothing in the log is ever changed.
_NOTE = Prepared(
    """
    INSERT INTO audit_log (actor_id, action, target_type, target_id, metadata)
    SELECT :actor, :action, 'booking', :target, CAST(:move AS jsonb) || CAST(:facts AS jsonb)
    WHERE NOT EXISTS (
        SELECT FROM audit_log AS a WHERE a.target_type = 'booking' AND a.target_id = :target AND a.action = :action
            AND a.metadata @> CAST(:move AS jsonb)
    )
    """
)


async def note_acts_of_admins(runner: StatementRunner, booking: ServiceBooking) -> None:
    """Part of writing a version (``KindStorage.beside``): a dispute that was decided, a booking that an admin called
    off. ``metadata`` has the version and its moment, and what became of the money in rupees."""
    event = booking.event
    noted = _facts(booking) if event.by.role == Role.ADMIN else None
    if noted is None:
        return
    action, facts = noted
    move = {"version": booking.version, "at": event.at.isoformat()}
    await runner.row(
        _NOTE,
        actor=event.by.id,
        action=action,
        target=str(booking.id),
        move=orjson.dumps(move).decode(),
        facts=orjson.dumps(facts).decode(),
    )


def _facts(booking: ServiceBooking) -> tuple[str, Json] | None:
    done, action = booking.cancellation, booking.event.action
    decision = booking.dispute.decision if booking.dispute else None
    if action == Action.DECIDE and decision is not None:
        told = {"outcome": str(decision.outcome), "refund": rupees(decision.refund), "against": decision.against}
        return "dispute-decision", told
    if action in (Action.CANCEL, Action.DECLINE) and done is not None:
        return "admin-cancel", {"fee": rupees(done.fee), "refund": rupees(done.refund), "cause": str(done.cause)}
    return None
