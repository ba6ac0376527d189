"""The guides to a new kind and to a changed rule quote code that runs, and pages name files of this one that exist."""

import re

import pytest

from checks.files import REPOSITORY
from tests.docs.test_paths import NAMED, PAGES

PAGE = (REPOSITORY / "docs/adding-a-kind.md").read_text() + (REPOSITORY / "docs/changing-a-rule.md").read_text()
SNIPPETS = re.findall(r"<!-- (tests/[\w/]+\.py) -->\n```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_piece_of_code_says_where_it_is_from():
    assert len(SNIPPETS) == PAGE.count("```python") >= 10


@pytest.mark.parametrize(("path", "code"), SNIPPETS, ids=lambda value: value.splitlines()[0][:60])
def test_a_snippet_stands_in_its_file(path, code):
    assert code in (REPOSITORY / path).read_text()


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_names_only_files_of_tests_of_kinds_that_exist(page):
    named = [name for name in NAMED.findall((REPOSITORY / page).read_text()) if name.startswith("tests/kinds/")]
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
