"""What the last look has found about workflows: written by the recovery, read by the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import text

from adapters.postgres.database import Database
from domain.recovery import BookingRef, Problem, WorkflowProblem

_ROW = "booking-recovery"
_OF_KIND = text("SELECT booking_id FROM workflow_problems WHERE kind = :kind AND problem = ANY(:problems)")
_REPLACE = text(
    """
    WITH found AS (
        SELECT * FROM jsonb_to_recordset(CAST(:found AS jsonb))
            AS f(booking_id bigint, kind text, problem text, detail text)
    ), gone AS (
        DELETE FROM workflow_problems AS w WHERE NOT EXISTS (SELECT FROM found AS f WHERE f.booking_id = w.booking_id)
    ), kept AS (
        INSERT INTO workflow_problems (booking_id, kind, problem, detail)
        SELECT booking_id, kind, problem, detail FROM found
        ON CONFLICT (booking_id) DO UPDATE SET kind = excluded.kind, detail = excluded.detail,
            problem = excluded.problem, since = CASE WHEN workflow_problems.problem = excluded.problem
                THEN workflow_problems.since ELSE now() END
    )
    INSERT INTO workflow_recovery (name, looked_at, polled, failing) VALUES (:name, now(), :polled, :failing)
    ON CONFLICT (name) DO UPDATE SET looked_at = now(), polled = excluded.polled, failing = excluded.failing
    """
)
_SOLVED = text(
    """
    WITH gone AS (DELETE FROM workflow_problems WHERE booking_id = :booking_id)
    INSERT INTO workflow_recovery (name, restarted) VALUES (:name, 1)
    ON CONFLICT (name) DO UPDATE SET restarted = workflow_recovery.restarted + 1
    """
)
_STOPPED = text(
    """
    INSERT INTO workflow_recovery (name, stopped_at) VALUES (:name, CASE WHEN :stopped THEN now() END)
    ON CONFLICT (name) DO UPDATE SET stopped_at = excluded.stopped_at
    """
)
_STANDING = text(
    """
    SELECT r.looked_at, coalesce(r.polled, true) AS polled, coalesce(r.failing, 0) AS failing,
        coalesce(r.restarted, 0) AS restarted, r.stopped_at,
        (SELECT count(*) FROM workflow_problems WHERE problem = ANY(:missing)) AS missing
    FROM (SELECT) AS one LEFT JOIN workflow_recovery AS r ON r.name = :name
    """
)
_WITHOUT = [str(Problem.MISSING), str(Problem.ENDED)]


@dataclass(frozen=True, slots=True)
class RecoveryStanding:
    """How the recovery stands. ``missing``: open bookings without a workflow; ``failing``: workflows that fail."""

    looked_at: datetime | None
    polled: bool
    failing: int
    restarted: int
    stopped_at: datetime | None
    missing: int


class WorkflowProblemRows:
    """The problems of all kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_kind(self, kind: str) -> list[int]:
        """Bookings without a running workflow at the last look."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_OF_KIND, {"kind": kind, "problems": _WITHOUT})
            return [row.booking_id for row in rows]

    async def replace(self, problems: Sequence[WorkflowProblem], failing: int, *, polled: bool) -> None:
        """The result of a look takes the place of the one before; ``since`` stays where the problem is the same."""
        found = [
            {
                "booking_id": each.booking.booking_id,
                "kind": each.booking.kind,
                "problem": each.problem,
                "detail": each.detail,
            }
            for each in problems
        ]
        given = {"found": orjson.dumps(found).decode(), "name": _ROW, "polled": polled, "failing": failing}
        async with self._database.write.begin() as connection:
            await connection.execute(_REPLACE, given)

    async def solved(self, booking: BookingRef) -> None:
        """That one was started again."""
        async with self._database.write.begin() as connection:
            await connection.execute(_SOLVED, {"booking_id": booking.booking_id, "name": _ROW})

    async def stopped(self, stopped: bool) -> None:
        """Whether the recovery has stopped because too many were missing."""
        async with self._database.write.begin() as connection:
            await connection.execute(_STOPPED, {"name": _ROW, "stopped": stopped})

    async def standing(self) -> RecoveryStanding:
        """How the recovery stands."""
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_STANDING, {"name": _ROW, "missing": _WITHOUT})).one()
        return RecoveryStanding(row.looked_at, row.polled, row.failing, row.restarted, row.stopped_at, row.missing)
