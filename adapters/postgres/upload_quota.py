"""How many bytes a person has uploaded within a day, counted for all processes together."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from adapters.postgres.database import Database
from domain.errors import TooMany

DAY = timedelta(days=1)
# The table is the one of failed logins; ``adapters.postgres.retention`` keeps these rows a day. A day begins with the
# first upload in it. What would be too much is not counted.
_COUNT = text(
    """
    INSERT INTO login_attempts AS known (subject, failures, since) VALUES (:subject, CAST(:size AS integer), now())
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN known.since > :after THEN known.failures ELSE 0 END + CAST(:size AS integer),
        since = CASE WHEN known.since > :after THEN known.since ELSE now() END
    WHERE known.since <= :after OR known.failures + CAST(:size AS integer) <= :limit
    RETURNING failures
    """
)
_SINCE = text("SELECT since FROM login_attempts WHERE subject = :subject")


async def count_upload(database: Database, person: str, size: int, limit: int) -> None:
    """Count ``size`` bytes for a person, who may have ``limit`` in a day.

    Raises:
        TooMany: they would be too many; says in how many seconds there is room again.
    """
    subject, now = f"uploads {person}", datetime.now(UTC)
    async with database.read.connect() as connection:
        given = {"subject": subject, "size": size, "after": now - DAY, "limit": limit}
        if (await connection.execute(_COUNT, given)).scalar() is not None:
            return
        since = (await connection.execute(_SINCE, {"subject": subject})).scalar() or now
    words = f"you may upload {limit // 10**6} MB in a day; try again later, or send smaller pictures"
    raise TooMany(words, retry_after=max(1, round((since + DAY - now).total_seconds())))
