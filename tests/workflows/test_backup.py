"""Backups and restores: in which given, and what is left when a step fails for good."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from domain.backups import BackupInput, RestoreInput, Store, is_name
from domain.errors import DamagedBackup, TooLarge
from tests.fakes.backups import FakeBackups
from tests.workflows.engine import Engine
from workflows.backup import BackupWorkflow, RestoreWorkflow
from workflows.booking.messages import BACKUPS_QUEUE

RESTORE = RestoreInput("restore-20261124T090000Z-07b1d3aa", "backup-20261124T061109Z-4f2a91c0", keep_bookings=True)


@pytest.fixture
async def backups(engine: Engine) -> AsyncIterator[FakeBackups]:
    """An empty one for each test."""
    kept = engine.backups
    yield kept
    kept.__init__()  # type: ignore[misc]


async def begun(engine: Engine, workflow_run: Any, *given: Any) -> WorkflowHandle[Any, Any]:
    return await engine.client.start_workflow(
        workflow_run, args=list(given), id=uuid.uuid4().hex, task_queue=BACKUPS_QUEUE
    )


async def test_the_clock_asks_for_both_stores_and_old_backups_go(engine: Engine, backups: FakeBackups):
    made = await (await begun(engine, BackupWorkflow.run)).result()
    assert is_name(made.name, "backup")
    assert set(made.sizes) == {"postgresql", "mongodb"}
    assert backups.steps == ["make daily", "prune"]


async def test_a_backup_that_may_not_be_made_is_refused_once_and_said_so(engine: Engine, backups: FakeBackups):
    backups.refusals["make"] = TooLarge("it has 501 MB")
    given = BackupInput("backup-20261124T061109Z-4f2a91c0", (Store.POSTGRESQL,))
    with pytest.raises(WorkflowFailureError) as failure:
        await (await begun(engine, BackupWorkflow.run, given)).result()
    assert isinstance(failure.value.cause, TooLarge)
    assert (backups.steps, backups.failed) == (["make asked for"], {given.name: "it has 501 MB"})


async def test_a_fault_is_tried_again(engine: Engine, backups: FakeBackups):
    backups.breaks["make"] = 1
    await (await begun(engine, BackupWorkflow.run)).result()
    assert backups.steps == ["make daily", "make daily", "prune"]


async def test_a_restore_prepares_then_backs_up_what_it_replaces_then_switches(engine: Engine, backups: FakeBackups):
    done = await (await begun(engine, RestoreWorkflow.run, RESTORE)).result()
    assert done.rows == {"users": 3}
    assert backups.steps == ["stage", f"make before {RESTORE.name}", "switch", "clear"]
    assert is_name(backups.safe_in[RESTORE.name], "backup")
    assert backups.failed == {}


@pytest.mark.parametrize(
    ("step", "so_far"), [("stage", ["stage"]), ("make", ["stage", f"make before {RESTORE.name}"])], ids=str
)
async def test_nothing_is_switched_when_a_step_before_it_is_refused(
    engine: Engine, backups: FakeBackups, step: str, so_far: list[str]
):
    backups.refusals[step] = DamagedBackup("its checksum differs")
    with pytest.raises(WorkflowFailureError) as failure:
        await (await begun(engine, RestoreWorkflow.run, RESTORE)).result()
    assert isinstance(failure.value.cause, DamagedBackup)
    assert backups.steps == [*so_far, "clear"]
    assert backups.failed[RESTORE.name] == "its checksum differs"


async def test_an_operator_may_leave_the_name_out(engine: Engine, backups: FakeBackups):
    await (await begun(engine, RestoreWorkflow.run, {"mongodb_backup": RESTORE.postgresql_backup})).result()
    assert [is_name(name, "restore") for name in backups.safe_in] == [True]
