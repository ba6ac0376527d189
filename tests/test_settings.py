"""What the environment may say, and what is refused before a process starts."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

import settings
from api.auth.second_factor import is_required
from backup_settings import Backups
from kinds.vehicle_service.settings import PolicySettings
from second_factor_settings import SecondFactors
from setting_types import duration, variable
from settings import Company, Mail, Payments, Process, Razorpay, Secrets, Settings, Stores, Web
from throttle_settings import Throttles

ROOT = Path(__file__).parents[1]
GROUPS = (
    *(Stores, Secrets, Razorpay, Mail, Payments, Company, Web, Throttles, SecondFactors, Backups, Process),
    PolicySettings,
)
WINDOWS = (PolicySettings, Payments, Company)
OWN_SECRETS = {
    "SECRET_KEY": "a-key-of-this-shop-that-signs-access",
    "REFRESH_SECRET_KEY": "a-key-of-this-shop-that-signs-refresh",
    "RAZORPAY_KEY_SECRET": "from the dashboard",
    "RAZORPAY_WEBHOOK_SECRET": "from the dashboard too",
}
OWN_NAME = {
    "RAZORPAY_KEY_ID": "rzp_live_ofthisshop",
    "REVCARE_PUBLIC_URL": "https://service.sahyadri.example",
    "REVCARE_SUPPLIER_NAME": "Sahyadri Motors",
    "REVCARE_SUPPLIER_GSTIN": "29AAGCB7383J1Z4",
    "REVCARE_SUPPLIER_STATE": "Karnataka",
    "REVCARE_SUPPLIER_ADDRESS": "7 Tank Road, Hubballi 580020",
}


def variables(*groups: type[BaseSettings]) -> set[str]:
    """Every name that these groups of settings read from the environment; of all groups when none is named."""
    return {variable(group, name) for group in groups or GROUPS for name in group.model_fields}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    """A way to set variables; nothing of the caller's own is there (see conftest)."""

    def say(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return say


def test_without_any_variable_everything_has_a_value_and_nothing_is_development():
    assert Settings().process.environment == "production"


def test_the_business_windows_have_their_usual_length():
    policy = PolicySettings()
    assert policy.inspection_fee == "100.00"
    assert policy.decision_window == timedelta(hours=48)
    assert policy.decision_reminders == (timedelta(hours=24), timedelta(hours=4))
    assert policy.payment_window == timedelta(minutes=30)
    assert Payments().payment_poll == timedelta(seconds=20)
    assert policy.validation_alert == timedelta(hours=4)
    assert policy.unassigned_alert == timedelta(hours=2)
    assert (policy.working_hours_per_day, policy.slot_capacity, Company().shop_timezone) == (9, 10, "Asia/Kolkata")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("48h", timedelta(hours=48)),
        ("2d", timedelta(days=2)),
        ("50ms", timedelta(milliseconds=50)),
        (" 1.5 h ", timedelta(minutes=90)),
    ],
)
def test_a_duration_reads_as_people_write_it(written, meant):
    assert duration(written) == meant


def test_lists_are_separated_by_commas(environment):
    environment(REVCARE_DECISION_REMINDERS="24h, 90m", REVCARE_CORS_ORIGINS="https://a.example, https://b.example")
    assert PolicySettings().decision_reminders == (timedelta(hours=24), timedelta(minutes=90))
    assert Web().cors_origins == ("https://a.example", "https://b.example")


def test_the_mail_variables_have_their_usual_names(environment):
    environment(MAIL_FROM="shop@example.org", MAIL_FROM_NAME="The Shop", MAIL_SSL_TLS="true", MAIL_SERVER="smtp")
    mail = Mail()
    assert (mail.mail_from, mail.from_name, mail.ssl_tls, mail.server) == ("shop@example.org", "The Shop", True, "smtp")


def test_an_empty_variable_is_as_good_as_none(environment):
    environment(MAIL_USERNAME="", REVCARE_DECISION_WINDOW="", SECRET_KEY="")
    assert Mail().username is None
    assert PolicySettings().decision_window == timedelta(hours=48)
    assert Secrets().secret_key == Secrets.model_fields["secret_key"].default


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REVCARE_PAYMENT_POLL", "0s"),
        ("REVCARE_SHOP_TIMEZONE", "Mars/Base"),
        ("REVCARE_BACKUP_EVERY", "0s"),
        ("MAX_BACKUP_SIZE_MB", "0"),
        ("MIN_BACKUP_AGE_DAYS", "366"),
        ("REVCARE_ADMIN_SECOND_FACTOR", "no"),
        ("REVCARE_CODE_GOOD_FOR", "2h"),
        ("REVCARE_REFUND_WITHOUT_CODE", "-1"),
        ("REVCARE_ENVIRONMENT", "prod"),
        ("REVCARE_LOG_LEVEL", "LOUD"),
        ("RAZORPAY_WEBHOOK_SECRET_PREVIOUS_UNTIL", "next week"),
        ("REVCARE_SUPPLIER_GSTIN", "27AAPFU0939F1ZX"),
        ("REVCARE_SUPPLIER_GSTIN", "29AAGCB7383J1Z4"),
        ("REVCARE_SUPPLIER_STATE", "Atlantis"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_the_start(environment, name, value):
    environment(**{name: value})
    with pytest.raises(ValidationError):
        Settings()


def test_an_empty_secret_is_refused_everywhere():
    with pytest.raises(ValidationError, match="a secret is empty"):
        Settings(razorpay=Razorpay(webhook_secret=SecretStr("")))


def test_secrets_do_not_show_when_the_settings_are_printed(environment):
    environment(MAIL_PASSWORD="letmein", POSTGRESQL_URL="postgresql://localhost/revcare", **OWN_SECRETS)
    shown = repr(Settings())
    assert [secret for secret in (*OWN_SECRETS.values(), "letmein") if secret in shown] == []


@pytest.mark.parametrize("group", [*GROUPS, Settings], ids=lambda group: group.__name__)
def test_settings_do_not_change_while_a_process_runs(group: type[BaseSettings]):
    loaded = group()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(loaded, next(iter(group.model_fields)), None)


def test_the_environment_is_read_once(environment):
    settings.load.cache_clear()
    try:
        first = settings.load()
        environment(REVCARE_WEBHOOK_SILENCE="3")
        assert settings.load() is first
    finally:
        settings.load.cache_clear()


def test_the_readme_names_every_business_window_and_no_variable_that_nobody_reads():
    text = (ROOT / "README.md").read_text()
    text = re.sub(r"(\w+)\{([\w,]+)\}", lambda m: " ".join(m[1] + end for end in m[2].split(",")), text)
    named = set(re.findall(r"\b(?:REVCARE|RAZORPAY|MAIL|POSTGRESQL|MONGODB)_[A-Z_]*[A-Z]\b|\b\w*SECRET_KEY\b", text))
    assert named - variables() == set()
    assert variables(*WINDOWS) - named == set()


@pytest.mark.parametrize(
    ("stated", "in_production", "in_development"),
    [("", True, False), ("auto", True, False), ("required", True, True), ("optional", False, False)],
)
def test_a_second_factor_is_required_in_production_unless_somebody_says_otherwise(
    environment, stated, in_production, in_development
):
    found = []
    for each in ("production", "development"):
        environment(REVCARE_ADMIN_SECOND_FACTOR=stated, REVCARE_ENVIRONMENT=each)
        found.append(is_required(Settings()))
    assert found == [in_production, in_development]
