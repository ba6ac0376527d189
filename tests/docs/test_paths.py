"""Pages name files and link pages that exist: a move that forgets them is found here."""

import re
from pathlib import Path

from checks.files import REPOSITORY, files
from tests.of_every import of_every

PAGES = [
    path
    for path in files(REPOSITORY, ".md")
    if path.parts[0] in {"docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"}
]
NAMED = re.compile(r"`([\w.-]+(?:/[\w.{},-]+)*(?:/|\.(?:py|md|toml|json|yml|sh|js|j2|html)))`")
LINKED = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CODE = re.compile(r"`[^`\n]*`")
"""A pattern in it may look like a link."""

ELSEWHERE = (".stack", ".bench/", "dist/", "tests/kinds/")
"""Of a running stack; of a measurement; what `make` writes for others; of a kind that the tests install, which looks
itself how it is quoted."""


def missing(page: Path) -> list[str]:
    """What a page names or links that is not there."""
    text = (REPOSITORY / page).read_text()
    named = [
        name
        for name in NAMED.findall(text)
        if "/" in name and not name.startswith(ELSEWHERE) and not (REPOSITORY / name).exists()
    ]
    return named + [
        link for link in LINKED.findall(CODE.sub("``", text)) if not (REPOSITORY / page.parent / link).exists()
    ]


@of_every(PAGES)
def test_a_page_names_only_files_that_exist(page):
    assert missing(page) == []
