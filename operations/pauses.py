"""New bookings or new payments online, paused for a while by whoever runs the shop."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.postgres.pauses import Pauses
from domain.errors import Invalid
from domain.shop_pauses import Pause, must_end_in_time
from domain.texts import one_line
from setting_types import duration

LONGEST_REASON = 200


def end_of_pause(text: str | None, now: datetime, timezone: str) -> datetime | None:
    """When a pause ends: a moment in ISO 8601, by the shop's clock where it names no zone, or a time from now as
    ``90m``, ``2h``, ``3d``. None: nobody knows.

    Raises:
        Invalid: it is neither, over, or too far away.
    """
    if text is None:
        return None
    try:
        span = duration(text)
        until = now + span if isinstance(span, timedelta) else datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise Invalid(f"{text[:40]!r} is no time: write 2026-12-24T18:00, or 90m, 2h, 3d") from None
    if until.tzinfo is None:
        until = until.replace(tzinfo=ZoneInfo(timezone))
    must_end_in_time(until, now)
    return until


def reason_of_pause(text: str | None) -> str:
    """The reason as customers are told it: one line.

    Raises:
        Invalid: it is too long, or has what no line may have.
    """
    reason = one_line(text or "")
    if len(reason) > LONGEST_REASON:
        raise Invalid(f"the reason has {len(reason)} characters; {LONGEST_REASON} at the most")
    return reason


def pauses_text(pauses: list[Pause], timezone: str) -> str:
    """A line for each, as customers are told it."""
    if not pauses:
        return "nothing is paused"
    return "\n".join(f"{pause.what}: {pause.sentence(timezone)}" for pause in pauses)


async def current_pauses(pauses: Pauses) -> list[Pause]:
    """Those that hold now."""
    return [pause for pause, _ in await pauses.current()]
