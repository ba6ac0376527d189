"""Which modules a process loads, read from the import statements of its sources."""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from checks.files import nodes_of, syntax_tree


def closure(root: Path, starts: Iterable[str]) -> set[Path]:
    """The files below ``root`` that these files import, and what those import, with themselves."""
    found: set[Path] = set()
    waiting = [Path(start) for start in starts if (root / start).exists()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(root, syntax_tree(root / path))
    return found


def imported(root: Path, tree: ast.Module) -> list[Path]:
    """The files below ``root`` that a module imports, packages on the way included."""
    return [path for path in _candidates(tree) if (root / path).exists()]


@cache
def _candidates(tree: ast.Module) -> list[Path]:
    """Where a module's imports would be found. The processes share most modules, and each asks for their imports."""
    names: set[str] = set()
    for node in nodes_of(tree):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=str(module), names=aliases):
                names |= {module, *(f"{module}.{alias.name}" for alias in aliases)}
    parts = {tuple(name.split(".")[:length]) for name in names for length in range(1, name.count(".") + 2)}
    return [Path(*each).with_suffix(".py") for each in parts] + [Path(*each, "__init__.py") for each in parts]
