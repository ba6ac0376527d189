"""Backups and restores as stories: long, watched, all or nothing."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.backups import BackupActivities
from domain.backups import BackupOrder, Made, Restored, RestoreOrder, named
from domain.errors import BookingError
from workflows import options

RESTORE_ID = "restore"
"""One restore at a time: they all have the same workflow id."""

_CANCELLED = "it was cancelled"


class _Told:
    """What a story says of itself while it runs."""

    def __init__(self) -> None:
        self._step = "queued"

    def _tell(self, step: str) -> None:
        self._step = step
        workflow.set_current_details(step)


@workflow.defn(failure_exception_types=[BookingError])
class BackupWorkflow(_Told):
    """One backup, of both stores if nothing else is said; then what is too old goes."""

    @workflow.run
    async def run(self, order: BackupOrder | None = None) -> Made:
        order = order or BackupOrder(_name("backup"), reason="daily")
        self._tell(f"making {order.name}")
        made = await make(order)
        self._tell(f"{order.name} is whole: {sum(made.sizes.values()) // 1000} kB; looking for old ones")
        gone = await workflow.execute_activity_method(
            BackupActivities.prune_backups, summary="throw old ones away", **options.BACKUP_CHORE
        )
        self._tell(f"{order.name} is whole: {sum(made.sizes.values()) // 1000} kB; {len(gone)} old ones went")
        return made

    @workflow.query(description="What it is doing.")
    def step(self) -> str:
        return self._step


@workflow.defn(failure_exception_types=[BookingError])
class RestoreWorkflow(_Told):
    """One restore: prepared beside what lives, what it replaces backed up, then switched in one moment."""

    @workflow.run
    async def run(self, order: RestoreOrder) -> Restored:
        order = order if order.name else replace(order, name=_name("restore"))
        failure: str | None = _CANCELLED
        try:
            restored = await self._restore(order)
            failure = None
            return restored
        except (ActivityError, BookingError) as refused:
            failure = _words(refused)
            raise _meaning(refused) from None
        finally:
            self._tell("tidying up")
            await workflow.execute_activity_method(
                BackupActivities.clear_restore, args=[order, failure], summary="tidy up", **options.BACKUP_CHORE
            )
            self._tell(f"failed: {failure}" if failure else "done")

    @workflow.query(description="What it is doing.")
    def step(self) -> str:
        return self._step

    async def _restore(self, order: RestoreOrder) -> Restored:
        self._tell("checking the archives and laying them out")
        await workflow.execute_activity_method(
            BackupActivities.stage_restore, order, summary="prepare", **options.BACKUP
        )
        safety = BackupOrder(_name("backup"), order.stores, order.asked_by, f"before {order.name}")
        self._tell(f"backing up what will be replaced: {safety.name}")
        await make(safety)
        self._tell("switching")
        return await workflow.execute_activity_method(
            BackupActivities.switch_restore, args=[order, safety.name], summary="switch", **options.BACKUP
        )


async def make(order: BackupOrder) -> Made:
    """Make a backup; when it cannot be made, whoever asks for it is told so."""
    try:
        return await workflow.execute_activity_method(
            BackupActivities.make_backup, order, summary=order.name, **options.BACKUP
        )
    except ActivityError as refused:
        await workflow.execute_activity_method(
            BackupActivities.give_up_backup,
            args=[order.name, _words(refused)],
            summary="say so",
            **options.BACKUP_CHORE,
        )
        raise _meaning(refused) from None


def _meaning(refused: ActivityError | BookingError) -> BaseException:
    """A refusal as itself, anything else as the failed activity that it was."""
    inner = refused.cause if isinstance(refused, ActivityError) else None
    return inner if isinstance(inner, BookingError) else refused


def _words(refused: ActivityError | BookingError) -> str:
    if is_cancelled_exception(refused):
        return _CANCELLED
    return str(refused.cause if isinstance(refused, ActivityError) else refused)


def _name(what: str) -> str:
    return named(what, workflow.now(), workflow.uuid4().hex)
