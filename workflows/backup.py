"""Backups and restores: long, observable, all or nothing."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.backups import BackupActivities
from domain.backups import BackupInput, Made, Restored, RestoreInput, named
from domain.errors import BookingError
from workflows import options

RESTORE_ID = "restore"
"""One restore at a time: they all have the same workflow id."""

_CANCELLED = "it was cancelled"


class _Progress:
    """The step that the Temporal UI and a query show."""

    def __init__(self) -> None:
        self._step = "queued"

    def _report(self, step: str) -> None:
        self._step = step
        workflow.set_current_details(step)


@workflow.defn(failure_exception_types=[BookingError])
class BackupWorkflow(_Progress):
    """One backup, of both stores unless told otherwise; then old backups are removed."""

    @workflow.run
    async def run(self, given: BackupInput | None = None) -> Made:
        given = given or BackupInput(_name("backup"), reason="daily")
        self._report(f"making {given.name}")
        made = await make(given)
        self._report(f"{given.name} is complete: {sum(made.sizes.values()) // 1000} kB; looking for old ones")
        removed = await workflow.execute_activity_method(
            BackupActivities.prune_backups, summary="remove old backups", **options.BACKUP_CLEANUP
        )
        self._report(
            f"{given.name} is complete: {sum(made.sizes.values()) // 1000} kB; {len(removed)} old ones were removed"
        )
        return made

    @workflow.query(description="What it is doing.")
    def step(self) -> str:
        return self._step


@workflow.defn(failure_exception_types=[BookingError])
class RestoreWorkflow(_Progress):
    """One restore: staged beside the live data, which is backed up, then switched in one step."""

    @workflow.run
    async def run(self, given: RestoreInput) -> Restored:
        given = given if given.name else replace(given, name=_name("restore"))
        failure: str | None = _CANCELLED
        try:
            restored = await self._restore(given)
            failure = None
            return restored
        except (ActivityError, BookingError) as failed:
            failure = _reason(failed)
            raise _cause(failed) from None
        finally:
            self._report("removing what was staged")
            await workflow.execute_activity_method(
                BackupActivities.clear_restore,
                args=[given, failure],
                summary="remove what was staged",
                **options.BACKUP_CLEANUP,
            )
            self._report(f"failed: {failure}" if failure else "done")

    @workflow.query(description="What it is doing.")
    def step(self) -> str:
        return self._step

    async def _restore(self, given: RestoreInput) -> Restored:
        self._report("checking the archives and staging them")
        await workflow.execute_activity_method(BackupActivities.stage_restore, given, summary="stage", **options.BACKUP)
        safety = BackupInput(_name("backup"), given.stores, given.asked_by, f"before {given.name}")
        self._report(f"backing up what will be replaced: {safety.name}")
        await make(safety)
        self._report("switching")
        return await workflow.execute_activity_method(
            BackupActivities.switch_restore, args=[given, safety.name], summary="switch", **options.BACKUP
        )


async def make(given: BackupInput) -> Made:
    """Make a backup; when that fails, the failure is stored with its reason."""
    try:
        return await workflow.execute_activity_method(
            BackupActivities.make_backup, given, summary=given.name, **options.BACKUP
        )
    except ActivityError as failed:
        await workflow.execute_activity_method(
            BackupActivities.mark_backup_failed,
            args=[given.name, _reason(failed)],
            summary="store the failure",
            **options.BACKUP_CLEANUP,
        )
        raise _cause(failed) from None


def _cause(failed: ActivityError | BookingError) -> BaseException:
    """A refusal as itself, anything else as the failed activity that it was."""
    inner = failed.cause if isinstance(failed, ActivityError) else None
    return inner if isinstance(inner, BookingError) else failed


def _reason(failed: ActivityError | BookingError) -> str:
    if is_cancelled_exception(failed):
        return _CANCELLED
    return str(failed.cause if isinstance(failed, ActivityError) else failed)


def _name(what: str) -> str:
    return named(what, workflow.now(), workflow.uuid4().hex)
