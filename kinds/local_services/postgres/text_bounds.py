"""How many text messages everybody together is sent in an hour: each costs the shop money."""

from datetime import UTC, datetime

import structlog

from adapters.postgres import rate_limits
from adapters.postgres.database import Database
from throttle_settings import HOUR

_log = structlog.get_logger()


async def is_within_all_texts(database: Database, most: int, *, confirmed: bool) -> bool:
    """Count one more text among those of everybody; false when it is not to be sent.

    Phones that are ``confirmed`` have a share of their own: strangers with ever new numbers do not use it up.
    """
    share = "confirmed" if confirmed else "unconfirmed"
    sent = await rate_limits.count(database, f"texts to {share} phones", datetime.now(UTC) - HOUR)
    if sent == most + 1:
        _log.warning("no more codes are sent by SMS in this hour", phones=share, limit=most)
    return sent <= most
