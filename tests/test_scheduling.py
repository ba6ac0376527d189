"""Every file of tests is run by somebody, the long ones first."""

from pathlib import Path

import pytest

from checks.files import REPOSITORY
from tests.scheduling import (
    ASKED_LATE,
    CHECKS,
    HOSTILE,
    LONG,
    OWN_STACK,
    REPLAYED,
    STACK,
    WALKED,
    WORTH,
    next_unit,
    servers_of,
    unit_of,
)

ON_STACK, OTHER = "tests/api/test_lists.py", "tests/domain/test_money.py"
ON_TEMPORAL = "tests/workflows/test_sweep.py"
ASKED = {ON_STACK: STACK, ON_TEMPORAL: "temporal_address"}


def test_a_process_goes_on_with_what_it_has_started():
    assert next_unit([OTHER, ON_TEMPORAL, ON_STACK], ASKED, {STACK}, {"temporal_address"}) == ON_STACK
    assert next_unit([OTHER, ON_TEMPORAL, ON_STACK], ASKED, {"temporal_address"}, {STACK}) == ON_TEMPORAL


def test_what_needs_a_server_that_nobody_has_comes_before_what_needs_none():
    assert next_unit([OTHER, ON_TEMPORAL], ASKED, {STACK}, set()) == ON_TEMPORAL
    assert next_unit([OTHER, ON_TEMPORAL], ASKED, {STACK}, {"temporal_address"}) == OTHER


def test_a_long_file_comes_before_a_short_one():
    assert next_unit([OTHER, LONG[0]], {}, set(), set()) == LONG[0]


@pytest.mark.parametrize("server", WORTH)
def test_a_server_that_another_has_is_started_late_only_for_many_files(server: str):
    many = [f"tests/api/test_{n}.py" for n in range(WORTH[server])]
    asked = dict.fromkeys(many, server)
    assert next_unit(many, asked, set(), {server}) == many[0]
    assert next_unit(many[1:], asked, set(), {server}) == ""
    assert next_unit([], asked, {server}, set()) == ""


def test_every_file_that_is_named_is_there():
    named = {*LONG, *ASKED_LATE, *WALKED, *HOSTILE, *REPLAYED, OWN_STACK, CHECKS}
    assert [path for path in sorted(named) if not Path(REPOSITORY, path).exists()] == []
    assert [path for path in LONG if unit_of(path) != path] == []


def test_files_that_share_what_is_costly_go_to_one_process():
    for together in (WALKED, HOSTILE, REPLAYED):
        assert {unit_of(path) for path in together} == {together[0]}
    for folder in (OWN_STACK, CHECKS):
        own = {path.relative_to(REPOSITORY).as_posix() for path in Path(REPOSITORY, folder).glob("test_*.py")}
        assert len(own) > 1
        assert {unit_of(path) for path in own} == {folder}
    assert unit_of(OTHER) == OTHER


@pytest.fixture
def asking(request: pytest.FixtureRequest) -> list[pytest.Function]:
    """Those of this run that ask for the shared stack."""
    items = (item for item in request.session.items if isinstance(item, pytest.Function))
    return [item for item in items if STACK in item.fixturenames]


def test_which_servers_a_file_asks_for_is_what_its_tests_say(asking: list[pytest.Function]):
    found = servers_of(asking)
    assert {unit_of(item.nodeid.partition("::")[0]) for item in asking} == {
        unit for unit, server in found.items() if server == STACK
    }
    assert found.items() >= ASKED_LATE.items()


def test_whatever_may_be_the_first_to_ask_has_time_until_the_stack_runs(asking: list[pytest.Function]):
    """What is started once and is late fails every test that asks for it."""
    usual = float(asking[0].config.getini("timeout")) if asking else 0
    own = {item.nodeid.partition("::")[0]: mark.args[0] for item in asking for mark in item.iter_markers("timeout")}
    assert {path: seconds for path, seconds in own.items() if seconds < usual} == {}
