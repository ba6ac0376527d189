"""Replay of histories without a server: could these workflows go on with this release, and was it decided as recorded?

A replay compares the commands of a workflow with its history. A rule that changed may give the same commands with other
amounts; what ``project`` has written into history shows that (``workflows.booking.written``).
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner

from adapters.temporal.client import DATA_CONVERTER
from adapters.temporal.messages import MessageCheck
from workers.build import build_id
from workers.kind import KindWorker
from workers.queues import workflow_types
from workers.sandbox import workflow_runner
from workflows.booking.written import DECIDED_OTHERWISE

_TOO_SLOW = "TMPRL1101"
"""A workflow task took more than two seconds: of a replay that tells something about the machine, not the history."""
_TRIES = 3


class HistoryReplay:
    """Replays histories with the workflows of these kinds and of the engine."""

    def __init__(self, kinds: Sequence[KindWorker[Any]], runner: WorkflowRunner | None = None) -> None:
        self._workflows = [each for queue in workflow_types(kinds).values() for each in queue]
        self._by_type = {each.__name__: each for each in self._workflows}
        self._by_type |= {kind.kind.workflow: kind.workflow for kind in kinds}
        self._runner = runner or workflow_runner(kinds)

    def _replayer(self, history: WorkflowHistory) -> Replayer:
        """For the type of this history alone: the sandbox loads anew, for each history, what a replayer knows."""
        started = history.events[0].workflow_execution_started_event_attributes if history.events else None
        known = started and self._by_type.get(started.workflow_type.name)
        return Replayer(
            workflows=[known] if known else self._workflows,
            workflow_runner=self._runner,
            data_converter=DATA_CONVERTER,
            interceptors=[MessageCheck()],
            build_id=build_id(),
        )

    async def fault(self, history: WorkflowHistory) -> str | None:
        """Why this workflow could not go on, or what was decided otherwise (booking, version, fields); else None."""
        for _ in range(_TRIES):
            with _differences() as found:
                result = await self._replayer(history).replay_workflow(history, raise_on_replay_failure=False)
            if result.replay_failure is None:
                return found[0] if found else None
            if _TOO_SLOW not in str(result.replay_failure):
                break
        return str(result.replay_failure)


async def replay(paths: Sequence[Path], kinds: Sequence[KindWorker[Any]]) -> dict[Path, str]:
    """Replay each history; those that fail or that this release decides otherwise, with the reason.

    Raises:
        ValueError: a file is no history.
    """
    replay_of = HistoryReplay(kinds)
    found = {path: await replay_of.fault(WorkflowHistory.from_json(path.stem, path.read_text())) for path in paths}
    return {path: fault for path, fault in found.items() if fault is not None}


class _Listener(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == DECIDED_OTHERWISE:
            self._found.append(record.getMessage())


@contextmanager
def _differences() -> Iterator[list[str]]:
    """What the workflows say about versions that were decided otherwise, as long as the block runs."""
    found: list[str] = []
    listener, logger = _Listener(found), logging.getLogger("temporalio.workflow")
    logger.addHandler(listener)
    try:
        yield found
    finally:
        logger.removeHandler(listener)
