"""Failed logins, counted for a phone or e-mail and for an address; shared by all processes."""

from datetime import datetime

from sqlalchemy import text

from adapters.postgres.database import Database

_FAILURES = text(
    "SELECT subject, failures FROM login_attempts WHERE subject = ANY(CAST(:subjects AS text[])) AND since > :after"
)
# A person is locked from the last failure on; an address has a part that begins with its first.
_COUNT = text(
    """
    INSERT INTO login_attempts (subject, failures, since)
    SELECT subject, 1, now() FROM unnest(CAST(:subjects AS text[])) AS subject
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN login_attempts.since > :after THEN login_attempts.failures + 1 ELSE 1 END,
        since = CASE WHEN login_attempts.since > :after AND login_attempts.subject LIKE 'address %'
            THEN login_attempts.since ELSE now() END
    """
)
_FORGET = text("DELETE FROM login_attempts WHERE subject = :subject")


class LoginFailureRows:
    """The counters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def failures(self, subjects: list[str], after: datetime) -> dict[str, int]:
        """Failed logins since then, by person and by address."""
        async with self._database.read.connect() as connection:
            rows = await connection.execute(_FAILURES, {"subjects": subjects, "after": after})
            return {row.subject: row.failures for row in rows}

    async def count_failure(self, subjects: list[str], after: datetime) -> None:
        """One more failed login."""
        async with self._database.write.begin() as connection:
            await connection.execute(_COUNT, {"subjects": sorted(subjects), "after": after})

    async def forget_failures(self, subject: str) -> None:
        """A success sets the person's count back to none."""
        async with self._database.write.begin() as connection:
            await connection.execute(_FORGET, {"subject": subject})
