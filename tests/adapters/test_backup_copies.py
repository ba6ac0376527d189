"""Copies of backups that leave the machine: without the key nobody reads or changes them."""

import base64
import io
import json
import secrets
import tarfile
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.backup import copies
from adapters.backup.archive import Archive
from adapters.backup.copies import CHUNK, read_copy, write_copy
from backup_settings import Backups
from domain.errors import Conflict, DamagedBackup, NotFound
from operations.backups import export_backup, import_backup, new_key

KEY = secrets.token_bytes(32)
NAME = "backup-20261124T061109Z-4f2a91c0"
ROWS, DOCUMENTS = b"Asha Rao, 9841385379;" * 3 * CHUNK, b"an answer to a question"


def made(folder: Path, **files: bytes) -> Archive:
    archive = Archive(folder)
    with archive.draft(NAME) as draft:
        for name, content in ({"postgresql.dump": ROWS, "mongodb.jsonl.gz": DOCUMENTS} | files).items():
            (draft / name).write_bytes(content[: 2 * CHUNK + 17])
        archive.describe(draft, {"name": NAME, "created_at": "2026-11-24T06:11:09.000+00:00", "schema": "0007"})
    return archive


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = io.BytesIO()
    write_copy(made(tmp_path_factory.mktemp("shop")), NAME, KEY, target)
    return target.getvalue()


def read(folder: Path, content: bytes, key: bytes = KEY) -> Archive:
    archive = Archive(folder)
    assert read_copy(archive, key, io.BytesIO(content)) == NAME
    return archive


def is_empty(folder: Path) -> bool:
    return [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_copy_comes_back_as_the_backup_that_it_was(copy: bytes, tmp_path: Path):
    archive, before = read(tmp_path / "there", copy), made(tmp_path / "here")
    for store in ("postgresql", "mongodb"):
        path, manifest = archive.check(NAME, store)
        assert path.read_bytes() == before.check(NAME, store)[0].read_bytes()
        assert archive.is_intact(NAME, store)
    assert {**manifest, "parts": 0} == {**(before.manifest(NAME) or {}), "parts": 0}
    with pytest.raises(Conflict, match="there already"):
        read(tmp_path / "there", copy)


def test_a_copy_shows_nothing_of_what_is_in_it_and_no_two_are_alike(copy: bytes, tmp_path: Path):
    for plain in (b"Asha", b"postgresql", NAME.encode(), DOCUMENTS[:8]):
        assert plain not in copy
    again = io.BytesIO()
    write_copy(made(tmp_path), NAME, KEY, again)
    assert again.getvalue()[64:] != copy[64:]


def test_another_key_opens_nothing(copy: bytes, tmp_path: Path):
    with pytest.raises(DamagedBackup, match="another key"):
        read(tmp_path, copy, secrets.token_bytes(32))
    assert is_empty(tmp_path)


@pytest.mark.parametrize("at", [0, 30, 40, CHUNK // 2, CHUNK + 100, 2 * CHUNK + 60, -1])
def test_a_byte_that_was_changed_is_seen_and_nothing_is_put_back(copy: bytes, tmp_path: Path, at: int):
    changed = bytearray(copy)
    changed[at] ^= 1
    with pytest.raises(DamagedBackup):
        read(tmp_path, bytes(changed))
    assert is_empty(tmp_path)


def chunks(copy: bytes) -> tuple[bytes, list[bytes]]:
    head = len(copies._HEAD) + copies._SALT
    size = CHUNK + copies._TAG
    return copy[:head], [copy[at : at + size] for at in range(head, len(copy), size)]


def test_a_copy_that_was_cut_off_lengthened_or_put_together_otherwise_is_refused(copy: bytes, tmp_path: Path):
    head, parts = chunks(copy)
    assert len(parts) > 2
    others = [
        b"",
        head,
        copy[: len(copy) // 2],
        *(head + b"".join(parts[:count]) for count in range(len(parts))),
        head + b"".join([parts[1], parts[0], *parts[2:]]),
        head + b"".join(parts[1:]),
        head + b"".join([*parts, parts[-1]]),
        copy + b"x",
    ]
    for other in others:
        with pytest.raises(DamagedBackup):
            read(tmp_path, other)
    assert is_empty(tmp_path)


def test_files_that_no_backup_has_are_not_written(tmp_path: Path):
    for name, kind in (("../outside", tarfile.REGTYPE), ("postgresql.dump", tarfile.SYMTYPE), ("x", tarfile.REGTYPE)):
        target = io.BytesIO()
        encrypted = copies._Encrypting(target, KEY)
        with tarfile.open(fileobj=encrypted, mode="w|") as files:
            content = json.dumps({"name": NAME, "parts": {}}).encode()
            manifest = tarfile.TarInfo("backup.json")
            manifest.size = len(content)
            files.addfile(manifest, io.BytesIO(content))
            other = tarfile.TarInfo(name)
            other.type, other.linkname = kind, "/etc/passwd"
            files.addfile(other)
        encrypted.close()
        with pytest.raises(DamagedBackup):
            read(tmp_path / "archive", target.getvalue())
    assert is_empty(tmp_path)


def test_an_operator_copies_with_the_key_of_the_settings_into_a_file_of_their_own(tmp_path: Path):
    made(tmp_path / "here")
    key = SecretStr(new_key())
    here, there = (Backups(backup_dir=tmp_path / each, REVCARE_BACKUP_KEY=key) for each in ("here", "there"))
    file = tmp_path / "copy"
    export_backup(here, NAME, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert import_backup(there, file) == NAME
    with pytest.raises(ValueError, match="there already"):
        export_backup(here, NAME, file)
    with pytest.raises(NotFound):
        export_backup(here, NAME.replace("4f", "00"), tmp_path / "other")
    with pytest.raises(ValueError, match="REVCARE_BACKUP_KEY is not set"):
        export_backup(Backups(backup_dir=tmp_path / "here"), NAME, tmp_path / "other")
    with pytest.raises(ValueError, match="cannot be read"):
        import_backup(there, tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "here", "there"]


def test_a_backup_that_was_touched_is_not_copied(tmp_path: Path):
    archive = made(tmp_path / "here")
    (archive.folder / NAME / "mongodb.jsonl.gz").write_bytes(b"other")
    with pytest.raises(DamagedBackup):
        export_backup(
            Backups(backup_dir=archive.folder, REVCARE_BACKUP_KEY=SecretStr(new_key())), NAME, tmp_path / "copy"
        )
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("text", ["short", base64.b64encode(b"x" * 31).decode(), "!" * 44])
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(ValueError, match="a key has 32 bytes"):
        Backups(REVCARE_BACKUP_KEY=SecretStr(text))
