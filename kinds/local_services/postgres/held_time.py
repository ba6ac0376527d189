"""The time of providers that bookings hold: decided by PostgreSQL alone, by the exclusion constraint of
``provider_time``.

Who wants time of a provider waits for the others who want some of the same provider: two rows that exclude each other,
written at once, would wait for one another. So a refusal comes from a row that is there, and can say what is free.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import SlotTaken
from domain.kind import Json
from kinds.local_services.domain.schedules import LONGEST_BUFFER, Span
from kinds.local_services.domain.slots import LONGEST, STEP, next_free_slots
from kinds.local_services.postgres.schedules import schedule_of

_LONGEST_HELD = LONGEST + LONGEST_BUFFER
_DEFAULT_NOTICE = timedelta(hours=2)

_OWN = text("SELECT leg FROM provider_time WHERE booking_id = :booking FOR NO KEY UPDATE")
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('time of ' || CAST(:provider AS text), 0))")
_HOLD = text(
    """
    INSERT INTO provider_time (booking_id, leg, provider_id, during)
    SELECT :booking, :leg, :provider, wanted.during
    FROM (SELECT tstzrange(CAST(:since AS timestamptz), CAST(:until AS timestamptz)) AS during) AS wanted
    WHERE NOT EXISTS (
        SELECT FROM provider_time AS t
        WHERE t.provider_id = :provider AND t.during && wanted.during
            AND lower(t.during) > CAST(:since AS timestamptz) - CAST(:longest AS interval)
            AND lower(t.during) < CAST(:until AS timestamptz)
            AND (t.booking_id, t.leg) <> (CAST(:booking AS bigint), CAST(:leg AS text))
    )
    ON CONFLICT (booking_id, leg) DO UPDATE SET provider_id = excluded.provider_id, during = excluded.during
    RETURNING leg
    """
)
_RELEASE = text("DELETE FROM provider_time WHERE booking_id = :booking AND leg = ANY(CAST(:legs AS text[]))")
_HELD = text(
    """
    SELECT lower(during) AS since, upper(during) AS until FROM provider_time
    WHERE provider_id = :provider AND upper(during) > :since
        AND lower(during) > CAST(:since AS timestamptz) - CAST(:longest AS interval)
        AND lower(during) < CAST(:until AS timestamptz)
    """
)


async def reserve(connection: AsyncConnection, booking_id: int, legs: Mapping[str, Json]) -> None:
    """Make the booking hold this time on these legs, which are ``domain.slots.held_leg``; a repeat changes nothing.

    Raises:
        SlotTaken: another booking holds some of it; carries the next free slots. The caller's transaction must be
            rolled back.
    """
    if not legs:
        return
    await connection.execute(_OWN, {"booking": booking_id})
    for provider in sorted({wanted["provider"] for wanted in legs.values()}):
        await connection.execute(_TURN, {"provider": provider})
    for leg, wanted in legs.items():
        await _hold(connection, booking_id, leg, wanted)


async def _hold(connection: AsyncConnection, booking_id: int, leg: str, wanted: Json) -> None:
    starts_at, ends_at, until = (datetime.fromisoformat(wanted[name]) for name in ("from", "ends", "until"))
    provider = wanted["provider"]
    given = {"booking": booking_id, "leg": leg, "provider": provider, "since": starts_at, "until": until}
    try:
        if (await connection.execute(_HOLD, {**given, "longest": _LONGEST_HELD})).first() is not None:
            return
        step, notice = (
            timedelta(seconds=wanted.get(name, usual.total_seconds()))
            for name, usual in (("step", STEP), ("notice", _DEFAULT_NOTICE))
        )
        free = await next_free(connection, provider, starts_at, ends_at - starts_at, step, notice)
    except IntegrityError as broken:
        if "ex_provider_time" not in str(broken.orig):
            raise
        free = []
    raise SlotTaken("the provider has another booking then", leg=leg, next_free_slots=free)


async def release(connection: AsyncConnection, booking_id: int, legs: Collection[str]) -> None:
    """Give time back."""
    await connection.execute(_RELEASE, {"booking": booking_id, "legs": list(legs)})


async def held_between(connection: AsyncConnection, provider: str, since: datetime, until: datetime) -> list[Span]:
    """What bookings hold of a provider's time between two moments, or across one of them."""
    given = {"provider": provider, "since": since, "until": until, "longest": _LONGEST_HELD}
    return [Span(row.since, row.until) for row in await connection.execute(_HELD, given)]


async def next_free(
    connection: AsyncConnection,
    provider: str,
    wanted: datetime,
    duration: timedelta,
    step: timedelta = STEP,
    min_notice: timedelta = _DEFAULT_NOTICE,
) -> list[Json]:
    """The first slots of that length that are free from the wanted time on: ``[{"start", "end"}]``."""
    schedule, now = await schedule_of(connection, provider, min_notice), datetime.now(UTC)
    held = await held_between(connection, provider, max(wanted, now), now + schedule.horizon + _LONGEST_HELD)
    found = next_free_slots(schedule, held, wanted, duration, now, step)
    return [slot_row(slot) for slot in found]


def slot_row(slot: Span) -> Json:
    """A slot as a client reads it."""
    return {"start": _written(slot.start), "end": _written(slot.end)}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
