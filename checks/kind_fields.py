"""What a kind of booking says is read: each field of the objects that the engine asks a kind for is used by the engine.

The objects are the generic ones of every ``kind.py`` of the engine, and whatever their fields hold or their functions
answer. A field is used when something of its name is read in the engine or in a template, beside the checks of its own
class. Names are compared, not types: a field that shares its name with another is not found.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from checks.files import files, syntax_tree

_ENGINE = ("activities", "adapters", "api", "domain", "migrations", "operations", "workers", "workflows")
_PLACEHOLDER = re.compile(r"\.(\w+)")


def problems(root: Path) -> list[str]:
    """A line for each field of a kind's objects that nobody reads."""
    read = _read(root)
    return [
        f"{path}:{field.lineno}: {name}.{field.target.id} is asked of every kind, and nobody reads it"
        for name, path, definition in _asked(root)
        for field in _fields(definition)
        if isinstance(field.target, ast.Name) and field.target.id not in read
    ]


def _asked(root: Path) -> Iterator[tuple[str, Path, ast.ClassDef]]:
    """The classes of what a kind says, each with its name and file: from those of ``kind.py`` as far as they lead."""
    known = {
        node.name: (path, node)
        for path in _engine(root)
        for node in syntax_tree(root / path).body
        if isinstance(node, ast.ClassDef)
    }
    ahead = [
        name
        for name, (path, definition) in known.items()
        if path.name == "kind.py" and any(isinstance(base, ast.Subscript) for base in definition.bases)
    ]
    seen: set[str] = set()
    while ahead:
        name = ahead.pop()
        if name in known and name not in seen:
            seen.add(name)
            path, definition = known[name]
            yield name, path, definition
            ahead += [told for field in _fields(definition) for told in _told(field.annotation)]


def _fields(definition: ast.ClassDef) -> list[ast.AnnAssign]:
    return [node for node in definition.body if isinstance(node, ast.AnnAssign)]


def _told(annotation: ast.AST) -> Iterator[str]:
    """The names of an annotation but those of what the engine gives: parameters of functions, shapes to extend."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="type")):
            return
        case ast.Subscript(value=ast.Name(id="Callable"), slice=ast.Tuple(elts=[_, answer])):
            yield from _told(answer)
        case ast.Name(id=name):
            yield name
        case _:
            for part in ast.iter_child_nodes(annotation):
                yield from _told(part)


def _read(root: Path) -> set[str]:
    names = set()
    for path in _engine(root):
        tree = syntax_tree(root / path)
        own = {id(node) for check in _own_checks(tree) for node in ast.walk(check)}
        names |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in own
        }
    for path in files(root, ".j2"):
        names |= set(_PLACEHOLDER.findall((root / path).read_text()))
    return names


def _own_checks(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "__post_init__":
            yield node


def _engine(root: Path) -> Iterator[Path]:
    return (path for path in files(root, ".py") if path.parts[0] in _ENGINE or len(path.parts) == 1)
