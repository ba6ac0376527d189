"""`revcare settings`: every setting with where it is from, all mistakes at once, and no secret."""

import json

import pytest

import settings
from checks.files import REPOSITORY
from operations.__main__ import run
from operations.settings_list import PARTS
from tests.test_production import EVERYTHING_WRONG, GOOD, SAID_OF, mentions
from tests.test_settings import environment

__all__ = ["environment"]

BOTH = {
    "REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services",
    "REVCARE_LOCAL_SERVICES_PUBLIC_URL": "https://near.sahyadri.example",
    "REVCARE_LOCAL_SERVICES_SMS_URL": "https://sms.sahyadri.example/send",
}
"""What the second kind needs beside the settings of a vehicle service."""


@pytest.fixture(autouse=True)
def read_anew():
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture
def shown(capsys):
    """What the command says, and its exit code."""

    def show(*processes: str) -> tuple[int, str]:
        code = run(["settings", *processes])
        told = capsys.readouterr()
        assert told.err == ""
        return code, told.out

    return show


def sources(told: str) -> dict[str, str]:
    rows = [line.split() for line in told.partition("\nnothing is wrong")[0].splitlines() if line.startswith("  ")]
    return {row[0]: row[1] for row in rows}


@pytest.mark.parametrize("second", [{}, BOTH], ids=["vehicle service", "both kinds"])
def test_every_setting_is_shown_with_where_it_is_from(environment, shown, second):
    environment(**GOOD, **second)
    code, told = shown()
    assert code == 0, told
    found = sources(told)
    documented = {
        name
        for name, each in json.loads((REPOSITORY / "docs/interface.json").read_text())["settings"].items()
        if "<KIND>" not in name and (second or each.get("kind") != "local_services")
    }
    assert documented <= set(found)
    assert {name for name, source in found.items() if source == "environment"} == set(GOOD | second)
    assert "  REVCARE_HOST                             default      127.0.0.1\n" in told
    assert "Karnataka  (default Maharashtra)" in told


def test_no_secret_is_shown(environment, shown):
    passwords = {
        "POSTGRESQL_URL": "postgresql://shop:p%40ss:w@word@db/shop",
        "MONGODB_URI": "mongodb://shop:hush-hush@one:27017,two:27017/?replicaSet=rs0",
        "MAIL_PASSWORD": "hush-mail",
        "REVCARE_METRICS_TOKEN": "hush-metrics",
    }
    environment(**GOOD, **passwords)
    code, told = shown()
    assert code == 0, told
    hidden = [GOOD[name] for name in GOOD if "SECRET" in name] + ["p%40ss", "word@", "hush"]
    assert [each for each in hidden if each in told] == []
    assert "postgresql://shop:***@db/shop" in told
    assert "mongodb://shop:***@one:27017,two:27017/?replicaSet=rs0" in told


def test_all_mistakes_are_told_at_once(environment, shown):
    environment(**EVERYTHING_WRONG)
    code, told = shown()
    assert code == 1
    wrong = told.rpartition(" wrong:\n")[2]
    assert [name for name in EVERYTHING_WRONG if not mentions(wrong, SAID_OF.get(name, name))] == []
    assert not [value for name, value in EVERYTHING_WRONG.items() if "SECRET" in name and value in told]
    assert len(wrong.splitlines()) >= len(EVERYTHING_WRONG)


def test_a_variable_that_is_none_of_ours_is_told_with_the_one_that_was_meant(environment, shown):
    environment(**GOOD, REVCARE_SUPLIER_NAME="Sahyadri Motors", MAIL_COLOUR="blue")
    code, told = shown()
    assert code == 1
    assert "  REVCARE_SUPLIER_NAME is no setting; REVCARE_SUPPLIER_NAME is one\n" in told
    assert "  MAIL_COLOUR is no setting\n" in told


def test_a_variable_of_a_kind_that_is_not_installed_is_told_with_its_kind(environment, shown):
    environment(**GOOD, REVCARE_LOCAL_SERVICES_SMS_URL="https://sms.sahyadri.example/send")
    code, told = shown()
    assert code == 1
    assert "  REVCARE_LOCAL_SERVICES_SMS_URL is of local-services, which REVCARE_KINDS does not name\n" in told


@pytest.mark.parametrize("process", PARTS)
def test_a_machine_with_one_process_needs_what_that_one_reads(environment, shown, process):
    environment(**{name: value for name, value in GOOD.items() if name != "REFRESH_SECRET_KEY"})
    code, told = shown(process)
    assert (code, mentions(told.rpartition("\n\n")[2], "REFRESH_SECRET_KEY")) == (
        (1, True) if process == "api" else (0, False)
    )


def test_a_price_of_a_kind_that_cannot_be_read_is_told_as_well(environment, shown):
    environment(**GOOD | {"REVCARE_INSPECTION_FEE": "-1"})
    code, told = shown()
    assert (code, mentions(told.rpartition("wrong:")[2], "REVCARE_INSPECTION_FEE")) == (1, True)
