"""Where each process of ``pytest -n`` begins to look for tests."""

from itertools import accumulate
from pathlib import Path


def begun_elsewhere(folder: Path, number: int, processes: int) -> list[str]:
    """All files and folders of ``folder`` that have tests, as words for pytest; the first are those at which process
    ``number`` of so many is to begin, so that all have as many test files before them as behind."""
    counted = [(str(part), _tests(part)) for part in sorted(folder.iterdir())]
    names = [part for part, files in counted if files]
    before = [0, *accumulate(files for _, files in counted if files)]
    first = next(at for at, files in enumerate(before) if files * processes >= before[-1] * number)
    return names[first:] + names[:first]


def _tests(part: Path) -> int:
    """How many files of tests there are."""
    return len(list(part.rglob("test_*.py"))) if part.is_dir() else part.match("test_*.py")
