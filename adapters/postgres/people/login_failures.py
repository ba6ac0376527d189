"""Wrong passwords, counted for a person and an address, for a person and for an address; shared by all processes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from adapters.postgres.database import Database

_FAILURES = text(
    """
    SELECT subject, failures FROM login_attempts
    JOIN unnest(CAST(:subjects AS text[]), CAST(:afters AS timestamptz[])) AS counted (subject, after) USING (subject)
    WHERE since > after
    """
)
_COUNT = text(
    """
    INSERT INTO login_attempts AS known (subject, failures, since) VALUES (:subject, 1, now())
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN known.since > :after THEN known.failures + 1 ELSE 1 END,
        since = CASE WHEN known.since > :after AND NOT CAST(:from_last AS boolean) THEN known.since ELSE now() END
    """
)
_TAKE_TURN = text(
    """
    WITH taken AS (
        INSERT INTO login_attempts AS known (subject, failures, since) VALUES (:subject, 1, now())
        ON CONFLICT (subject) DO UPDATE SET since = now() WHERE known.since <= now() - CAST(:interval AS interval)
        RETURNING 1
    )
    SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN NULL ELSE coalesce(
        (SELECT since FROM login_attempts WHERE subject = :subject) - now(), interval '0'
    ) + CAST(:interval AS interval) END AS wait
    """
)
_FORGET = text("DELETE FROM login_attempts WHERE subject = ANY(CAST(:subjects AS text[]))")
OF_PEOPLE = """
    DELETE FROM login_attempts
    USING users AS u, unnest(ARRAY['phone ' || u.phone, 'email ' || lower(u.email)]) AS theirs
    WHERE u.id = ANY(:people) AND (subject IN (theirs, 'turn ' || theirs)
        OR (subject LIKE 'from %' AND right(subject, length(theirs) + 1) = ' ' || theirs))
"""
"""Forgets what was counted for people, wherever it came from."""


@dataclass(frozen=True, slots=True)
class FailureCounter:
    """Wrong passwords of one subject within a window, which begins with the first of them, or with the last.

    What was typed ends a subject: whatever it is, it is not the subject of something else.
    """

    subject: str
    limit: int
    window: timedelta
    from_last: bool = False

    @property
    def after(self) -> datetime:
        """When the present window began at the earliest."""
        return datetime.now(UTC) - self.window


class LoginFailureRows:
    """The counters, and whose turn it was where only one may try at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def full(self, counters: Iterable[FailureCounter]) -> set[FailureCounter]:
        """Those of them that have reached their limit."""
        asked = {counter.subject: counter for counter in counters}
        values = {"subjects": list(asked), "afters": [counter.after for counter in asked.values()]}
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_FAILURES, values)
            return {asked[row.subject] for row in rows if row.failures >= asked[row.subject].limit}

    async def count_failure(self, counters: Iterable[FailureCounter]) -> None:
        """One more wrong password, each counter on its own: nobody waits for one lock while holding another."""
        async with self._database.read.connect() as connection:
            for counter in counters:
                values = {"subject": counter.subject, "after": counter.after, "from_last": counter.from_last}
                await connection.execute(_COUNT, values)

    async def take_turn(self, subject: str, interval: timedelta) -> timedelta | None:
        """Take the one turn in an interval; answers None, or how long there is none."""
        async with self._database.read.connect() as connection:
            values = {"subject": f"turn {subject}", "interval": interval}
            wait: timedelta | None = (await connection.execute(_TAKE_TURN, values)).scalar_one()
            return wait

    async def forget_failures(self, counters: Iterable[FailureCounter]) -> None:
        """Set counts back to none."""
        async with self._database.read.connect() as connection:
            await connection.execute(_FORGET, {"subjects": [counter.subject for counter in counters]})
