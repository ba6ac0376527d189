import pytest

from checks import sizes
from checks.files import REPOSITORY


def test_no_file_here_is_too_long():
    assert sizes.problems(REPOSITORY) == []


@pytest.mark.parametrize(("path", "limit"), [("api/a.py", 250), ("api/a.js", 250), ("tests/test_a.py", 350)])
def test_a_file_of_more_lines_than_allowed_is_found(plant, path, limit):
    assert sizes.problems(plant(path, "x = 1\n" * limit), frozenset()) == []
    assert len(sizes.problems(plant(path, "x = 1\n" * (limit + 1)), frozenset())) == 1


def test_an_exception_holds_for_its_file_and_must_go_when_it_is_no_longer_needed(plant):
    root = plant("api/a.py", "x = 1\n" * 251)
    assert sizes.problems(root, frozenset({"api/a.py"})) == []
    plant("api/a.py", "x = 1\n")
    assert sizes.problems(root, frozenset({"api/a.py"})) == [
        "api/a.py: is not too long (any more): take it off checks/unfinished.py"
    ]
