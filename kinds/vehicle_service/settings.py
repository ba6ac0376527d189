"""The prices and windows of vehicle services, read from the environment by the processes that take bookings of them."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from setting_types import Duration, Durations, Group


class PolicySettings(Group):
    """Every business window of a vehicle service; snapshotted into a booking when it is made."""

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    inspection_fee: str = Field(default="100.00", pattern=r"^\d{1,7}(\.\d{1,2})?$")
    decision_window: Duration = timedelta(hours=48)
    decision_reminders: Durations = (timedelta(hours=24), timedelta(hours=4))
    payment_window: Duration = timedelta(minutes=30)
    validation_alert: Duration = timedelta(hours=4)
    unassigned_alert: Duration = timedelta(hours=2)
    dispute_reminder: Duration = timedelta(days=2)
    working_hours_per_day: Annotated[int, Field(ge=1, le=24)] = 9
    slot_capacity: Annotated[int, Field(ge=1)] = 10
    round_to_rupee: bool = False
