"""Backups, their retention, and the steps of a restore. Long work, with a heartbeat every two seconds."""

from typing import Protocol

from temporalio import activity

from activities.heartbeats import Tell, heartbeats
from domain.backups import BackupInput, Made, Restored, RestoreInput


class BackupMaker(Protocol):
    """Makes backups. ``tell`` takes what is being done, for heartbeats."""

    async def make(self, given: BackupInput, tell: Tell) -> Made:
        """Complete or not at all; a repeat changes nothing. Refuses with TooLarge."""

    async def note_failure(self, name: str, why: str) -> None:
        """Store that this backup failed."""

    async def prune(self) -> list[str]:
        """Remove old backups; answers their names."""


class BackupRestorer(Protocol):
    """Restores a backup."""

    async def stage(self, given: RestoreInput, tell: Tell) -> None:
        """Check and stage; refuses with DamagedBackup, NotFound or Conflict before anything is touched."""

    async def note_safety(self, given: RestoreInput, backup: str) -> None:
        """Store which backup holds the state from before."""

    async def switch(self, given: RestoreInput, tell: Tell) -> Restored:
        """All or nothing; a repeat changes nothing."""

    async def clear(self, given: RestoreInput) -> None:
        """Remove what was staged; a switch that was interrupted is undone."""

    async def note_failure(self, name: str, why: str) -> None:
        """Store that this restore failed."""


class BackupActivities:
    """Backup and restore."""

    def __init__(self, maker: BackupMaker, restorer: BackupRestorer) -> None:
        self._maker = maker
        self._restorer = restorer

    @activity.defn
    async def make_backup(self, given: BackupInput) -> Made:
        """Dump and export into one backup."""
        async with heartbeats() as tell:
            return await self._maker.make(given, tell)

    @activity.defn
    async def mark_backup_failed(self, name: str, why: str) -> None:
        """Store that it failed, with the reason."""
        await self._maker.note_failure(name, why)

    @activity.defn
    async def prune_backups(self) -> list[str]:
        """Apply the retention."""
        return await self._maker.prune()

    @activity.defn
    async def stage_restore(self, given: RestoreInput) -> None:
        """Stage everything beside the live data."""
        async with heartbeats() as tell:
            await self._restorer.stage(given, tell)

    @activity.defn
    async def switch_restore(self, given: RestoreInput, safety: str) -> Restored:
        """Replace the live data. ``safety`` is the backup of what is replaced."""
        async with heartbeats() as tell:
            await self._restorer.note_safety(given, safety)
            return await self._restorer.switch(given, tell)

    @activity.defn
    async def clear_restore(self, given: RestoreInput, failure: str | None) -> None:
        """Remove what was staged, after success and failure alike."""
        async with heartbeats():
            await self._restorer.clear(given)
            if failure is not None:
                await self._restorer.note_failure(given.name, failure)
