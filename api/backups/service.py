"""Backups and restores: recorded in the archive, then started as workflows. The API waits for neither."""

import uuid
from asyncio import sleep, to_thread
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import text
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from adapters.backup.catalogue import Catalogue
from adapters.pages import Slice
from adapters.postgres.database import Database
from api.dependencies import OpenResources
from domain.backups import BackupInput, RestoreInput, Store, named
from domain.errors import Conflict, Unavailable
from workflows.backup import RESTORE_ID, BackupWorkflow, RestoreWorkflow
from workflows.booking.messages import BACKUPS_QUEUE

Json = dict[str, Any]

_RPC_TIMEOUT = timedelta(seconds=5)
_TRIES, _BETWEEN_TRIES = 3, 0.2
_NEWER = text(
    """
    SELECT count(*) FILTER (WHERE created_at > :then) AS made, count(*) FILTER (WHERE created_at <= :then) AS moved
    FROM bookings WHERE updated_at > :then
    """
)
_CONSEQUENCES = {
    True: "bookings made or moved since the backup stay as they are now; everything else goes back to the backup",
    False: "bookings made since the backup are lost from the rows, though their workflows go on, "
    "and those that moved fall behind their workflows",
}


class BackupService:
    """Creates, restores, lists and deletes backups."""

    def __init__(self, catalogue: Catalogue, temporal: Client, database: Database) -> None:
        self._catalogue = catalogue
        self._temporal = temporal
        self._database = database

    async def create(self, stores: tuple[Store, ...], asked_by: str) -> Json:
        """Start a backup."""
        given = BackupInput(_name("backup"), stores, asked_by)
        await to_thread(self._catalogue.ask_for, given.name, stores=list(stores), asked_by=asked_by)
        await self._start(given.name, BackupWorkflow.run, given, given.name)
        return {"backup_name": given.name, "status": "queued", "url": _url(given.name)}

    async def restore(self, backups: dict[Store, str], keep_bookings: bool, asked_by: str) -> Json:
        """Start a restore; the answer says what it will mean for bookings.

        Raises:
            NotFound, Conflict: a backup is not there, not finished or damaged.
            Conflict: a restore is under way.
        """
        made = {store: await to_thread(self._catalogue.usable, name, store) for store, name in backups.items()}
        given = RestoreInput(
            _name("restore"), backups.get(Store.POSTGRESQL), backups.get(Store.MONGODB), keep_bookings, asked_by
        )
        newer = await self._newer_than(made[Store.POSTGRESQL]) if given.postgresql_backup else {"made": 0, "moved": 0}
        facts = {"postgresql_backup": given.postgresql_backup, "mongodb_backup": given.mongodb_backup}
        asked = {**facts, "keep_bookings": keep_bookings, "asked_by": asked_by}
        await to_thread(self._catalogue.ask_for, given.name, **asked)
        await self._start(RESTORE_ID, RestoreWorkflow.run, given, given.name)
        return {
            "restore_name": given.name,
            "status": "queued",
            "url": _url(given.name),
            **facts,
            "bookings_since": newer,
            "detail": _CONSEQUENCES[keep_bookings] if given.postgresql_backup else "bookings are not touched",
        }

    async def page(self, store: Store | None, part: Slice) -> tuple[list[Json], int, str | None]:
        """A part of the list of backups."""
        return await to_thread(self._catalogue.page, store, part)

    async def show(self, name: str) -> Json:
        """One backup or restore."""
        return await to_thread(self._catalogue.show, name)

    async def delete(self, name: str, stores: tuple[Store, ...]) -> list[Store]:
        """Delete a backup, or a part of it.

        Raises:
            NotFound: there is no such one.
            Conflict: it is being made, or too young to go.
        """
        return await to_thread(self._catalogue.delete, name, stores)

    async def _newer_than(self, moment: str) -> Json:
        async with self._database.read.connect() as connection:
            row = (await connection.execute(_NEWER, {"then": datetime.fromisoformat(moment)})).one()
        return {"made": row.made, "moved": row.moved}

    async def _start(self, workflow_id: str, run: Any, given: Any, name: str) -> None:
        for again in range(_TRIES, -1, -1):
            try:
                await self._temporal.start_workflow(
                    run,
                    given,
                    id=workflow_id,
                    task_queue=BACKUPS_QUEUE,
                    static_summary=name,
                    rpc_timeout=_RPC_TIMEOUT,
                )
            except WorkflowAlreadyStartedError:
                if again:  # one that has said that it is over ends within moments
                    await sleep(_BETWEEN_TRIES)
                    continue
                await to_thread(self._catalogue.withdraw, name)
                raise Conflict("a restore is under way") from None
            except RPCError as fault:
                # It may have been started all the same; then the worker's own note takes this one's place.
                await to_thread(self._catalogue.withdraw, name)
                raise Unavailable("the workflow engine does not answer; try again shortly") from fault
            else:
                return


def _name(what: str) -> str:
    return named(what, datetime.now(UTC), uuid.uuid4().hex)


def _url(name: str) -> str:
    return f"/api/v1/backup/{name}"


async def backup_service(opened: OpenResources) -> BackupService:
    """The service, on the resources of this process."""
    kept = opened.settings.backups
    return BackupService(Catalogue(kept.backup_dir, kept.kept_at_least), opened.temporal, opened.database)


Backups = Annotated[BackupService, Depends(backup_service)]
