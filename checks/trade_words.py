"""The engine speaks of no kind's trade: no vehicle, car, mechanic, garage, pickup or drop in what it is made of.

Looked at are identifiers, texts and what clients read (docstrings of the API, pages, e-mails). Kinds, tests, the
development stack, benchmarks, docs and these checks may say what they like.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from checks.files import files, nodes_of, syntax_tree
from checks.names import words_of

_MAY = ("kinds", "tests", "devstack", "attack", "bench", "docs", "checks")
_SINGULAR = ("mechanic", "vehicle", "car", "garage", "pickup")
WORDS = frozenset([*_SINGULAR, *(f"{word}s" for word in _SINGULAR)])
_LEG = frozenset({"drop", "pickup_drop"})
"""As a whole text only: tables and caches drop things as well."""
_VERBS = frozenset({"drop"})
"""As a method, of MongoDB's driver for one."""
_NO_CODE = (".html", ".j2", ".js", ".css", ".typ")
ALLOWED = {
    ("domain/temporal_ui.py", "BookingMechanic"): "a published search attribute: saved searches name it",
    ("settings.py", "vehicle-service"): "the default of REVCARE_KIND",
}
"""(file, name) -> why it may stay."""


def problems(root: Path) -> list[str]:
    """A line for each word of a trade in the engine."""
    found = []
    for path in files(root, ".py", *_NO_CODE):
        if path.parts[0] not in _MAY:
            place = path.as_posix()
            for name, line in _names(root / path, in_api=path.parts[0] == "api"):
                said = WORDS & words_of(name) or _LEG & {name}
                if said and (place, name) not in ALLOWED:
                    short = " ".join(name.split())[:60]
                    found.append(f"{place}:{line}: {short!r} says {', '.join(sorted(said))}: that is a kind's word")
    return found


def _names(path: Path, *, in_api: bool) -> Iterator[tuple[str, int]]:
    if path.suffix in _NO_CODE:
        yield from ((text, number) for number, text in enumerate(path.read_text().splitlines(), start=1))
    else:
        yield from _of_python(syntax_tree(path), in_api=in_api)


def _of_python(tree: ast.Module, *, in_api: bool) -> Iterator[tuple[str, int]]:
    prose = set() if in_api else {id(node.value) for node in nodes_of(tree) if isinstance(node, ast.Expr)}
    for node in nodes_of(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                if name not in _VERBS:
                    yield name, node.lineno
            case ast.Constant(value=str(text)) if id(node) not in prose:
                yield text, node.lineno
            case ast.alias(name=name):
                yield name, 0
