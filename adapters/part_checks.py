"""Whether parts do what they are for, as our own rows show it: nobody else is asked."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from adapters.parts import Degraded
from adapters.postgres.database import Database

_MAIL_WAITS = timedelta(minutes=10)
_OLDEST_EMAIL = text("SELECT min(created_at) FROM outbox WHERE attempts > 0 OR next_at <= now()")


async def emails_must_leave(database: Database) -> None:
    """Nothing, if no e-mail has waited for long.

    Raises:
        Degraded: one has.
    """
    async with database.read.connect() as connection:
        oldest = (await connection.execute(_OLDEST_EMAIL)).scalar()
    if oldest is not None and datetime.now(UTC) - oldest > _MAIL_WAITS:
        raise Degraded(f"an e-mail has waited since {oldest:%Y-%m-%d %H:%M} UTC")
