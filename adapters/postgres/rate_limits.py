"""How often somebody did something lately: one counter per subject, shared by all processes."""

from datetime import datetime

from sqlalchemy import text

from adapters.postgres.database import Database

# A part begins with the first count in it. The table is the one of failed logins; its rows go when they are old.
_COUNT = text(
    """
    INSERT INTO login_attempts AS known (subject, failures, since) VALUES (:subject, 1, now())
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN known.since > :after THEN known.failures + 1 ELSE 1 END,
        since = CASE WHEN known.since > :after THEN known.since ELSE now() END
    RETURNING failures
    """
)
_FORGET = text("DELETE FROM login_attempts WHERE subject = :subject")


async def count(database: Database, subject: str, after: datetime) -> int:
    """Once more; answers how often that is since ``after``, this time included."""
    async with database.read.connect() as connection:
        return int((await connection.execute(_COUNT, {"subject": subject, "after": after})).scalar_one())


async def forget(database: Database, subject: str) -> None:
    """Set a count back to none."""
    async with database.read.connect() as connection:
        await connection.execute(_FORGET, {"subject": subject})
