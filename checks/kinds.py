"""The engine names no kind of booking: kinds are found by the list in ``kinds/__init__.py`` and by ``REVCARE_KIND``.

A kind is named by importing its package, or by its name in any spelling in an identifier, a text of the code, the name
of a file or folder, or anywhere in a template, script or statement. Docstrings and comments may name one as an example.
Kinds, tests, the development stack, benchmarks and docs may do so.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from checks.files import files, nodes_of, syntax_tree

_MAY = ("kinds", "tests", "devstack", "attack", "bench", "docs", "checks")
_TEXTS = (".html", ".j2", ".js", ".css", ".sql", ".mako")
_PACKAGE = re.compile(r"kinds\.\w")
_SETTING = ("settings.py", "kind")
"""The default of ``REVCARE_KIND``: the one place that names a kind."""


def problems(root: Path) -> list[str]:
    """A line for each module of the engine that names a kind."""
    found: dict[str, str] = {}
    spelled = _spellings(root)
    for path in files(root, ".py", *_TEXTS):
        place = path.as_posix()
        if path.parts[0] not in _MAY:
            for name, line in [*((part, 0) for part in path.parts), *_of_file(root / path, place)]:
                if spelled.search(name) or _PACKAGE.search(name):
                    found.setdefault(place, f"{place}:{line}: {name!r} names a kind of booking; the engine knows none")
    return list(found.values())


def _of_file(path: Path, place: str) -> Iterator[tuple[str, int]]:
    if path.suffix == ".py":
        yield from _names(syntax_tree(path), place)
    else:
        yield from ((text, line) for line, text in enumerate(path.read_text().splitlines(), 1))


def _spellings(root: Path) -> re.Pattern[str]:
    """The names of the kinds that stand here and in the tests: vehicle_service, vehicle-service, VehicleService."""
    packages = [*root.glob("kinds/*/__init__.py"), *root.glob("tests/kinds/*/__init__.py")]
    names = {path.parent.name.replace("_", "[_-]?") for path in packages}
    return re.compile("|".join(sorted(names)) or r"(?!)", re.IGNORECASE)


def _names(tree: ast.Module, place: str) -> Iterator[tuple[str, int]]:
    passed = {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)} | _default(tree, place)
    for node in nodes_of(tree):
        match node:
            case ast.Import(names=names):
                yield from ((name, node.lineno) for alias in names for name in (alias.name, alias.asname or ""))
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((f"{module}.{alias.name}", node.lineno) for alias in names)
                yield from ((alias.asname, node.lineno) for alias in names if alias.asname)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name, node.lineno
            case ast.Constant(value=str(text)) if id(node) not in passed:
                yield text, node.lineno


def _default(tree: ast.Module, place: str) -> set[int]:
    """The text that is the default of the setting, if this is its module."""
    return {
        id(constant)
        for node in nodes_of(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None
        if (place, node.target.id) == _SETTING
        for constant in ast.walk(node.value)
    }
