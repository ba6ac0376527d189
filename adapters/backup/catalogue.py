"""The backups as admins see them: a row per backup and store, and the state of a backup or restore."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from adapters.backup.archive import Archive
from adapters.pages import Slice
from domain.backups import EVERYTHING, BackupStatus, Store, is_name
from domain.errors import Conflict, DamagedBackup, NotFound

Json = dict[str, Any]


class Catalogue:
    """Reads the archive. Everything blocks for a moment: call it in a thread."""

    def __init__(self, folder: Path, kept_at_least: timedelta = timedelta(0)) -> None:
        """``kept_at_least``: younger backups are not deleted."""
        self._archive = Archive(folder)
        self._kept_at_least = kept_at_least

    def ask_for(self, name: str, **facts: Any) -> None:
        """Note what was asked for, so that it is seen before anybody has taken it up."""
        self._archive.note(name, state=BackupStatus.QUEUED, **facts)

    def withdraw(self, name: str) -> None:
        """It could not be asked for after all."""
        self._archive.forget(name)

    def page(self, store: Store | None, part: Slice) -> tuple[list[Json], int, str | None]:
        """A part of the backups, newest first, one row for each store that they have; how many rows there are; and
        the place of the last one as a JSON array, if others follow. Only files of that part are looked at.
        """
        every = [(name, of) for name in self._names() for of in self._stores(name) if store in (None, of)]
        left = every if part.after is None else [each for each in every if _is_behind(each, part.after)]
        shown = left[part.offset : part.offset + part.limit]
        rows = [row for name, of in shown for row in self._still_there(name, of)]
        others = len(left) > part.offset + part.limit
        return rows, len(every), orjson.dumps(shown[-1]).decode() if others else None

    def show(self, name: str) -> Json:
        """One backup or restore.

        Raises:
            NotFound: there is no such one.
        """
        if is_name(name, "restore") and (note := self._archive.noted(name)) is not None:
            return _restore(note)
        parts = list(self._of(name)) if is_name(name, "backup") else []
        if not parts:
            raise NotFound(f"there is no backup {name[:60]!r}")
        return {
            "backup_name": name,
            "status": parts[0]["state"],
            **{key: parts[0][key] for key in ("created_at", "asked_by", "reason", "error")},
            "parts": parts,
        }

    def usable(self, name: str, store: Store) -> str:
        """When that backup was made, if it can be restored.

        Raises:
            NotFound: there is none, or not of this store.
            Conflict: it is not finished, or damaged.
        """
        if self._archive.manifest(name) is None and is_name(name, "backup") and (note := self._archive.noted(name)):
            raise Conflict(f"the backup {name} is {note['state']}, not complete")
        _, manifest = self._archive.part(name, store)
        if not self._archive.is_intact(name, store):
            raise DamagedBackup(f"the {store} part of {name} is not what was written")
        return str(manifest["created_at"])

    def delete(self, name: str, stores: tuple[Store, ...]) -> list[Store]:
        """Delete these parts of a backup, or what is left of one that failed; answers which parts went.

        Raises:
            NotFound: there is nothing of that.
            Conflict: it is being made, or too young to go.
        """
        self._must_be_old_enough(name)
        note = self._archive.noted(name) if is_name(name, "backup") else None
        if (gone := self._archive.remove(name, stores)) or note is None:
            if not gone:
                raise NotFound(f"there is no such backup: {name[:60]!r}")
            return gone
        if note["state"] != BackupStatus.FAILED:
            raise Conflict(f"the backup {name} is {note['state']}: delete it when that is over")
        self._archive.forget(name)
        return [Store(store) for store in note.get("stores", EVERYTHING)]

    def _must_be_old_enough(self, name: str) -> None:
        manifest = self._archive.manifest(name)
        if manifest is None:
            return
        may_go = datetime.fromisoformat(manifest["created_at"]) + self._kept_at_least
        if datetime.now(UTC) < may_go:
            days = self._kept_at_least.days
            raise Conflict(
                f"a backup is not deleted before it is {days} day{'s' if days > 1 else ''} old; "
                f"{name} is on {may_go:%Y-%m-%d}"
            )

    def _names(self) -> list[str]:
        return sorted({*self._archive.whole(), *self._archive.unfinished()}, reverse=True)

    def _stores(self, name: str) -> list[Store]:
        if (manifest := self._archive.manifest(name)) is not None:
            return [store for store in EVERYTHING if store in manifest["parts"]]
        note = self._archive.noted(name)
        return [] if note is None else [store for store in EVERYTHING if store in note.get("stores", EVERYTHING)]

    def _still_there(self, name: str, store: Store) -> list[Json]:
        """Its row in a list; none if it is deleted while it is read."""
        try:
            return list(self._of(name, (store,)))
        except NotFound:
            return []

    def _of(self, name: str, stores: tuple[Store, ...] = EVERYTHING) -> Iterator[Json]:
        manifest = self._archive.manifest(name)
        if manifest is not None:
            yield from (self._whole(name, manifest, store) for store in stores if store in manifest["parts"])
        elif (note := self._archive.noted(name)) is not None:
            yield from (_unfinished(note, store) for store in stores if store in note.get("stores", EVERYTHING))

    def _whole(self, name: str, manifest: Json, store: Store) -> Json:
        part = manifest["parts"][store]
        return {
            "backup_name": name,
            "backup_type": str(store),
            "state": str(BackupStatus.COMPLETE),
            "integrity": "intact" if self._archive.is_intact(name, store) else "damaged",
            "size": part["size"],
            "sha256": part["sha256"],
            "created_at": _to_the_second(manifest["created_at"]),
            "asked_by": manifest.get("asked_by"),
            "reason": manifest.get("reason"),
            "error": None,
            "metadata": _metadata(manifest, store),
        }


def _is_behind(row: tuple[str, Store], place: tuple[Any, ...]) -> bool:
    """The name of a backup begins with when it was made, the newest is in front; its stores are in their order."""
    return row[0] < place[0] or (row[0] == place[0] and EVERYTHING.index(row[1]) > EVERYTHING.index(place[1]))


def _to_the_second(moment: str) -> str:
    """As every answer writes times; the archive keeps them finer, to compare them with rows."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _metadata(manifest: Json, store: Store) -> Json:
    if store is Store.POSTGRESQL:
        tables = _by_short_names({name: table["rows"] for name, table in manifest["tables"].items()})
        return {"format": "pg_dump custom", "schema": manifest["schema"], "tables": tables}
    collections = manifest["documents"]["collections"]
    counts = {name: each["documents"] for name, each in collections.items()}
    return {"format": "extended JSON lines, gzip", "collections": counts}


