from dataclasses import fields
from datetime import timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.commands import DecideDispute
from kinds.local_services.domain.parts import Outcome
from kinds.local_services.domain.policy import ServicePolicy
from kinds.local_services.domain.roles import ADMIN, SERVICE_PROVIDER, SERVICE_SEEKER, role_of, shown
from kinds.local_services.settings import LocalServicesSettings
from setting_types import default_of
from tests.kinds.local_services.bookings import ADMIN as AN_ADMIN
from tests.kinds.local_services.bookings import ASHA, RAVI, Request


def setting(monkeypatch, name: str, text: str) -> LocalServicesSettings:
    monkeypatch.setenv(f"REVCARE_LOCAL_SERVICES_{name}", text)
    return LocalServicesSettings()


def test_windows_and_tiers_read_as_the_contract_writes_them(monkeypatch):
    assert setting(monkeypatch, "ANSWER_WINDOW", "3s").answer_window == timedelta(seconds=3)
    tiers = setting(monkeypatch, "CANCEL_TIERS", "48h:10,0h:80").cancel_tiers
    assert [(tier.before, tier.percent) for tier in tiers] == [(timedelta(days=2), 10), (timedelta(0), 80)]


def test_the_tiers_that_are_the_default_are_shown_as_one_would_write_them(monkeypatch):
    field = LocalServicesSettings.model_fields["cancel_tiers"]
    assert default_of(field) == "24h:0,2h:25,0h:50"
    assert setting(monkeypatch, "CANCEL_TIERS", default_of(field)).cancel_tiers == field.default


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CANCEL_TIERS", "2h:25,24h:0,0h:50"),
        ("CANCEL_TIERS", "24h:0,2h:25"),
        ("CANCEL_TIERS", "24h:50,0h:25"),
        ("CANCEL_TIERS", "24h:0,0h:101"),
        ("CANCEL_TIERS", "24h"),
        ("TIME_STEP", "7m"),
        ("TIME_STEP", "2h"),
        ("COMMISSION", "101"),
        ("ANSWER_WINDOW", "0s"),
        ("MESSAGES_PER_MINUTE", "0"),
        ("PHONE_VERIFICATION", "maybe"),
    ],
)
def test_what_cannot_be_meant_is_refused(monkeypatch, name, text):
    with pytest.raises(ValidationError):
        setting(monkeypatch, name, text)


def test_every_window_of_a_booking_is_a_setting():
    own = {each.name for each in fields(ServicePolicy)} - {each.name for each in fields(ServicePolicy.__base__)}
    assert own <= set(LocalServicesSettings.model_fields)


def test_a_booking_reads_from_its_json_as_it_was_written():
    kind = TypeAdapter(ServiceBooking)
    request = Request().completed().asks(commands.Dispute(ASHA, "other", "it is not good"))
    request.asks(DecideDispute(AN_ADMIN, Outcome.REFUND_PART, 50_000)).asks(commands.Review(RAVI, 5))
    for booking in (request.booking, Request().paid().asks(commands.Cancel(ASHA)).booking):
        assert kind.validate_json(kind.dump_json(booking)) == booking


def test_roles_have_the_scopes_of_the_contract():
    both = SERVICE_SEEKER.scopes & SERVICE_PROVIDER.scopes
    assert {"WRITE:BOOKINGS", "READ:PAYMENTS", "WRITE:REVIEWS", "DELETE:MESSAGES", "UPDATE:USERS"} <= both
    assert SERVICE_PROVIDER.scopes - SERVICE_SEEKER.scopes == {
        "WRITE:LISTINGS",
        "UPDATE:LISTINGS",
        "DELETE:LISTINGS",
        "READ:PAYOUTS",
    }
    assert {"READ:AUDIT", "WRITE:CATEGORIES", "WRITE:PAYOUTS", "UPDATE:GST"} <= ADMIN.scopes - SERVICE_PROVIDER.scopes


def test_on_the_wire_an_admin_is_spelled_in_capitals():
    assert [shown(role) for role in ("admin", "SERVICE_SEEKER", "system")] == ["ADMIN", "SERVICE_SEEKER", "system"]
    assert (role_of("ADMIN"), role_of("SERVICE_PROVIDER")) == ("admin", "SERVICE_PROVIDER")
