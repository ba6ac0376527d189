"""Copies of backups that leave the machine: encrypted into one file, and put back from it."""

import base64
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.backup.archive import Archive
from adapters.backup.copies import key_of, read_copy, write_copy
from backup_settings import KEY_BYTES, Backups

STANDARD = Path("-")
"""Standard output or input instead of a file."""


def new_key() -> str:
    """A key for ``REVCARE_BACKUP_KEY``."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def export_backup(settings: Backups, name: str, file: Path) -> None:
    """Write an encrypted copy of a backup. A file is there when it is whole, readable by its owner only.

    Raises:
        NotFound, DamagedBackup: there is no such backup, or it is not what was written.
        ValueError: no key is set, or the file is there.
    """
    key = key_of(settings)
    with _written(file) as target:
        write_copy(Archive(settings.backup_dir), name, key, target)


def import_backup(settings: Backups, file: Path) -> str:
    """Put the backup of a copy into the folder of backups; answers its name.

    Raises:
        DamagedBackup: it is damaged, or encrypted with another key.
        Conflict: the backup is there.
        ValueError: no key is set, or there is no such file.
    """
    key = key_of(settings)
    if file == STANDARD:
        return read_copy(Archive(settings.backup_dir), key, sys.stdin.buffer)
    try:
        with file.open("rb") as source:
            return read_copy(Archive(settings.backup_dir), key, source)
    except OSError as fault:
        raise ValueError(f"{file} cannot be read: {fault.strerror}") from fault


@contextmanager
def _written(file: Path) -> Iterator[IO[bytes]]:
    if file == STANDARD:
        yield sys.stdout.buffer
        return
    if file.exists():
        raise ValueError(f"{file} is there already")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