def _by_short_names(tables: Mapping[str, int]) -> Json:
    """Tables without their schema, where no other schema has one of that name."""
    short = {name: name.rpartition(".")[2] for name in tables}
    often = Counter(short.values())
    return {short[name] if often[short[name]] == 1 else name: rows for name, rows in tables.items()}


def _unfinished(note: Json, store: str) -> Json:
    return {
        "backup_name": note["name"],
        "backup_type": store,
        "state": note["state"],
        "integrity": None,
        "size": None,
        "sha256": None,
        "created_at": _to_the_second(note["since"]),
        "asked_by": note.get("asked_by"),
        "reason": note.get("reason"),
        "error": note.get("error"),
        "metadata": {},
    }


def _restore(note: Json) -> Json:
    """``verified`` are the counts of what is there after it, compared with what was staged before the commit."""
    outcome = note.get("outcome") if note["state"] == BackupStatus.COMPLETE else None
    bookings = {"ahead": 0, "ids": []}
    if outcome:
        bookings = {"ahead": outcome["bookings_ahead"], "ids": outcome["ahead"]}
    return {
        "restore_name": note["name"],
        "status": note["state"],
        "step": note.get("step"),
        "requested_at": _to_the_second(note["since"]),
        "asked_by": note.get("asked_by"),
        "postgresql_backup": note.get("postgresql_backup"),
        "mongodb_backup": note.get("mongodb_backup"),
        "kept_before": note.get("kept_before"),
        "bookings": {**bookings, "fate": "kept" if note.get("keep_bookings", True) else "rewound"},
        "verified": {"tables": _by_short_names(outcome["rows"]), "collections": outcome["documents"]}
        if outcome
        else None,
        "error": note.get("error"),
    }
