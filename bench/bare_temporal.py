"""The limit of moves: Temporal with nothing around it.

An update takes a lock, runs one local activity with one SQL statement, and answers. No HTTP, no sandbox, no rules, no
e-mails: whatever the product adds, it adds to this. ``python -m bench.bare_temporal`` is its worker.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from temporalio import activity, workflow
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.results import Round
from bench.stacks import Info, guarded, left_as_it_is, processor_seconds, spent

QUEUE = "bench-bare"
TABLE = """
    CREATE TABLE IF NOT EXISTS public.bench_moves (
        subject text, version int, note text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (subject, version)
    )
"""
_WRITE = "INSERT INTO public.bench_moves (subject, version, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_NOTE = "what a transition says " * 10


class Rows:
    """The one statement."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @activity.defn
    async def write_move(self, subject: str, version: int, note: str) -> None:
        """A row."""
        await self._pool.execute(_WRITE, subject, version, note)


@workflow.defn(name="BareWorkflow")
class BareWorkflow:
    """A subject that is moved so many times, then ends."""

    @workflow.init
    def __init__(self, subject: str, versions: int) -> None:
        self._subject, self._versions, self._version = subject, versions, 0
        self._lock = asyncio.Lock()

    @workflow.run
    async def run(self, subject: str, versions: int) -> None:
        """Until it was moved often enough."""
        await workflow.wait_condition(lambda: self._version >= self._versions and workflow.all_handlers_finished())

    @workflow.update
    async def move(self, note: str) -> int:
        """One version."""
        async with self._lock:
            await workflow.execute_local_activity_method(
                Rows.write_move,
                args=[self._subject, self._version + 1, note],
                start_to_close_timeout=timedelta(seconds=5),
            )
            self._version += 1
            return self._version


class Bare:
    """The limit, as one side of the comparison."""

    def __init__(self, info: Info, client: Client, worker: int) -> None:
        self._info, self._client, self._worker = info, client, worker
        self._turn = 0

    async def round(self, at_once: int, subjects: int, versions: int) -> Round:
        """``subjects`` are moved ``versions`` times each, ``at_once`` of them at any time."""
        self._turn += 1
        gate = asyncio.Semaphore(at_once)
        before, began = processor_seconds(self._info, bare=self._worker), time.perf_counter()
        await asyncio.gather(
            *(self._live(gate, f"bench-{self._turn}-{number}-{time.time_ns()}", versions) for number in range(subjects))
        )
        seconds = time.perf_counter() - began
        used = spent(before, processor_seconds(self._info, bare=self._worker))
        return Round(subjects * versions, seconds, used)

    async def _live(self, gate: asyncio.Semaphore, subject: str, versions: int) -> None:
        async with gate:
            start: WithStartWorkflowOperation[Any, None] = WithStartWorkflowOperation(
                BareWorkflow.run,
                args=[subject, versions],
                id=subject,
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
            await self._client.execute_update_with_start_workflow(
                BareWorkflow.move, _NOTE, start_workflow_operation=start
            )
            handle = self._client.get_workflow_handle(subject)
            for _ in range(versions - 1):
                await handle.execute_update(BareWorkflow.move, _NOTE)


@contextmanager
def bare_worker(info: Info) -> Iterator[int]:
    """A worker process of its own, as the product has; answers its process id."""
    own = [sys.executable, "-m", "bench.bare_temporal"]
    words = guarded(*own, info["temporal"], info["temporal_namespace"], info["postgres"])
    with Popen(words, cwd=Path(__file__).parents[1]) as process:  # noqa: S603 - our own module
        try:
            yield process.pid
        finally:
            process.kill()


async def _work(address: str, namespace: str, postgres: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    async with asyncpg.create_pool(postgres, min_size=1, max_size=10, reset=left_as_it_is) as pool:
        await pool.execute(TABLE)
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[BareWorkflow],
            activities=[Rows(pool).write_move],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_concurrent_workflow_tasks=50,
        ):
            await asyncio.Event().wait()  # it ends with the one that started it


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:4]))
    os._exit(0)
