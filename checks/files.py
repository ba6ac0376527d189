"""The files of a checkout: everything that is written by hand, without tools' folders and data."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
_SKIPPED = frozenset({"__pycache__", "build", "dist", "node_modules"})
_DATA = ("uploads", "backups", "tests/histories")


def files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Paths relative to ``root``, in order, of these suffixes or of all; folders that begin with a dot are left out."""
    found = []
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and name not in _SKIPPED and (here / name).as_posix() not in _DATA
        ]
        found += [here / name for name in names]
    return iter(sorted(path for path in found if not suffixes or path.suffix in suffixes))


def syntax_tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return _parsed(path.read_text())


def nodes(path: Path) -> list[ast.AST]:
    """Every node of its syntax tree."""
    return nodes_of(syntax_tree(path))


@cache
def nodes_of(tree: ast.Module) -> list[ast.AST]:
    """The same of a tree that was read already. Several checks look through the same modules."""
    return list(ast.walk(tree))


@cache
def _parsed(source: str) -> ast.Module:
    # All checks read the same sources; parsing is most of their work.
    return ast.parse(source)
