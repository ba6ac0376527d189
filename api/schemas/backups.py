"""Bodies and answers about backups."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict

from api.schemas.answers import Answer, example
from api.schemas.fields import Body
from domain.backups import EVERYTHING, Store

Progress = Literal["queued", "running", "complete", "failed"]
_NAME, _OTHER = "backup-20261124T061109Z-4f2a91c0", "restore-20261124T090000Z-07b1d3aa"
_PART: dict[str, Any] = {
    "backup_name": _NAME,
    "backup_type": "postgresql",
    "state": "complete",
    "integrity": "intact",
    "size": 184320,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "created_at": "2026-11-24T06:11:09Z",
    "asked_by": "ADM000001",
    "reason": "asked for",
    "error": None,
    "metadata": {"format": "pg_dump custom", "schema": "0002", "tables": {"bookings": 1204, "users": 310}},
}


class BackupType(StrEnum):
    """Of what."""

    BOTH = "both"
    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"

    @property
    def stores(self) -> tuple[Store, ...]:
        """The stores that are meant."""
        return EVERYTHING if self is BackupType.BOTH else (Store(self.value),)


class CreateBackup(Body):
    """Of what; both stores if nothing is said."""

    backup_type: BackupType = BackupType.BOTH


class BackupAsked(Answer):
    """A backup that will be made; ``url`` says how it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"backup_name": _NAME, "status": "queued", "url": f"/api/v1/backup/{_NAME}"}],
        }
    )
    backup_name: str
    status: str
    url: str


class BackupPart(Answer):
    """One store's part of a backup. ``integrity``: intact, damaged, or null while it is being made."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PART]})
    backup_name: str
    backup_type: Literal["postgresql", "mongodb"]
    state: Progress
    integrity: Literal["intact", "damaged"] | None
    size: int | None
    sha256: str | None
    created_at: str
    asked_by: str | None
    reason: str | None
    error: str | None
    metadata: dict[str, Any]


class BackupAnswer(Answer):
    """A backup with its parts."""

    model_config = example(
        {
            "backup_name": _NAME,
            "status": "complete",
            "created_at": _PART["created_at"],
            "asked_by": "ADM000001",
            "reason": "asked for",
            "error": None,
            "parts": [_PART],
        }
    )
    backup_name: str
    status: Progress
    created_at: str
    asked_by: str | None
    reason: str | None
    error: str | None
    parts: list[BackupPart]


class BookingsAhead(Answer):
    """The bookings that moved on after the backup was made, and what became of them."""

    ahead: int
    ids: list[int]
    fate: Literal["kept", "rewound"]


class Verified(Answer):
    """How many there are after it, by name, as it was staged before the commit."""

    tables: dict[str, int]
    collections: dict[str, int]


class RestoreAnswer(Answer):
    """A restore and what it did."""

    model_config = example(
        {
            "restore_name": _OTHER,
            "status": "complete",
            "step": "done",
            "requested_at": "2026-11-24T09:00:00Z",
            "asked_by": "ADM000001",
            "postgresql_backup": _NAME,
            "mongodb_backup": _NAME,
            "kept_before": "backup-20261124T090004Z-1c0de5f7",
            "bookings": {"ahead": 2, "ids": [1021, 1022], "fate": "kept"},
            "verified": {"tables": {"bookings": 1206}, "collections": {"gst": 3}},
            "error": None,
        }
    )
    restore_name: str
    status: Progress
    step: str | None
    requested_at: str
    asked_by: str | None
    postgresql_backup: str | None
    mongodb_backup: str | None
    kept_before: str | None
    bookings: BookingsAhead
    verified: Verified | None
    error: str | None


class RestoreAsked(Answer):
    """A restore that will be made, and what it means for bookings that are newer than the backup."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "restore_name": _OTHER,
                    "status": "queued",
                    "url": f"/api/v1/backup/{_OTHER}",
                    "postgresql_backup": _NAME,
                    "mongodb_backup": None,
                    "bookings_since": {"made": 1, "moved": 1},
                    "detail": "bookings made or moved since the backup stay as they are now; "
                    "everything else goes back to the backup",
                }
            ]
        }
    )
    restore_name: str
    status: str
    url: str
    postgresql_backup: str | None
    mongodb_backup: str | None
    bookings_since: dict[str, int]
    detail: str
