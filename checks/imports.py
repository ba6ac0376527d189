"""Which modules a process loads, read from the import statements of its sources."""

import ast
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from checks.files import nodes_of, syntax_tree


def closure(root: Path, starts: Iterable[str], known: dict[Path, list[Path]] | None = None) -> set[Path]:
    """The files below ``root`` that these files import, and what those import, with themselves.

    ``known``: the imports of modules that other closures have read; the processes share most of them.
    """
    known = {} if known is None else known
    found: set[Path] = set()
    waiting = [Path(start) for start in starts if (root / start).exists()]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            if path not in known:
                known[path] = imported(root, syntax_tree(root / path))
            waiting += known[path]
    return found


def imported(root: Path, tree: ast.Module) -> list[Path]:
    """The files below ``root`` that a module imports, packages on the way included."""
    return [Path(path) for path in _candidates(tree) if os.path.exists(f"{root}/{path}")]  # noqa: PTH110 - many


@cache
def _candidates(tree: ast.Module) -> list[str]:
    """Where a module's imports would be found, below the root: a path for each would be most of the work."""
    names: set[str] = set()
    for node in nodes_of(tree):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=str(module), names=aliases):
                names |= {module, *(f"{module}.{alias.name}" for alias in aliases)}
    parts = {"/".join(name.split(".")[:length]) for name in names for length in range(1, name.count(".") + 2)}
    return [f"{each}{ending}" for each in parts for ending in (".py", "/__init__.py")]
