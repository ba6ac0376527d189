import pytest

from checks import sizes
from checks.files import REPOSITORY


def test_no_file_here_is_too_long():
    assert sizes.problems(REPOSITORY) == []


@pytest.mark.parametrize(("path", "limit"), [("api/a.py", 250), ("api/a.js", 250), ("tests/test_a.py", 350)])
def test_a_file_of_more_lines_than_allowed_is_found(plant, path, limit):
    assert sizes.problems(plant(path, "x = 1\n" * limit)) == []
    assert len(sizes.problems(plant(path, "x = 1\n" * (limit + 1)))) == 1
