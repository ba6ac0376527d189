"""``make replay``: the stored histories of all releases against the rules and workflows of today.

Of every kind of booking, those that only tests have as well. Fails where a workflow could not go on, where a version
would be decided otherwise, and where a rule is in no history: then nothing would show that a change of it is harmless
to open bookings. ``python -m tests.workflows.replay``.
"""

import asyncio
import inspect
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.decide import ENGINE_RULES, decide
from domain.kind import BookingKind
from kinds import load_layer
from tests.workflows.record import HISTORIES
from worker import leave
from workers.kind import KindWorker
from workers.replay import HistoryReplay

STORED = sorted(HISTORIES.glob("*.json"))
"""Of the engine and of visits."""

ROOT = Path(__file__).parents[2]
EVERYWHERE = sorted(ROOT.glob("tests/**/histories/*.json"))
"""Of all kinds."""
Rule = tuple[str, str]
"""Module and name of a function of a rule."""


def history(path: Path) -> WorkflowHistory:
    """A stored history."""
    return WorkflowHistory.from_json(path.stem, path.read_text())


def every_kind() -> list[KindWorker[Any]]:
    """What the kinds bring to a worker: those in ``kinds``, and those in ``tests/kinds``."""
    workers = [ROOT / "kinds", ROOT / "tests" / "kinds"]
    packages = [path.parent.relative_to(ROOT).parts for each in workers for path in sorted(each.glob("*/worker.py"))]
    return [load_layer(".".join(parts), "worker") for parts in packages]


def rules_of(kinds: Iterable[BookingKind[Any]]) -> dict[CodeType, Rule]:
    """Every function of every module that has a rule of the engine or of these kinds, by its code.

    Of a rule that was made of a change (``usual_rules``), the change counts, and the module that it is in.
    """
    rules = [*ENGINE_RULES.values(), *(rule for kind in kinds for rule in kind.rules.values())]
    makers = {rule.__module__ for rule in rules if "<locals>" in rule.__qualname__}
    parts = [part for rule in rules for part in (rule, *_changes(rule))]
    modules = {sys.modules[part.__module__] for part in parts if part.__module__ not in makers}
    functions = [*parts, *(each for module in modules for each in _functions(module))]
    return {each.__code__: (each.__module__, each.__name__) for each in functions}


def _changes(rule: Any) -> Iterator[Any]:
    yield from (cell.cell_contents for cell in rule.__closure__ or () if inspect.isfunction(cell.cell_contents))


def commands_of(kinds: Iterable[BookingKind[Any]]) -> set[Rule]:
    """Kind and name of every command of a kind: rules that were made the same way share their code."""
    return {(kind.name, command.__name__) for kind in kinds for command in kind.rules}


def _functions(module: ModuleType) -> Iterator[Any]:
    for _, each in inspect.getmembers(module, inspect.isfunction):
        if each.__module__ == module.__name__:
            yield each


@contextmanager
def seen_calls() -> Iterator[tuple[set[CodeType], set[Rule]]]:
    """The code of each function that is called in a thread begun within the block, and the commands that are decided.

    Workflows are replayed in such threads.
    """
    seen, decided = set[CodeType](), set[Rule]()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event != "call":
            return
        seen.add(frame.f_code)
        if frame.f_code is decide.__code__:
            decided.add((frame.f_locals["kind"].name, type(frame.f_locals["command"]).__name__))

    threading.setprofile(note)
    try:
        yield seen, decided
    finally:
        threading.setprofile(None)


async def faults(paths: Iterable[Path], say: Callable[[str], None] = print) -> list[str]:
    """What is wrong, a line for each history or rule."""
    found, kinds = [], every_kind()
    with seen_calls() as (called, decided):
        replay = HistoryReplay(kinds, UnsandboxedWorkflowRunner())
        for path in paths:
            fault = await replay.fault(history(path))
            say(f"{path.stem}: {fault or 'can go on'}")
            found += [f"{path.stem}: {fault}"] if fault else []
    described = [each.kind for each in kinds]
    uncovered = {rule for code, rule in rules_of(described).items() if code not in called}
    uncovered |= commands_of(described) - decided
    return found + [f"{where}.{name}: in no stored history" for where, name in sorted(uncovered)]


def main() -> None:
    """Exit code 1 when something is wrong."""
    found = asyncio.run(faults(EVERYWHERE))
    for line in found:
        print(line)
    leave(1 if found else 0)


if __name__ == "__main__":
    main()
