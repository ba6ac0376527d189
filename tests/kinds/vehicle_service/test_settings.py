"""What the environment may say about prices and windows of vehicle services, and whom it concerns."""

import pytest
from pydantic import ValidationError

from api.app import create_app
from kinds.vehicle_service.api import API
from kinds.vehicle_service.settings import PolicySettings
from settings import Settings
from tests.test_settings import environment

__all__ = ["environment"]

WRONG = [
    ("REVCARE_DECISION_WINDOW", "soon"),
    ("REVCARE_DECISION_WINDOW", "-3s"),
    ("REVCARE_DECISION_REMINDERS", "24h,soon"),
    ("REVCARE_PAYMENT_WINDOW", "-1m"),
    ("REVCARE_VALIDATION_ALERT", "later"),
    ("REVCARE_INSPECTION_FEE", "100.001"),
    ("REVCARE_INSPECTION_FEE", "-1"),
    ("REVCARE_SLOT_CAPACITY", "0"),
    ("REVCARE_WORKING_HOURS_PER_DAY", "25"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_an_api_of_vehicle_services_refuses_at_the_start_what_cannot_be_meant(environment, name, value):
    environment(**{name: value})
    with pytest.raises(ValidationError, match="for PolicySettings"):
        create_app(API, settings=Settings())


def test_an_api_of_vehicle_services_has_the_prices_and_windows_of_its_environment(environment):
    environment(REVCARE_INSPECTION_FEE="250", REVCARE_SLOT_CAPACITY="3")
    app = create_app(API, settings=Settings())
    environment(REVCARE_SLOT_CAPACITY="4")
    assert app.state.policy == PolicySettings(inspection_fee="250", slot_capacity=3)
