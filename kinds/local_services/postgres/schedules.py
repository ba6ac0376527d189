"""Schedules of providers, as rows."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Invalid
from domain.kind import Json
from kinds.local_services.domain.schedules import DAY, DayException, Schedule, WeeklyWindow, clock_of, minutes_of

_FIND = text(
    "SELECT timezone, weekly::text AS weekly, exceptions::text AS exceptions, min_notice_hours, buffer_minutes,"
    " horizon_days FROM schedules WHERE provider_id = :provider"
)
_PUT = text(
    """
    INSERT INTO schedules (provider_id, timezone, weekly, exceptions, min_notice_hours, buffer_minutes, horizon_days,
        week, special)
    VALUES (:provider, :timezone, CAST(:weekly AS jsonb), CAST(:exceptions AS jsonb), :min_notice_hours,
        :buffer_minutes, :horizon_days, CAST(CAST(:week AS text) AS int4multirange), CAST(:special AS jsonb))
    ON CONFLICT (provider_id) DO UPDATE SET timezone = excluded.timezone, weekly = excluded.weekly,
        exceptions = excluded.exceptions, min_notice_hours = excluded.min_notice_hours,
        buffer_minutes = excluded.buffer_minutes, horizon_days = excluded.horizon_days, week = excluded.week,
        special = excluded.special, updated_at = now()
    """
)
_KNOWN_ZONE = text("SELECT now() AT TIME ZONE CAST(:zone AS text)")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def schedule_of(connection: AsyncConnection, provider: str, min_notice: timedelta) -> Schedule:
    """A provider's schedule; ``min_notice`` is that of one who has set none."""
    row = (await connection.execute(_FIND, {"provider": provider})).first()
    if row is None:
        return Schedule(min_notice=min_notice)
    return Schedule(
        timezone=row.timezone,
        weekly=tuple(_window(each) for each in orjson.loads(row.weekly)),
        exceptions=tuple(_exception(each) for each in orjson.loads(row.exceptions)),
        min_notice=min_notice if row.min_notice_hours is None else row.min_notice_hours * _HOUR,
        buffer=row.buffer_minutes * _MINUTE,
        horizon=row.horizon_days * _DAY,
    )


async def put_schedule(connection: AsyncConnection, provider: str, schedule: Schedule, *, notice_is_own: bool) -> None:
    """Replace the whole schedule; without a notice of its own it follows that of the settings.

    Raises:
        Invalid: the database does not know its time zone.
    """
    try:
        await connection.execute(_KNOWN_ZONE, {"zone": schedule.timezone})
    except DBAPIError as unknown:
        if getattr(unknown.orig, "sqlstate", "") != "22023":
            raise
        raise Invalid(f"the time zone {schedule.timezone} cannot be used here") from None
    row = {
        "provider": provider,
        "timezone": schedule.timezone,
        "weekly": _dumped([_window_row(each) for each in schedule.weekly]),
        "exceptions": _dumped([_exception_row(each) for each in schedule.exceptions]),
        "min_notice_hours": schedule.min_notice // _HOUR if notice_is_own else None,
        "buffer_minutes": schedule.buffer // _MINUTE,
        "horizon_days": schedule.horizon // _DAY,
        "week": week_minutes(schedule),
        "special": _dumped(special_minutes(schedule)),
    }
    await connection.execute(_PUT, row)


def week_minutes(schedule: Schedule) -> str:
    """The minutes of a week from Monday on that are worked, as PostgreSQL writes a multirange."""
    return _ranges(
        ((each.weekday - 1) * DAY + each.start, (each.weekday - 1) * DAY + each.end) for each in schedule.weekly
    )


def special_minutes(schedule: Schedule) -> dict[str, str]:
    """The minutes that are worked on each date with exceptions, likewise."""
    dates = sorted({each.date for each in schedule.exceptions})
    return {day.isoformat(): _ranges(_open(schedule.exceptions, day)) for day in dates}


def schedule_row(schedule: Schedule) -> Json:
    """As a client reads it; a notice of less than an hour, which only the settings can say, is shown as one."""
    return {
        "timezone": schedule.timezone,
        "weekly": [_window_row(each) for each in schedule.weekly],
        "exceptions": [_exception_row(each) for each in schedule.exceptions],
        "min_notice_hours": -(-schedule.min_notice // _HOUR),
        "buffer_minutes": schedule.buffer // _MINUTE,
        "horizon_days": schedule.horizon // _DAY,
    }


def _open(exceptions: Iterable[DayException], day: date) -> Iterable[tuple[int, int]]:
    return ((each.start or 0, each.end or 0) for each in exceptions if each.date == day and not each.closed)


def _ranges(minutes: Iterable[tuple[int, int]]) -> str:
    return "{" + ",".join(f"[{start},{end})" for start, end in sorted(minutes)) + "}"


def _window(row: Json) -> WeeklyWindow:
    return WeeklyWindow(row["weekday"], minutes_of(row["start"]), minutes_of(row["end"]))


def _window_row(window: WeeklyWindow) -> Json:
    return {"weekday": window.weekday, "start": clock_of(window.start), "end": clock_of(window.end)}


def _exception(row: Json) -> DayException:
    day = date.fromisoformat(row["date"])
    return (
        DayException(day) if row.get("closed") else DayException(day, minutes_of(row["start"]), minutes_of(row["end"]))
    )


def _exception_row(exception: DayException) -> Json:
    day = exception.date.isoformat()
    if exception.start is None or exception.end is None:
        return {"date": day, "closed": True}
    return {"date": day, "start": clock_of(exception.start), "end": clock_of(exception.end)}


def _dumped(value: Any) -> str:
    return orjson.dumps(value).decode()
