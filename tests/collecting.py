"""How each process of ``pytest -n`` looks for tests, and what it tells of them."""

from itertools import accumulate
from pathlib import Path

SERVERS_FILE = "servers"
"""Under this name each process is told a file: the first writes into it which servers the tests ask for."""


def begun_elsewhere(folder: Path, number: int, processes: int) -> list[str]:
    """All files and folders of ``folder`` that have tests, as words for pytest; the first are those at which process
    ``number`` of so many is to begin, so that all have as many test files before them as behind."""
    parts = {str(part): _tests(part) for part in sorted(folder.iterdir()) if _tests(part)}
    before = [0, *accumulate(parts.values())]
    first = next(at for at, files in enumerate(before) if files * processes >= before[-1] * number)
    names = list(parts)
    return names[first:] + names[:first]


def _tests(part: Path) -> int:
    """How many files of tests there are."""
    return len(list(part.rglob("test_*.py"))) if part.is_dir() else part.match("test_*.py")
