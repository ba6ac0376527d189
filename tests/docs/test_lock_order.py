"""The page of the lock order names every file that locks rows on purpose."""

import re

from checks.files import REPOSITORY, files

PAGE = (REPOSITORY / "docs/lock-order.md").read_text()
LOCKS = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b|\bFOR (?:KEY )?SHARE\b|\bpg_advisory\w+\(|\bLOCK TABLE\b")
PRODUCT = ("activities", "adapters", "api", "domain", "kinds", "migrations", "workers", "workflows")


def test_every_file_that_locks_rows_is_on_the_page():
    locking = [
        path.as_posix()
        for path in files(REPOSITORY, ".py")
        if path.parts[0] in PRODUCT and LOCKS.search((REPOSITORY / path).read_text())
    ]
    assert len(locking) >= 10
    assert [path for path in locking if f"`{path}`" not in PAGE] == []
