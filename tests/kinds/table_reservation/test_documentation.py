"""The guides to a new kind and to a changed rule quote code that runs, and pages name files of this one that exist."""

import re

from checks.files import REPOSITORY
from tests.docs.test_paths import NAMED, PAGES
from tests.of_every import of_every

PAGE = (REPOSITORY / "docs/adding-a-kind.md").read_text() + (REPOSITORY / "docs/changing-a-rule.md").read_text()
SNIPPETS = re.findall(r"<!-- (tests/[\w/]+\.py) -->\n```python\n(.*?)```", PAGE, re.DOTALL)


def test_every_piece_of_code_says_where_it_is_from():
    assert len(SNIPPETS) == PAGE.count("```python") >= 10


@of_every(SNIPPETS)
def test_a_snippet_stands_in_its_file(snippet):
    path, code = snippet
    assert code in (REPOSITORY / path).read_text()


@of_every(PAGES)
def test_a_page_names_only_files_of_tests_of_kinds_that_exist(page):
    named = [name for name in NAMED.findall((REPOSITORY / page).read_text()) if name.startswith("tests/kinds/")]
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
