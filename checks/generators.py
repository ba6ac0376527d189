"""No asynchronous generator holds what has to be awaited to be given back.

Whoever stops in the middle of ``async for`` closes nothing: a connection that the generator holds stays out until the
garbage collector finds it, in whichever thread that runs, and uvloop's transports may be closed in none but the loop's.
Who opens it is a context manager, and gives a generator that only reads.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from checks.files import files, nodes

_SHORT_LIVED = ("tests", "devstack", "bench", "attack", "checks")
"""Not looked at: what they leave open is closed when their process ends."""
_CONTEXT_MANAGER = "asynccontextmanager"
"""What ends the generator below it, however its block is left."""
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def problems(root: Path) -> list[str]:
    """A line for each generator that holds something open while it is read."""
    found = []
    for path in files(root, ".py"):
        if path.parts[0] not in _SHORT_LIVED:
            for name, line in _holding(nodes(root / path)):
                found.append(
                    f"{path.as_posix()}:{line}: {name} yields within `async with`: whoever stops reading leaves it open"
                )
    return found


def _holding(module: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    dependencies = {each.id for node in module for each in _given_to_fastapi(node)}
    for node in module:
        if isinstance(node, ast.AsyncFunctionDef) and node.name not in dependencies and not _is_context_manager(node):
            for held in _own(node.body):
                if isinstance(held, ast.AsyncWith) and any(isinstance(each, ast.Yield) for each in _own(held.body)):
                    yield node.name, held.lineno
                    break


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Everything in it that belongs to no function within."""
    for node in body:
        if not isinstance(node, _SCOPES):
            yield node
            yield from _own(ast.iter_child_nodes(node))


def _is_context_manager(function: ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(each).rpartition(".")[2] == _CONTEXT_MANAGER for each in function.decorator_list)


def _given_to_fastapi(node: ast.AST) -> Iterator[ast.Name]:
    """``Depends(these)``: FastAPI ends them after the request."""
    match node:
        case ast.Call(func=ast.Name(id="Depends"), args=[ast.Name() as given, *_]):
            yield given
