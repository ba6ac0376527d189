"""No file grows beyond what one reads at once: 250 lines in the product and its tools, 350 in the tests."""

from collections.abc import Mapping
from pathlib import Path

from checks.files import files

PRODUCT, TESTS = 250, 350
_SUFFIXES = (".py", ".js", ".css", ".html", ".j2", ".go", ".sh", ".typ")


def problems(root: Path) -> list[str]:
    """A line for each file that is too long."""
    return [f"{path}: {lines}" for path, lines in _too_long(root).items()]


def _too_long(root: Path) -> Mapping[str, str]:
    found = {}
    for path in files(root, *_SUFFIXES):
        limit = TESTS if path.parts[0] == "tests" else PRODUCT
        lines = len((root / path).read_text().splitlines())
        if lines > limit:
            found[path.as_posix()] = f"{lines} lines, at most {limit} are allowed"
    return found
