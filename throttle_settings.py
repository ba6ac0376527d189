"""How often anything may be asked of us, and how long whoever asked too often waits."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from setting_types import Duration, Group

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Throttles(Group):
    """What may be asked how often, by whoever asks.

    A phone (or what else a kind logs in by) with ``login_failures_per_phone`` wrong passwords from one address is
    locked there for ``login_lockout``. After ``login_failures_in_all`` from anywhere within an hour one login of that
    phone is tried every ``login_interval``, and one from an address after ``login_failures_per_address`` within
    ``login_lockout``. A device on which the person has logged in before is held back by its own failures alone.

    ``codes_per_person``: so many codes of a second factor within an hour, of which none was right.
    ``login_mails_per_person``: of so many logins on new devices a person is told by mail in a day.
    ``registrations_per_address`` and ``registrations_in_all``: so many within an hour. The others are within
    ``throttle_window``.
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    login_failures_per_phone: Annotated[int, Field(ge=1)] = 5
    login_failures_in_all: Annotated[int, Field(ge=1)] = 20
    login_failures_per_address: Annotated[int, Field(ge=1)] = 100
    login_lockout: Duration = timedelta(minutes=15)
    login_interval: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)
    codes_per_person: Annotated[int, Field(ge=3, le=100)] = 10
    login_mails_per_person: Annotated[int, Field(ge=1, le=100)] = 5
    registrations_per_address: Annotated[int, Field(ge=1)] = 60
    registrations_in_all: Annotated[int, Field(ge=1)] = 2000
    throttle_window: Duration = timedelta(minutes=15)
    resets_per_address: Annotated[int, Field(ge=1)] = 20
    resets_per_person: Annotated[int, Field(ge=1)] = 5
    queries_per_address: Annotated[int, Field(ge=1)] = 30
    exports_per_person: Annotated[int, Field(ge=1)] = 20

    @property
    def longest(self) -> timedelta:
        """So long anything is counted."""
        return max(self.login_lockout, self.throttle_window, HOUR)
