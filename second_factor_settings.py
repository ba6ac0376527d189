"""When an admin has to show a second factor."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from setting_types import Duration, Group


class SecondFactors(Group):
    """The second factor of admins: a code that an app on their phone shows, beside the password.

    ``admin_second_factor``: ``required``, an admin without one can log in only to set one up; ``optional``; ``auto``,
    required in production. Whoever has one is asked for a code at every login, and again where the last one is older
    than ``code_good_for``: for a restore, the deletion of a backup, changes of roles and of other admins, and whatever
    refunds more than ``refund_without_code`` (paise).
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    admin_second_factor: Literal["auto", "required", "optional"] = "auto"
    code_good_for: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(hours=1))] = timedelta(minutes=5)
    refund_without_code: Annotated[int, Field(ge=0)] = 1_000_000
