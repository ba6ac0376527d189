"""The folder of backups, and the only record of them: a table would be rewound by the very restore it describes.

backup-20261124T061109Z-4f2a91c0/   whole, or not there: it is made under another name and renamed at the end
    backup.json                     what it is, with size and SHA-256 of each file
    postgresql.dump, mongodb.jsonl.gz
.making-backup-...                  one that is being made
notes/backup-....json               asked for, under way or failed
notes/restore-....json              every restore and what became of it
"""

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from domain.backups import BackupStatus, Store, is_name
from domain.errors import DamagedBackup, NotFound

Json = dict[str, Any]

FILES = {Store.POSTGRESQL: "postgresql.dump", Store.MONGODB: "mongodb.jsonl.gz"}
MANIFEST = "backup.json"
_DRAFT = ".making-"
_UNFINISHED_FOR = timedelta(days=1)
_CHUNK = 1 << 20


class Archive:
    """Reads and writes the folder. Everything blocks for a moment: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._notes = self.folder / "notes"

    def note(self, name: str, **facts: Any) -> Json:
        """Add to what is known about a backup or restore that is not finished; answers all of it."""
        self._notes.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = {**(self.noted(name) or {"name": name, "since": _now()}), **facts}
        _write(self._notes / f"{name}.json", content)
        return content

    def noted(self, name: str) -> Json | None:
        """What is known about it, if anything is."""
        return _read(self._notes / f"{name}.json")

    def forget(self, name: str) -> None:
        """Drop the note."""
        (self._notes / f"{name}.json").unlink(missing_ok=True)

    @contextmanager
    def draft(self, name: str) -> Iterator[Path]:
        """A folder to fill; it gets its name when the block ends well, and is gone when it does not."""
        self.clear_drafts(name)
        folder = self.folder / f"{_DRAFT}{name}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(mode=0o700, parents=True)
        try:
            yield folder
            _settle(folder)
            folder.rename(self.folder / name)
            _settle(self.folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.forget(name)

    def clear_drafts(self, name: str) -> None:
        """Remove what an attempt left that was killed."""
        for folder in self.folder.glob(f"{_DRAFT}{name}-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def describe(self, folder: Path, facts: Json) -> Json:
        """Write the manifest of a folder that has been filled, and have the disk keep all of it."""
        files = {store: folder / file for store, file in FILES.items() if (folder / file).exists()}
        for path in files.values():
            _settle(path)
        parts = {str(store): fingerprint(path) for store, path in files.items()}
        manifest = {**facts, "parts": parts}
        _write(folder / MANIFEST, manifest)
        return manifest

    def manifest(self, name: str) -> Json | None:
        """What a whole backup says of itself."""
        return _read(self.folder / name / MANIFEST) if is_name(name, "backup") else None

    def part(self, name: str, store: Store) -> tuple[Path, Json]:
        """The file of one store and what is known of it.

        Raises:
            NotFound: there is no such backup, or it is of another store.
        """
        manifest = self.manifest(name)
        if manifest is None:
            raise NotFound(f"there is no backup {name[:60]!r}")
        if store not in manifest["parts"]:
            raise NotFound(f"the backup {name} has no {store} part")
        return self.folder / name / FILES[store], manifest

    def check(self, name: str, store: Store) -> tuple[Path, Json]:
        """The same, after reading the whole file.

        Raises:
            DamagedBackup: it is not what was written.
        """
        path, manifest = self.part(name, store)
        known = manifest["parts"][store]
        if not path.is_file() or path.is_symlink() or fingerprint(path)["sha256"] != known["sha256"]:
            raise DamagedBackup(f"the {store} part of {name} is not what was written: its checksum differs")
        return path, manifest

    def is_intact(self, name: str, store: Store) -> bool:
        """Whether the file is the one that was written; it is read only if size or time say that it was touched."""
        path, manifest = self.part(name, store)
        known = manifest["parts"][store]
        try:
            found = path.stat()
            untouched = (found.st_size, found.st_mtime_ns) == (known["size"], known["modified"])
            return untouched or bool(_read_once(path, found.st_size, found.st_mtime_ns) == known["sha256"])
        except OSError:
            return False

    def whole(self) -> list[str]:
        """The names of the backups that are whole, newest first."""
        return sorted((path.parent.name for path in self.folder.glob(f"backup-*/{MANIFEST}")), reverse=True)

    def unfinished(self) -> list[str]:
        """The names of the backups that are under way or failed, newest first."""
        whole = set(self.whole())
        noted = {path.stem for path in self._notes.glob("backup-*.json")}
        return sorted((name for name in noted - whole if is_name(name, "backup")), reverse=True)

    def broken_off(self, but: str) -> list[str]:
        """The names of the other restores that have begun and did not end."""
        begun = [path.stem for path in self._notes.glob("restore-*.json") if path.stem != but]
        return [name for name in begun if (self.noted(name) or {}).get("state") == BackupStatus.RUNNING]

    def remove(self, name: str, stores: tuple[Store, ...]) -> list[Store]:
        """Delete the parts of these stores; answers which there were. Without any part left the backup is gone."""
        manifest = self.manifest(name)
        if manifest is None:
            return []
        gone = [store for store in stores if manifest["parts"].pop(str(store), None)]
        if manifest["parts"]:
            _write(self.folder / name / MANIFEST, manifest)
            for store in gone:
                (self.folder / name / FILES[store]).unlink(missing_ok=True)
        else:
            # It stops being a backup in one step, then its files go.
            doomed = self.folder / f"{_DRAFT}{name}-gone"
            with contextlib.suppress(FileNotFoundError):
                (self.folder / name).rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)
        return gone

    def prune(self, kept_for: timedelta) -> list[str]:
        """Delete what is older than that, and what nobody will finish any more; answers the backups that went."""
        oldest = datetime.now(UTC) - kept_for
        gone = [name for name in self.whole() if _made_at(name) < oldest]
        for name in gone:
            self.remove(name, tuple(FILES))
        for note in self._notes.glob("*.json"):
            if _made_at(note.stem) < oldest:
                note.unlink(missing_ok=True)
        for folder in self.folder.glob(f"{_DRAFT}*"):
            if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < datetime.now(UTC) - _UNFINISHED_FOR:
                shutil.rmtree(folder, ignore_errors=True)
        return gone


def fingerprint(path: Path) -> Json:
    """Size, SHA-256 and time of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        found = os.fstat(file.fileno())
    return {"size": found.st_size, "sha256": digest.hexdigest(), "modified": found.st_mtime_ns}


@lru_cache(256)
def _read_once(path: Path, size: int, modified: int) -> str:
    """The checksum of a file that was copied here, kept for as long as it is not touched again."""
    return str(fingerprint(path)["sha256"])


def _made_at(name: str) -> datetime:
    """The time in a name; what has none is taken as newest and never removed for its age."""
    try:
        return datetime.strptime(name.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return datetime.max.replace(tzinfo=UTC)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(path: Path) -> Json | None:
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None


def _write(path: Path, content: Json) -> None:
    """Replace a file at once: readers see the old or the new one."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    draft.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    _settle(draft)
    draft.replace(path)


def _settle(path: Path) -> None:
    """Readable by its owner only, and on the disk before anything relies on it."""
    path.chmod(0o700 if path.is_dir() else 0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
