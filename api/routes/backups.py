"""Backups of both databases."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.auth.second_factor import WITH_FRESH_CODE
from api.backups.service import Backups
from api.dependencies import CurrentUser, requires
from api.lists import WantedPage, Words
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.backups import (
    BackupAnswer,
    BackupAsked,
    BackupPart,
    BackupType,
    CreateBackup,
    RestoreAnswer,
    RestoreAsked,
)
from domain.backups import Store
from domain.errors import Invalid

router = APIRouter(prefix="/backup", tags=["backup"])

MayLook = Annotated[CurrentUser, requires("READ:BACKUP")]
MayAsk = Annotated[CurrentUser, requires("WRITE:BACKUP")]
Name = Annotated[str, Path(max_length=60, description="As the list shows it")]
FromBackup = Annotated[str | None, Query(max_length=60)]


@router.post("/create", status_code=202, response_model=BackupAsked, summary="Make a backup of both stores, or of one")
async def create(
    person: MayAsk,
    backups: Backups,
    body: CreateBackup | None = None,
    backup_type: Annotated[BackupType | None, Query(description="Instead of the body")] = None,
) -> Response:
    """It is made in the background; `url` says how it stands. Too large a one fails and leaves nothing."""
    wanted = backup_type or (body or CreateBackup()).backup_type
    return reply(await backups.create(wanted.stores, person.id), 202)


@router.get("/list", response_model=list[BackupPart], summary="Backups, newest first, a row for each store")
async def backups(
    _: MayLook,
    backups: Backups,
    wanted: WantedPage,
    backup_type: Annotated[Store | None, Query(description="Of this store only")] = None,
) -> Response:
    """Also those that are being made and those that failed. A file that was touched since is read and compared."""
    part = wanted.part(Words, Store)
    return wanted.rows(*await backups.page(backup_type, part), part)


@router.post(
    "/restore",
    status_code=202,
    response_model=RestoreAsked,
    dependencies=[WITH_FRESH_CODE],
    summary="Bring back one store or both",
)
async def restore(
    person: MayAsk,
    backups: Backups,
    postgresql_backup: FromBackup = None,
    mongodb_backup: FromBackup = None,
    keep_bookings: Annotated[bool, Query(description="Bookings that moved on since stay as they are")] = True,
) -> Response:
    """All or nothing, in the background; what it replaces is backed up before. Asks for a fresh code."""
    named = {Store.POSTGRESQL: postgresql_backup, Store.MONGODB: mongodb_backup}
    wanted = {store: name for store, name in named.items() if name}
    if not wanted:
        raise Invalid("name a backup: postgresql_backup, mongodb_backup or both")
    return reply(await backups.restore(wanted, keep_bookings, person.id), 202)


@router.delete(
    "/delete/{backup_name}",
    response_model=Message,
    dependencies=[WITH_FRESH_CODE],
    summary="Delete a backup, or one store's part of it",
)
async def delete(
    _: Annotated[CurrentUser, requires("DELETE:BACKUP")],
    backups: Backups,
    backup_name: Name,
    backup_type: BackupType = BackupType.BOTH,
) -> Response:
    """Not while it is being made, and not before it is some days old (`MIN_BACKUP_AGE_DAYS`). Asks for a
    fresh code."""
    gone = await backups.delete(backup_name, backup_type.stores)
    return done(f"{backup_name} was deleted: {' and '.join(gone)}")


@router.get("/{backup_name}", response_model=BackupAnswer | RestoreAnswer, summary="How a backup or a restore stands")
async def backup(_: MayLook, backups: Backups, backup_name: Name) -> Response:
    """By the name that creating or restoring has answered."""
    return reply(await backups.show(backup_name))
