"""A restore, all or nothing: everything is prepared beside the live tables and collections, then both
stores are switched together.

The switch is PostgreSQL's commit. MongoDB's names change right before it and are changed back if it does not happen;
the transaction's id is on the disk before, so that whoever comes after a crash knows which of the two it was.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from adapters.backup.archive import Archive
from adapters.backup.erasing import Erased
from adapters.backup.mongodb import MongoBackup
from adapters.backup.staging import Staging
from adapters.backup.switch import Switch
from domain.backups import BackupStatus, Restored, RestoreInput, Store
from domain.errors import Unavailable

Tell = Callable[[str], None]


class Restorer:
    """The steps of a restore; each may be repeated."""

    def __init__(self, archive: Archive, staging: Staging, switch: Switch, documents: MongoBackup) -> None:
        self._archive = archive
        self._staging = staging
        self._switch = switch
        self._documents = documents

    async def stage(self, given: RestoreInput, tell: Tell) -> None:
        """Check the archives and lay their content out; nothing that is live is touched.

        Raises:
            DamagedBackup: an archive is not what was written.
            NotFound: there is no such backup.
            Conflict: it does not fit this release.
        """
        await self._end_others(given)
        await self._note(
            given,
            state=BackupStatus.RUNNING,
            postgresql_backup=given.postgresql_backup,
            mongodb_backup=given.mongodb_backup,
            keep_bookings=given.keep_bookings,
            asked_by=given.asked_by,
        )
        await self._told(given, tell, "checking the archives")
        parts = {
            store: await asyncio.to_thread(self._archive.check, name, store)
            for store, name in (
                (Store.POSTGRESQL, given.postgresql_backup),
                (Store.MONGODB, given.mongodb_backup),
            )
            if name
        }
        if Store.POSTGRESQL in parts:
            await self._told(given, tell, "laying the rows out beside the live ones")
            await self._staging.fill(*parts[Store.POSTGRESQL], given.name)
        if Store.MONGODB in parts:
            await self._told(given, tell, "laying the documents out beside the live ones")
            path, manifest = parts[Store.MONGODB]
            await self._documents.stage(path, manifest["documents"])

    async def switch(self, given: RestoreInput, tell: Tell) -> Restored:
        """Make the staged content the live one. After a crash it is finished, or done from the start."""
        await self._told(given, tell, "switching")
        if (done := await self._earlier(given)) is not None:
            return await self._complete(given, done)
        if not given.postgresql_backup:
            async with self._switch.nobody_leaves() as left:
                await self._documents.erase(left)
                await self._documents.forward()
            return await self._complete(given, Restored())
        if await self._documents.is_switched():
            await self._documents.back()
        return await self._complete(given, await self._switch_rows(given))

    async def clear(self, given: RestoreInput) -> None:
        """Remove what was laid out. Where the switch did not happen, all is as it was before."""
        note = await asyncio.to_thread(self._archive.noted, given.name) or {}
        switched = bool(note.get("switched"))
        if not switched and (done := await self._earlier(given)) is not None:
            await self._complete(given, done)
            switched = True
        if not switched and await self._documents.is_switched():
            await self._documents.back()
        await self._documents.clear()
        await self._staging.clear()
        if switched:
            await self._note(given, state=BackupStatus.COMPLETE, step="done")

    async def note_failure(self, name: str, why: str) -> None:
        """Let whoever asks know that nothing was restored."""
        note = await asyncio.to_thread(self._archive.noted, name) or {}
        if note.get("state") != BackupStatus.COMPLETE:
            await asyncio.to_thread(self._archive.note, name, state=BackupStatus.FAILED, error=why[:500])

    async def note_safety(self, given: RestoreInput, backup: str) -> None:
        """Where the state from before the restore is kept."""
        await self._note(given, kept_before=backup)

    async def _switch_rows(self, given: RestoreInput) -> Restored:
        async def before(transaction: str, found: Restored) -> None:
            await self._note(given, transaction=transaction, outcome=asdict(found))

        async def beside(left: Sequence[Erased]) -> None:
            if given.mongodb_backup:
                await self._documents.erase(left)
                await self._documents.forward()

        try:
            return await self._switch.run(keep_bookings=given.keep_bookings, before=before, beside=beside)
        except BaseException:
            if await self._earlier(given) is None:
                await self._documents.back()
            raise

    async def _earlier(self, given: RestoreInput) -> Restored | None:
        """What was committed for this restore, by whichever attempt."""
        note = await asyncio.to_thread(self._archive.noted, given.name) or {}
        if "transaction" in note and await self._is_committed(note["transaction"]):
            return Restored(**note["outcome"])
        return None

    async def _complete(self, given: RestoreInput, done: Restored) -> Restored:
        if given.mongodb_backup:
            manifest = await asyncio.to_thread(self._archive.manifest, given.mongodb_backup) or {}
            names = sorted(manifest.get("documents", {}).get("collections", {}))
            done = replace(done, documents=await self._documents.counts(names))
        await self._note(given, switched=True, step="tidying up", outcome=asdict(done))
        return done

    async def _end_others(self, given: RestoreInput) -> None:
        """A restore whose workflow was ended by force may have stopped anywhere: it is finished or taken back first."""
        for name in await asyncio.to_thread(self._archive.broken_off, given.name):
            note = await asyncio.to_thread(self._archive.noted, name) or {}
            await self.clear(RestoreInput(name, note.get("postgresql_backup"), note.get("mongodb_backup")))
            await self.note_failure(name, "it was broken off")

    async def _is_committed(self, transaction: str) -> bool:
        """Wait for the verdict: a server may not know yet that the one who held the transaction is gone."""
        for _ in range(100):
            fate = await self._switch.fate(transaction)
            if fate != "in progress":
                return fate == "committed"
            await asyncio.sleep(0.2)
        raise Unavailable("the transaction of an earlier attempt is still open")

    async def _told(self, given: RestoreInput, tell: Tell, step: str) -> None:
        tell(step)
        await self._note(given, step=step)

    async def _note(self, given: RestoreInput, **facts: object) -> None:
        await asyncio.to_thread(self._archive.note, given.name, **facts)
