"""Each line of the list of threats names tests that are there."""

import re

import pytest

from checks.files import REPOSITORY
from tests.docs.test_walk import defined
from tests.of_every import of_every

LINES = re.findall(
    r"^\|(?: \S[^|]* )?\|? ?.+ \| (`tests/.+?) \|$", (REPOSITORY / "docs/threats.md").read_text(), re.MULTILINE
)
NAMED = re.compile(r"`(tests/[\w/]+\.py)`((?:,? ?`test_\w+`)*)")
TESTS = [
    (path, name)
    for line in LINES
    for path, names in NAMED.findall(line)
    for name in re.findall(r"test_\w+", names) or [""]
]


@pytest.mark.parametrize("chapter", ["## What comes in\n", "## What comes in for local services\n"])
def test_every_boundary_has_a_test(chapter):
    text = (REPOSITORY / "docs/threats.md").read_text().split(chapter)[1].split("\n## ")[0]
    rows = text.split("| from | what is tried | what bounds it | test |\n|---|---|---|---|\n")[1].splitlines()
    rows = [line for line in rows if line.startswith("|")]
    assert rows
    assert [row for row in rows if not NAMED.search(row.rsplit("|", 2)[1])] == []


@of_every(TESTS)
def test_a_named_test_exists(named):
    path, name = named
    assert (REPOSITORY / path).is_file()
    assert not name or name in defined(path)
