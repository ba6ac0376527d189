"""Names are words of the field: the words of a list are refused in identifiers, file names and stored names.

Looked at are the names that sources, makefiles and settings define, names of files and folders, and texts that are
names themselves: of log entries, activities, tables (in statements as well), channels, keys. Prose is not. Below
``kinds/`` a word of the trade may stand.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from checks.files import files, syntax_tree

_SINGULAR = [
    "story",
    "deed",
    "chore",
    "complain",
    "haunted",
    "till",
    "courier",
    "crew",
    "shelf",
    "door",
    "attic",
    "errand",
    "desk",
    "ticket",
    "vouch",
    "distrust",
    "glance",
    "neighbour",
    "spoilt",
    "paper",
    "perishable",
    "letter",
    "guess",
    "aftercare",
    "vault",
    "leash",
]
_PLURAL = ("stories", "shelves", "guesses", "crews", "vouches", "leashes", "glances")
FORBIDDEN = frozenset([*_SINGULAR, *(f"{word}s" for word in _SINGULAR), *_PLURAL])
FIXED = frozenset({"ServiceOnShelf", "ShelfRow", "explanation_letter"})
"""Published names: schemas of ``docs/openapi.json``, and a field of Razorpay's disputes."""

_TRADE = ("kinds/", "tests/kinds/")
_OWN = ("checks/names.py", "tests/checks/test_names.py")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NAME = re.compile(r"[A-Za-z_][\w.:/-]*")
_STORED = re.compile(r"\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b")
_IN_STATEMENT = re.compile(
    r"\b(?:TABLE|FROM|INTO|UPDATE|JOIN|INDEX|SEQUENCE|TRIGGER|FUNCTION|CHANNEL|NOTIFY|LISTEN)"
    r"\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:\w+\.)?([a-z]\w*)"
)
_JAVASCRIPT_PROSE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL
)
_TEMPLATE_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\b(?:id|class|name|for|data-[\w-]+)=\"[^\"]*\"", re.DOTALL)
_KEY = re.compile(r"^\s*(?:- )?\[*([\w.-]+)\]*\s*(?:[:=]|$)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*")
_JSON_KEY = re.compile(r"\"([A-Za-z_][\w.-]*)\"\s*:")
_ASSIGNED = re.compile(r"^\s*(?:export |ENV |ARG |local )?([A-Za-z_][\w-]*)\s*(?:\(\)|[:+?]?=|:(?!=))", re.MULTILINE)
_GO_DEFINED = re.compile(r"\b(?:func|type|var|const)\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*:=")


def problems(root: Path) -> list[str]:
    """A line for each forbidden word, with the name that it is part of."""
    found = []
    for path in files(root):
        place = path.as_posix()
        if not place.startswith(_TRADE) and place not in _OWN:
            for name, line in [*((part, 0) for part in path.parts), *_names(root / path)]:
                if name not in FIXED and (words := FORBIDDEN.intersection(words_of(name))):
                    found.append(f"{place}:{line}: {name!r} says {', '.join(sorted(words))}: use a word of the field")
    return found


def words_of(name: str) -> set[str]:
    """The words of a name in snake_case, kebab-case, CamelCase or with dots, in lower case."""
    return {part.lower() for part in _PARTS.findall(name)}


def _names(path: Path) -> Iterator[tuple[str, int]]:
    match path.suffix:
        case ".py":
            yield from _of_python(syntax_tree(path))
        case ".js":
            yield from _found(_WORD, _blanked(_JAVASCRIPT_PROSE, path.read_text()))
        case ".html" | ".j2":
            for code in _TEMPLATE_CODE.finditer(path.read_text()):
                yield from ((word, 0) for word in _WORD.findall(code[0]))
        case ".yml" | ".yaml" | ".toml" | ".css":
            yield from _found(_KEY, path.read_text())
        case ".json" if not path.name.startswith("openapi"):
            yield from _found(_JSON_KEY, path.read_text())
        case ".sh":
            yield from _found(_ASSIGNED, path.read_text())
        case ".go":
            yield from _found(_GO_DEFINED, path.read_text())
        case "" if path.name in {"Makefile", "Dockerfile"}:
            yield from _found(_ASSIGNED, path.read_text())


def _of_python(tree: ast.Module) -> Iterator[tuple[str, int]]:
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.alias(asname=str(name)) | ast.keyword(arg=str(name)):
                yield name, node.lineno
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node.lineno
            case ast.ImportFrom(names=names):
                # An own name is found where it is defined; these are the names of packages, and stay theirs.
                yield from ((alias.name, node.lineno) for alias in names if alias.name in FORBIDDEN)
            case ast.Constant(value=str(text)) if id(node) not in prose:
                yield from ((name, node.lineno) for name in _in_text(text))


def _in_text(text: str) -> Iterator[str]:
    """The names in a text: itself, when it is one, else whatever is written as only names are."""
    if _NAME.fullmatch(text):
        yield text
    else:
        yield from dict.fromkeys([*_STORED.findall(text), *_IN_STATEMENT.findall(text)])


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int]]:
    for hit in pattern.finditer(text):
        yield hit[hit.lastindex or 0], text.count("\n", 0, hit.start()) + 1


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda hit: "\n" * hit[0].count("\n"), text)
