"""The command ``revcare``: every verb by its name, and nothing loaded that another verb needs."""

import subprocess
import sys
from importlib import import_module

import pytest

import settings
from operations.__main__ import GROUPS, run

LOADED_FOR_A_WORKER = """
import sys
from operations.__main__ import application
application("worker")
print(*{name.partition(".")[0] for name in sys.modules})
"""


@pytest.fixture(autouse=True)
def development(monkeypatch):
    monkeypatch.setenv("REVCARE_ENVIRONMENT", "development")
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.mark.parametrize("group", GROUPS)
def test_each_verb_is_found_by_its_name_in_the_module_that_has_it(group):
    app = import_module(f"operations.verbs.{group}").app
    named = {each.name or each.callback.__name__.replace("_", "-") for each in app.registered_commands}
    assert named == set(GROUPS[group])


def test_every_verb_is_listed_with_what_it_does(capsys):
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    for verb in (verb for verbs in GROUPS.values() for verb in verbs):
        [line] = [line for line in told.splitlines() if line.startswith(f"  {verb} ")]
        assert len(line.split()) > 3


@pytest.mark.parametrize(
    "words",
    [
        ["reconsile"],
        ["recovery", "stop"],
        ["worker", "mails"],
        ["replay", "nowhere.json"],
        ["migrate", "--draft", "engine"],
    ],
)
def test_words_that_mean_nothing_are_refused_without_a_traceback(words, capsys):
    assert run(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(("Usage: revcare", "Error: "))
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    "words",
    [
        ["add-admin", "--name", "Asha", "--phone", "9000020219", "--email", "asha@example.com"],
        ["add-admin", "one", "--kind", "two", "--name", "Asha", "--phone", "9000020219", "--email", "asha@example.com"],
    ],
)
def test_an_admin_is_of_one_kind(words, capsys):
    assert run(words) == 2
    assert capsys.readouterr().err == "name one kind (--kind), as REVCARE_KIND names it\n"


def test_a_phone_that_is_none_is_named_in_one_line(capsys):
    who = ["--name", "Asha", "--phone", "12", "--email", "asha@example.com"]
    assert run(["add-admin", "--kind", "vehicle-service", *who]) == 2
    told = capsys.readouterr().err
    assert (told.startswith("phone: "), told.count("\n")) == (True, 1)


def test_a_process_that_stays_has_not_loaded_what_other_verbs_need():
    done = subprocess.run([sys.executable, "-c", LOADED_FOR_A_WORKER], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "typer" in loaded
    assert loaded & {"temporalio", "fastapi", "sqlalchemy", "pydantic", "kinds", "rich"} == set()
