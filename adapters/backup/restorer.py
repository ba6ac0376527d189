"""A restore, all or nothing: everything is prepared beside the live tables and collections, then both
stores are switched together.

The switch is PostgreSQL's commit. MongoDB's names change right before it and are changed back if it does not happen;
the transaction's id is on the disk before, so that whoever comes after a crash knows which of the two it was.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace

from adapters.backup.archive import Archive
from adapters.backup.documents import DocumentBackup
from adapters.backup.staging import Staging
from adapters.backup.switch import Switch
from domain.backups import Restored, RestoreOrder, State, Store
from domain.errors import Unavailable

Tell = Callable[[str], None]


class Restorer:
    """The steps of a restore; each may be repeated."""

    def __init__(self, archive: Archive, staging: Staging, switch: Switch, documents: DocumentBackup) -> None:
        self._archive = archive
        self._staging = staging
        self._switch = switch
        self._documents = documents

    async def stage(self, order: RestoreOrder, tell: Tell) -> None:
        """Check the archives and lay their content out; nothing that is live is touched.

        Raises:
            DamagedBackup: an archive is not what was written.
            NotFound: there is no such backup.
            Conflict: it does not fit this release.
        """
        await self._end_others(order)
        await self._note(
            order,
            state=State.RUNNING,
            postgresql_backup=order.postgresql_backup,
            mongodb_backup=order.mongodb_backup,
            keep_bookings=order.keep_bookings,
            asked_by=order.asked_by,
        )
        await self._told(order, tell, "checking the archives")
        parts = {
            store: await asyncio.to_thread(self._archive.check, name, store)
            for store, name in (
                (Store.POSTGRESQL, order.postgresql_backup),
                (Store.MONGODB, order.mongodb_backup),
            )
            if name
        }
        if Store.POSTGRESQL in parts:
            await self._told(order, tell, "laying the rows out beside the live ones")
            await self._staging.fill(*parts[Store.POSTGRESQL], order.name)
        if Store.MONGODB in parts:
            await self._told(order, tell, "laying the documents out beside the live ones")
            path, manifest = parts[Store.MONGODB]
            await self._documents.stage(path, manifest["documents"])

    async def switch(self, order: RestoreOrder, tell: Tell) -> Restored:
        """Make the staged content the live one. After a crash it is finished, or done from the start."""
        await self._told(order, tell, "switching")
        if (done := await self._earlier(order)) is not None:
            return await self._complete(order, done)
        if not order.postgresql_backup:
            await self._documents.forward()
            return await self._complete(order, Restored())
        if await self._documents.is_switched():
            await self._documents.back()
        return await self._complete(order, await self._switch_rows(order))

    async def clear(self, order: RestoreOrder) -> None:
        """Remove what was laid out. Where the switch did not happen, all is as it was before."""
        note = await asyncio.to_thread(self._archive.noted, order.name) or {}
        switched = bool(note.get("switched"))
        if not switched and (done := await self._earlier(order)) is not None:
            await self._complete(order, done)
            switched = True
        if not switched and await self._documents.is_switched():
            await self._documents.back()
        await self._documents.clear()
        await self._staging.clear()
        if switched:
            await self._note(order, state=State.COMPLETE, step="done")

    async def note_failure(self, name: str, why: str) -> None:
        """Let whoever asks know that nothing was restored."""
        note = await asyncio.to_thread(self._archive.noted, name) or {}
        if note.get("state") != State.COMPLETE:
            await asyncio.to_thread(self._archive.note, name, state=State.FAILED, error=why[:500])

    async def note_safety(self, order: RestoreOrder, backup: str) -> None:
        """Where the state from before the restore is kept."""
        await self._note(order, kept_before=backup)

    async def _switch_rows(self, order: RestoreOrder) -> Restored:
        async def before(transaction: str, found: Restored) -> None:
            await self._note(order, transaction=transaction, outcome=asdict(found))

        async def beside() -> None:
            if order.mongodb_backup:
                await self._documents.forward()

        try:
            return await self._switch.run(keep_bookings=order.keep_bookings, before=before, beside=beside)
        except BaseException:
            if await self._earlier(order) is None:
                await self._documents.back()
            raise

    async def _earlier(self, order: RestoreOrder) -> Restored | None:
        """What was committed for this restore, by whichever attempt."""
        note = await asyncio.to_thread(self._archive.noted, order.name) or {}
        if "transaction" in note and await self._is_committed(note["transaction"]):
            return Restored(**note["outcome"])
        return None

    async def _complete(self, order: RestoreOrder, done: Restored) -> Restored:
        if order.mongodb_backup:
            manifest = await asyncio.to_thread(self._archive.manifest, order.mongodb_backup) or {}
            names = sorted(manifest.get("documents", {}).get("collections", {}))
            done = replace(done, documents=await self._documents.counts(names))
        await self._note(order, switched=True, step="tidying up", outcome=asdict(done))
        return done

    async def _end_others(self, order: RestoreOrder) -> None:
        """A restore whose workflow was ended by force may have stopped anywhere: it is finished or taken back first."""
        for name in await asyncio.to_thread(self._archive.broken_off, order.name):
            note = await asyncio.to_thread(self._archive.noted, name) or {}
            await self.clear(RestoreOrder(name, note.get("postgresql_backup"), note.get("mongodb_backup")))
            await self.note_failure(name, "it was broken off")

    async def _is_committed(self, transaction: str) -> bool:
        """Wait for the verdict: a server may not know yet that the one who held the transaction is gone."""
        for _ in range(100):
            fate = await self._switch.fate(transaction)
            if fate != "in progress":
                return fate == "committed"
            await asyncio.sleep(0.2)
        raise Unavailable("the transaction of an earlier attempt is still open")

    async def _told(self, order: RestoreOrder, tell: Tell, step: str) -> None:
        tell(step)
        await self._note(order, step=step)

    async def _note(self, order: RestoreOrder, **facts: object) -> None:
        await asyncio.to_thread(self._archive.note, order.name, **facts)
