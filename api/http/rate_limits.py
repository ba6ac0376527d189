"""Limits per address and time window: counted in PostgreSQL, so for all processes together."""

from datetime import UTC, datetime, timedelta

from fastapi import Request

from adapters.postgres import rate_limits
from adapters.resources import Resources
from api.http.places import network_of
from domain.errors import TooMany

_UNITS = (("hour", 3600), ("minute", 60), ("second", 1))


async def count_request(opened: Resources, subject: str, window: timedelta | None = None) -> int:
    """Count once more; answers how often that is in the present window (``throttle_window`` if not said)."""
    after = datetime.now(UTC) - (window or opened.settings.throttles.throttle_window)
    return await rate_limits.count(opened.database, subject, after)


async def must_not_be_too_often(
    opened: Resources, request: Request, action: str, limit: int, window: timedelta | None = None
) -> None:
    """Count an action for the address of the request, within ``throttle_window`` if no other window is said.

    Raises:
        TooMany: it was done too often from there.
    """
    window = window or opened.settings.throttles.throttle_window
    if await count_request(opened, f"{action} {address_of(request)}", window) > limit:
        detail = f"too many requests from your address; try again in {duration_text(window)}"
        raise TooMany(detail, retry_after=int(window.total_seconds()))


def duration_text(duration: timedelta) -> str:
    """A duration for people, whole seconds: ``1 hour 30 minutes``."""
    left, parts = max(1, int(duration.total_seconds())), []
    for unit, seconds in _UNITS:
        number, left = divmod(left, seconds)
        if number:
            parts.append(f"{number} {unit}{'s' if number > 1 else ''}")
    return " ".join(parts)


def address_of(request: Request) -> str:
    """Where a request comes from, as it is counted."""
    return network_of(request.client.host if request.client else "")
