"""Every file of tests is run by somebody, the long ones first."""

from pathlib import Path

from checks.files import REPOSITORY
from tests.scheduling import LONG, OWN_STACK, SHARED_STACK, WORTH_A_STACK, needs_stack, next_file

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
    named = {*LONG, *SHARED_STACK, *OWN_STACK}
    assert [path for path in sorted(named) if not Path(REPOSITORY, path).exists()] == []
    assert [path for path in OWN_STACK if needs_stack(path)] == []
