"""``make replay``: the stored histories of all releases against the rules and workflows of today.

Fails where a workflow could not go on, where a version would be decided otherwise, and where a rule is in no history:
then nothing would show that a change of it is harmless to open bookings. ``python -m tests.workflows.replay``.
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

from domain.decide import ENGINE_RULES
from domain.kind import BookingKind
from tests.workflows.engine import KINDS
from tests.workflows.record import HISTORIES
from worker import leave
from workers.replay import HistoryReplay

STORED = sorted(HISTORIES.glob("*.json"))
Rule = tuple[str, str]
"""Module and name of a function of a rule."""


def history(path: Path) -> WorkflowHistory:
    """A stored history."""
    return WorkflowHistory.from_json(path.stem, path.read_text())


def rules_of(kinds: Iterable[BookingKind[Any]]) -> dict[CodeType, Rule]:
    """Every function of every module that has a rule of the engine or of these kinds, by its code."""
    rules = [*ENGINE_RULES.values(), *(rule for kind in kinds for rule in kind.rules.values())]
    modules = {sys.modules[rule.__module__] for rule in rules}
    return {each.__code__: (each.__module__, each.__name__) for module in modules for each in _functions(module)}


def _functions(module: ModuleType) -> Iterator[Any]:
    for _, each in inspect.getmembers(module, inspect.isfunction):
        if each.__module__ == module.__name__:
            yield each


@contextmanager
def seen_calls() -> Iterator[set[CodeType]]:
    """The code of each function that is called in a thread begun within the block; workflows are replayed in such."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    threading.setprofile(note)
    try:
        yield seen
    finally:
        threading.setprofile(None)


async def faults(paths: Iterable[Path], say: Callable[[str], None] = print) -> list[str]:
    """What is wrong, a line for each history or rule."""
    found = []
    with seen_calls() as called:
        replay = HistoryReplay(KINDS, UnsandboxedWorkflowRunner())
        for path in paths:
            fault = await replay.fault(history(path))
            say(f"{path.stem}: {fault or 'can go on'}")
            if fault:
                found.append(f"{path.stem}: {fault}")
    rules = rules_of(kind.kind for kind in KINDS)
    uncovered = sorted(rule for code, rule in rules.items() if code not in called)
    return found + [f"{module}.{name}: in no stored history" for module, name in uncovered]


def main() -> None:
    """Exit code 1 when something is wrong."""
    found = asyncio.run(faults(STORED))
    for line in found:
        print(line)
    leave(1 if found else 0)


if __name__ == "__main__":
    main()
