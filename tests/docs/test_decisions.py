"""The index of decisions against the decisions."""

import re

from checks.files import REPOSITORY

FOLDER = REPOSITORY / "docs/decisions"
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (accepted|superseded by \d+) \| (.+) \|$", re.MULTILINE)


def test_the_index_lists_every_decision_with_its_title_in_order():
    rows = [(int(number), title, file) for number, title, file, _, _ in ROW.findall((FOLDER / "README.md").read_text())]
    expected = []
    for path in sorted(FOLDER.glob("0*.md")):
        number, title = re.findall(r"^# (\d+)\. (.+)$", path.read_text(), re.MULTILINE)[0]
        assert path.name.startswith(f"{int(number):04}-")
        expected.append((int(number), title, path.name))
    assert rows == expected
    assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1))


def test_every_decision_says_context_decision_and_costs():
    for path in FOLDER.glob("0*.md"):
        assert [
            part for part in ("**Context.**", "**Decision.** *", "**Costs.**") if part not in path.read_text()
        ] == [], path
