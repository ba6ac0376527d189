"""Replaying histories: whether workflows that run in production could go on with the code of this release.

``python -m operations replay FILE ..`` is the command for it; the histories of the tests are in ``tests/histories``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from adapters.temporal.client import DATA_CONVERTER
from adapters.temporal.messages import MessageCheck
from workers.kind import KindWorker
from workers.queues import workflow_types
from workers.sandbox import workflow_runner


async def replay(paths: Sequence[Path], kinds: Sequence[KindWorker[Any]]) -> dict[Path, str]:
    """Replay each history with the workflows of the engine and of these kinds; those that fail, with the reason.

    Raises:
        ValueError: a file is no history.
    """
    types = [each for queue in workflow_types(kinds).values() for each in queue]
    replayer = Replayer(
        workflows=types,
        workflow_runner=workflow_runner(kinds),
        data_converter=DATA_CONVERTER,
        interceptors=[MessageCheck()],
    )
    failed = {}
    for path in paths:
        history = WorkflowHistory.from_json(path.stem, path.read_text())
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            failed[path] = str(result.replay_failure)
    return failed
