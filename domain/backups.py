"""Backups and restores, by name: what is kept, what is asked for, what became of it."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

_NAME = re.compile(r"(backup|restore)-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class Store(StrEnum):
    """What can be backed up."""

    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"


class BackupStatus(StrEnum):
    """Where a backup or a restore stands."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


EVERYTHING = (Store.POSTGRESQL, Store.MONGODB)


@dataclass(frozen=True, slots=True)
class BackupInput:
    """A backup to make: its name, of what, for whom, and why."""

    name: str
    stores: tuple[Store, ...] = EVERYTHING
    asked_by: str | None = None
    reason: str = "asked for"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is whole: bytes and rows per store."""

    name: str
    sizes: dict[str, int]
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class RestoreInput:
    """A restore to make: from which backup each store comes back (None: it stays as it is).

    ``keep_bookings``: a booking that has moved on since the backup stays as it is now, with its money and documents;
    without it such a booking is lost or behind its workflow. Without a name it gets one.
    """

    name: str = ""
    postgresql_backup: str | None = None
    mongodb_backup: str | None = None
    keep_bookings: bool = True
    asked_by: str | None = None

    @property
    def stores(self) -> tuple[Store, ...]:
        """What is to be replaced."""
        named = {Store.POSTGRESQL: self.postgresql_backup, Store.MONGODB: self.mongodb_backup}
        return tuple(store for store, backup in named.items() if backup)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done: rows per table and documents per collection as they were counted after it.

    ``ahead`` are the bookings that had moved on since the backup (the first of them): kept as they are, or lost.
    """

    rows: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    bookings_ahead: int = 0
    ahead: list[int] = field(default_factory=list)


def named(what: str, now: datetime, mark: str) -> str:
    """``backup-20261124T061109Z-4f2a91c0``: sorts by time; the mark keeps two of one second apart."""
    return f"{what}-{now:%Y%m%dT%H%M%SZ}-{mark[:8]}"


def is_name(text: str, what: str) -> bool:
    """Whether we could have given this name; nothing else ever becomes part of a path."""
    found = _NAME.fullmatch(text)
    return found is not None and found[1] == what
