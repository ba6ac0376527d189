"""Every file of tests is run by somebody, the long ones first."""

from pathlib import Path

import pytest

from checks.files import REPOSITORY
from tests.scheduling import (
    CHECKS,
    LONG,
    OWN_STACK,
    SHARED_STACK,
    WALKED,
    WORTH_A_STACK,
    needs_stack,
    next_file,
    unit_of,
)

STACK, OTHER = "tests/api/test_lists.py", "tests/domain/test_money.py"
LONGER = next(path for path in LONG if not needs_stack(path))


def test_a_process_goes_on_with_what_it_has_started():
    assert next_file([OTHER, STACK], has_stack=True) == STACK
    assert next_file([OTHER], has_stack=True) == OTHER
    assert next_file([STACK, OTHER], has_stack=False) == OTHER


def test_a_long_file_comes_before_a_short_one():
    assert next_file([OTHER, LONGER], has_stack=False) == LONGER


def test_a_stack_is_started_late_only_for_many_files():
    many = [f"tests/api/test_{n}.py" for n in range(WORTH_A_STACK)]
    assert next_file(many, has_stack=False) == many[0]
    assert next_file(many[1:], has_stack=False) is None
    assert next_file([], has_stack=True) is None


def test_every_file_that_is_named_is_there():
    named = {*LONG, *SHARED_STACK, *WALKED, OWN_STACK, CHECKS}
    assert [path for path in sorted(named) if not Path(REPOSITORY, path).exists()] == []
    assert [path for path in LONG if unit_of(path) != path] == []


def test_files_that_share_what_is_costly_go_to_one_process():
    assert {unit_of(path) for path in WALKED} == {WALKED[0]}
    for folder in (OWN_STACK, CHECKS):
        own = {path.relative_to(REPOSITORY).as_posix() for path in Path(REPOSITORY, folder).glob("test_*.py")}
        assert len(own) > 1
        assert {unit_of(path) for path in own} == {folder}
        assert not needs_stack(folder)
    assert unit_of(OTHER) == OTHER


@pytest.fixture
def asking(request: pytest.FixtureRequest) -> list[pytest.Function]:
    """Those of this run that ask for the shared stack."""
    items = (item for item in request.session.items if isinstance(item, pytest.Function))
    return [item for item in items if "running_stack" in item.fixturenames]


def test_whatever_asks_for_the_shared_stack_goes_where_it_runs(asking: list[pytest.Function]):
    files = {item.nodeid.partition("::")[0] for item in asking}
    assert [path for path in sorted(files) if not needs_stack(path)] == []


def test_whatever_may_be_the_first_to_ask_has_time_until_the_stack_runs(asking: list[pytest.Function]):
    """What is started once and is late fails every test that asks for it."""
    usual = float(asking[0].config.getini("timeout")) if asking else 0
    own = {item.nodeid.partition("::")[0]: mark.args[0] for item in asking for mark in item.iter_markers("timeout")}
    assert {path: seconds for path, seconds in own.items() if seconds < usual} == {}
