"""Backups made, old ones thrown away, a restore step by step. Long work: it says every two seconds that it lives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from temporalio import activity

from domain.backups import BackupOrder, Made, Restored, RestoreOrder

_BEAT_SECONDS = 2.0
Tell = Callable[[str], None]


class BackupMaker(Protocol):
    """Who makes backups. ``tell`` takes what is being done, for those who watch."""

    async def make(self, order: BackupOrder, tell: Tell) -> Made:
        """Whole or not at all; quiet the second time. Refuses with TooLarge."""

    async def note_failure(self, name: str, why: str) -> None:
        """There will be no such backup."""

    async def prune(self) -> list[str]:
        """Throw away what is too old; answers the names."""


class BackupRestorer(Protocol):
    """Who brings one back."""

    async def stage(self, order: RestoreOrder, tell: Tell) -> None:
        """Check and lay out; refuses with DamagedBackup, NotFound or Conflict before anything is touched."""

    async def note_safety(self, order: RestoreOrder, backup: str) -> None:
        """The state from before is kept in that backup."""

    async def switch(self, order: RestoreOrder, tell: Tell) -> Restored:
        """All or nothing; quiet the second time."""

    async def clear(self, order: RestoreOrder) -> None:
        """Remove what was laid out; what did not happen is undone."""

    async def note_failure(self, name: str, why: str) -> None:
        """Nothing was restored."""


class BackupActivities:
    """Both sides."""

    def __init__(self, maker: BackupMaker, restorer: BackupRestorer) -> None:
        self._maker = maker
        self._restorer = restorer

    @activity.defn
    async def make_backup(self, order: BackupOrder) -> Made:
        """Dump and export into one backup."""
        async with _alive() as tell:
            return await self._maker.make(order, tell)

    @activity.defn
    async def give_up_backup(self, name: str, why: str) -> None:
        """Say that it failed."""
        await self._maker.note_failure(name, why)

    @activity.defn
    async def prune_backups(self) -> list[str]:
        """Apply the retention."""
        return await self._maker.prune()

    @activity.defn
    async def stage_restore(self, order: RestoreOrder) -> None:
        """Prepare everything beside what lives."""
        async with _alive() as tell:
            await self._restorer.stage(order, tell)

    @activity.defn
    async def switch_restore(self, order: RestoreOrder, safety: str) -> Restored:
        """The moment itself. ``safety`` is the backup of what it replaces."""
        async with _alive() as tell:
            await self._restorer.note_safety(order, safety)
            return await self._restorer.switch(order, tell)

    @activity.defn
    async def clear_restore(self, order: RestoreOrder, failure: str | None) -> None:
        """Tidy up, after success and failure alike."""
        async with _alive():
            await self._restorer.clear(order)
            if failure is not None:
                await self._restorer.note_failure(order.name, failure)


@asynccontextmanager
async def _alive() -> AsyncIterator[Tell]:
    """Heartbeats while the block runs; the function it gives changes what they say."""
    doing = ["starting"]

    async def beat() -> None:
        while True:
            activity.heartbeat(doing[0])
            await asyncio.sleep(_BEAT_SECONDS)

    def tell(what: str) -> None:
        doing[0] = what

    beating = asyncio.create_task(beat())
    try:
        yield tell
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
