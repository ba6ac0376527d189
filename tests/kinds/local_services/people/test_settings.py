"""Settings of people: providers of logins, and phones that codes have to reach."""

import json

import pytest
from pydantic import ValidationError

import startup
from kinds.local_services.settings import LocalServicesSettings
from production import Part
from settings import Settings
from tests.test_production import GOOD
from tests.test_settings import environment

__all__ = ["environment"]

PREFIX = "REVCARE_LOCAL_SERVICES_"
GOOGLE = {
    "name": "google",
    "issuer": "https://accounts.google.com",
    "client_ids": ["app.example"],
    "jwks_url": "https://www.googleapis.com/oauth2/v3/certs",
}


def test_providers_of_logins_are_a_list_in_json(environment):
    environment(**{f"{PREFIX}OIDC": json.dumps([GOOGLE])})
    (google,) = LocalServicesSettings().oidc
    assert (google.name, google.client_ids, google.jwks_url) == ("google", ("app.example",), GOOGLE["jwks_url"])
    environment(**{f"{PREFIX}OIDC": ""})
    assert LocalServicesSettings().oidc == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "7",
        json.dumps([GOOGLE, GOOGLE]),
        json.dumps([{"name": "google"}]),
        json.dumps([{**GOOGLE, "jwks_url": "file:///etc/passwd"}]),
        json.dumps([{**GOOGLE, "client_ids": []}]),
        json.dumps([{**GOOGLE, "client_ids": "app"}]),
        json.dumps([{**GOOGLE, "name": "Google/1"}]),
    ],
)
def test_what_is_no_such_list_stops_the_start(environment, wrong: str):
    environment(**{f"{PREFIX}OIDC": wrong})
    with pytest.raises(ValidationError, match="logins"):
        LocalServicesSettings()


def test_production_names_a_gateway_for_text_messages_or_says_that_phones_are_not_verified(environment):
    environment(**GOOD)
    with pytest.raises(startup.Refused, match=f"{PREFIX}SMS_URL is not set: no code would reach a phone"):
        startup.judge(Settings(), Part.API, kinds=["vehicle_service"], policies=[LocalServicesSettings])
    for enough in ({f"{PREFIX}SMS_URL": "https://sms.example"}, {f"{PREFIX}PHONE_VERIFICATION": "off"}):
        environment(**{f"{PREFIX}SMS_URL": "", **enough})
        startup.judge(Settings(), Part.API, kinds=["vehicle_service"], policies=[LocalServicesSettings])
