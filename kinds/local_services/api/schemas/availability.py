"""Schedules of providers, as they write them, and free slots."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.answer_fields import Moment
from api.schemas.answers import Answer, example
from api.schemas.fields import Body, Day, Number
from domain.errors import Invalid
from kinds.local_services.domain.schedules import (
    MOST_EXCEPTIONS,
    MOST_WINDOWS,
    DayException,
    Schedule,
    WeeklyWindow,
    minutes_of,
)

_CLOCK = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
_EXAMPLE = {
    "timezone": "Asia/Kolkata",
    "weekly": [{"weekday": 1, "start": "09:00", "end": "18:00"}, {"weekday": 6, "start": "10:00", "end": "14:00"}],
    "exceptions": [{"date": "2026-12-25", "closed": True}, {"date": "2026-12-26", "start": "12:00", "end": "16:00"}],
    "min_notice_hours": 2,
    "buffer_minutes": 30,
    "horizon_days": 60,
}


def _must_be_a_flag(said: Any) -> Any:
    """1 is equal to true, and is no flag."""
    if said is not True:
        raise ValueError("true, or left out")
    return said


Clock = Annotated[str, StringConstraints(pattern=_CLOCK), Field(description="By the clock of `timezone`")]
Weekday = Annotated[int, Field(ge=1, le=7, description="1 is Monday"), Number]
Notice = Annotated[int, Field(ge=0, le=168), Number]
Buffer = Annotated[int, Field(ge=0, le=240), Number]
Horizon = Annotated[int, Field(ge=1, le=180), Number]
Closed = Annotated[Literal[True], BeforeValidator(_must_be_a_flag)]


class Window(Body):
    """A window of every such weekday; "24:00" is midnight after it, one over midnight is two."""

    weekday: Weekday
    start: Clock
    end: Clock


class ExceptionOfDay(Body):
    """Another window on one date than that weekday has, or none at all."""

    date: Day
    closed: Closed | None = None
    start: Clock | None = None
    end: Clock | None = None

    @model_validator(mode="after")
    def _must_say_one_thing(self) -> "ExceptionOfDay":
        if (self.start is None) != (self.end is None) or (self.closed is None) == (self.start is None):
            raise ValueError("an exception is closed, or has start and end")
        if not date(2000, 1, 1) <= self.date <= date(2100, 12, 31):
            raise ValueError("the date is too far away")
        return self

    def as_exception(self) -> DayException:
        """The same, for rules."""
        if self.start is None or self.end is None:
            return DayException(self.date)
        return DayException(self.date, minutes_of(self.start), minutes_of(self.end))


class NewSchedule(Body):
    """A provider's schedule, replaced as a whole; without a notice that of the platform counts."""

    model_config = example(_EXAMPLE)

    timezone: Annotated[str, StringConstraints(max_length=60), Field(description="A name of the IANA list")] = (
        "Asia/Kolkata"
    )
    weekly: Annotated[list[Window], Field(max_length=MOST_WINDOWS)]
    exceptions: Annotated[list[ExceptionOfDay], Field(max_length=MOST_EXCEPTIONS, default_factory=list)]
    min_notice_hours: Notice | None = None
    buffer_minutes: Buffer = 30
    horizon_days: Horizon = 60

    @model_validator(mode="after")
    def _must_not_contradict_itself(self) -> "NewSchedule":
        try:
            self.as_schedule(timedelta(0))
        except Invalid as fault:
            raise ValueError(fault.detail) from None
        return self

    def as_schedule(self, min_notice: timedelta) -> Schedule:
        """The same, for rules; ``min_notice`` is that of whoever sets none.

        Raises:
            Invalid: it contradicts itself.
        """
        return Schedule(
            timezone=self.timezone,
            weekly=tuple(
                WeeklyWindow(each.weekday, minutes_of(each.start), minutes_of(each.end)) for each in self.weekly
            ),
            exceptions=tuple(each.as_exception() for each in self.exceptions),
            min_notice=min_notice if self.min_notice_hours is None else timedelta(hours=self.min_notice_hours),
            buffer=timedelta(minutes=self.buffer_minutes),
            horizon=timedelta(days=self.horizon_days),
        )


class WindowAnswer(Answer):
    """A window of a weekday."""

    weekday: int
    start: str
    end: str


class ExceptionAnswer(Answer):
    """A date that differs."""

    date: date
    closed: bool | None = None
    start: str | None = None
    end: str | None = None


class ScheduleAnswer(Answer):
    """When a provider works, for all listings."""

    model_config = example(_EXAMPLE)

    timezone: str
    weekly: list[WindowAnswer]
    exceptions: list[ExceptionAnswer]
    min_notice_hours: int
    buffer_minutes: int
    horizon_days: int


class Slot(Answer):
    """A time that is free."""

    start: Moment
    end: Moment


class SlotsAnswer(Answer):
    """Every start on which a booking would be granted now, the earliest first."""

    model_config = example(
        {"timezone": "Asia/Kolkata", "slots": [{"start": "2026-12-12T03:30:00Z", "end": "2026-12-12T05:30:00Z"}]}
    )

    timezone: str
    slots: list[Slot]
