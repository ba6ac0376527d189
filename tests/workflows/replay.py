"""``make replay``: the stored histories of all releases against the rules and workflows of today.

Of every kind of booking, those that only tests have as well. Fails where a workflow could not go on, where a version
would be decided otherwise, and where a rule is in no history: then nothing would show that a change of it is harmless
to open bookings. ``python -m tests.workflows.replay``.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, cast
from unittest.mock import patch

from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowRunner

from domain.commands import Command
from domain.decide import ENGINE_RULES
from domain.kind import BookingKind
from domain.lifecycle import Transition
from kinds import load_layer
from tests.workflows.record import HISTORIES
from worker import leave
from workers.kind import KindWorker
from workers.replay import HistoryReplay
from workers.task_boundaries import ReplayableRunner

STORED = sorted(HISTORIES.glob("*.json"))
"""Of the engine and of visits."""

ROOT = Path(__file__).parents[2]
EVERYWHERE = sorted(ROOT.glob("tests/**/histories/*.json"))
"""Of all kinds."""
Rule = tuple[str, str]
"""Module and name of a function of a rule."""


@cache
def history(path: Path) -> WorkflowHistory:
    """A stored history, read once for all who look at it: it is not to be changed."""
    return WorkflowHistory.from_json(path.stem, path.read_text())


def every_kind() -> list[KindWorker[Any]]:
    """What the kinds bring to a worker: those in ``kinds``, and those in ``tests/kinds``."""
    workers = [ROOT / "kinds", ROOT / "tests" / "kinds"]
    packages = [path.parent.relative_to(ROOT).parts for each in workers for path in sorted(each.glob("*/worker.py"))]
    return [load_layer(".".join(parts), "worker") for parts in packages]


def functions_of(kinds: Iterable[BookingKind[Any]]) -> dict[CodeType, FunctionType]:
    """Every function of every module that has a rule of the engine or of these kinds, by its code.

    Of a rule that was made of a change (``usual_rules``), the change counts, and the module that it is in.
    """
    rules = [*ENGINE_RULES.values(), *(rule for kind in kinds for rule in kind.rules.values())]
    makers = {rule.__module__ for rule in rules if "<locals>" in rule.__qualname__}
    parts = [part for rule in rules for part in (rule, *_changes(rule))]
    modules = {sys.modules[part.__module__] for part in parts if part.__module__ not in makers}
    functions = [*parts, *(each for module in modules for each in _functions(module))]
    return {each.__code__: each for each in functions}


def _changes(rule: Any) -> Iterator[Any]:
    yield from (cell.cell_contents for cell in rule.__closure__ or () if inspect.isfunction(cell.cell_contents))


def commands_of(kinds: Iterable[BookingKind[Any]]) -> set[Rule]:
    """Kind and name of every command of a kind: rules that were made the same way share their code."""
    return {(kind.name, command.__name__) for kind in kinds for command in kind.rules}


def _functions(module: ModuleType) -> Iterator[Any]:
    for _, each in inspect.getmembers(module, inspect.isfunction):
        if each.__module__ == module.__name__:
            yield each


def _stand_in(*args: Any, **named: Any) -> Any:
    watched: Any = "watched"
    return watched(*args, **named)


def _code_that_calls(watched: Callable[..., Any]) -> CodeType:
    """Code for any function: it needs nothing of the function's module, for what it calls is one of its constants."""
    code = _stand_in.__code__
    return code.replace(co_consts=tuple(watched if each == "watched" else each for each in code.co_consts))


@dataclass(frozen=True, slots=True)
class Step:
    """What a rule has granted: to which kind of booking (of the engine's rules: empty), in which status."""

    kind: str
    before: str
    command: Command
    done: Transition
    after: Any


@dataclass(frozen=True, slots=True)
class Seen:
    """What replays have gone through: the code of each function of a rule, the commands decided, and what was granted.

    The functions are watched themselves, for Python runs several times slower where calls are traced.
    """

    called: set[CodeType] = field(default_factory=set)
    decided: set[Rule] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def of(self, kinds: Collection[BookingKind[Any]]) -> Iterator[None]:
        """Adds what happens within the block to the rules of the engine and of these kinds."""
        tables = [("", ENGINE_RULES), *((kind.name, kind.rules) for kind in kinds)]
        functions = [each for each in functions_of(kinds).values() if each.__closure__ is None]
        with ExitStack() as stack:
            for name, rules in tables:
                watched = {command: self._deciding((name, command.__name__), rule) for command, rule in rules.items()}
                stack.enter_context(patch.dict(cast(dict[Any, Any], rules), watched))
            for function in functions:
                stack.enter_context(self._calls_of(function))
            yield

    def _deciding(self, command: Rule, rule: Any) -> Callable[..., Any]:
        code = rule.__code__

        def watched(booking: Any, asked: Command, *args: Any) -> Any:
            self.decided.add(command)
            self.called.add(code)
            before = str(booking.status)
            done = rule(booking, asked, *args)
            self.steps.append(Step(command[0], before, asked, done, booking))
            return done

        return watched

    @contextmanager
    def _calls_of(self, function: FunctionType) -> Iterator[None]:
        """By its code, since whoever has imported the function by name holds the function itself."""
        code = function.__code__
        original = FunctionType(code, function.__globals__, function.__name__, function.__defaults__)
        original.__kwdefaults__ = function.__kwdefaults__

        def watched(*args: Any, **named: Any) -> Any:
            self.called.add(code)
            return original(*args, **named)

        function.__code__ = _code_that_calls(watched)
        try:
            yield
        finally:
            function.__code__ = code

    def missing(self, kinds: Collection[BookingKind[Any]]) -> list[str]:
        """A line for each rule and command of the engine and of these kinds that was not gone through."""
        uncalled = [each for code, each in functions_of(kinds).items() if code not in self.called]
        uncovered = {(each.__module__, each.__name__) for each in uncalled}
        uncovered |= commands_of(kinds) - self.decided
        return [f"{where}.{name}: in no stored history" for where, name in sorted(uncovered)]


class Replayed:
    """Each history replayed once, for all who look at it."""

    def __init__(self, kinds: Sequence[KindWorker[Any]], runner: WorkflowRunner) -> None:
        self.kinds, self.seen = [each.kind for each in kinds], Seen()
        self._replay = HistoryReplay(kinds, runner)
        self._faults: dict[Path, str | None] = {}

    async def fault(self, path: Path) -> str | None:
        if path not in self._faults:
            with self.seen.of(self.kinds):
                self._faults[path] = await self._replay.fault(history(path))
        return self._faults[path]


@cache
def replayed() -> Replayed:
    """As the product serves; for all files of tests (``REPLAYED`` of ``tests.scheduling``)."""
    return Replayed(every_kind(), ReplayableRunner())


async def faults(paths: Iterable[Path], say: Callable[[str], None] = print) -> list[str]:
    """What is wrong, a line for each history or rule."""
    found, kinds, seen = [], every_kind(), Seen()
    described = [each.kind for each in kinds]
    with seen.of(described):
        replay = HistoryReplay(kinds, ReplayableRunner())
        for path in paths:
            fault = await replay.fault(history(path))
            say(f"{path.stem}: {fault or 'can go on'}")
            found += [f"{path.stem}: {fault}"] if fault else []
    return found + seen.missing(described)


def main() -> None:
    """Exit code 1 when something is wrong."""
    found = asyncio.run(faults(EVERYWHERE))
    for line in found:
        print(line)
    leave(1 if found else 0)


if __name__ == "__main__":
    main()
