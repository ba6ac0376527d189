"""The way in for people who were made without a password."""

import structlog

from adapters.resources import Resources

log = structlog.get_logger("api")


async def invite(opened: Resources, person_id: str, name: str, email: str) -> None:
    """Ask somebody to choose a password. No mail leaves yet: a password reset is their way in."""
    log.info("made without a password", invited=person_id)
