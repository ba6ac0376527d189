"""Encrypted copies of backups, for what leaves the machine.

A copy is one file: a head, then the files of the backup as a tar, in chunks of 1 MiB, each encrypted and authenticated
(AES-256-GCM). Each copy has a key of its own, which follows from the shop's and the random salt in its head; the nonce
of a chunk is its number and whether it is the last, so that none can be changed, left out, moved or cut off unseen.
"""

import secrets
import shutil
import tarfile
from collections.abc import Iterator
from typing import IO, Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.backup.archive import FILES, MANIFEST, Archive
from backup_settings import KEY_BYTES, Backups
from domain.backups import Store, is_name
from domain.errors import Conflict, DamagedBackup

CHUNK = 1 << 20
_HEAD, _SALT, _TAG, _NUMBER = b"revcare backup copy 1\n", 16, 16, 11
_LARGEST_MANIFEST = 16 << 20
_UNREADABLE = "the copy cannot be read: it was damaged or cut off, or is encrypted with another key"


def key_of(settings: Backups) -> bytes:
    """The key with which copies are encrypted.

    Raises:
        ValueError: there is none.
    """
    if (key := settings.key_of_copies) is None:
        raise ValueError("REVCARE_BACKUP_KEY is not set; `revcare backup-key` makes one")
    return key


def write_copy(archive: Archive, name: str, key: bytes, target: IO[bytes]) -> None:
    """Write a whole backup, encrypted, after its checksums were compared.

    Raises:
        NotFound: there is no such backup.
        DamagedBackup: a file of it is not what was written.
    """
    parts = [archive.check(name, store)[0] for store in _stores(archive, name)]
    encrypted: Any = _Encrypting(target, key)  # of a file it has what tarfile asks of a stream
    with tarfile.open(fileobj=encrypted, mode="w|", format=tarfile.PAX_FORMAT) as files:
        for path in (archive.folder / name / MANIFEST, *parts):
            files.add(path, arcname=path.name, recursive=False, filter=_without_owner)
    encrypted.close()


def read_copy(archive: Archive, key: bytes, source: IO[bytes]) -> str:
    """Put the backup of a copy back into the archive, whole or not at all; answers its name.

    Raises:
        DamagedBackup: it is not a copy, not whole, or encrypted with another key.
        Conflict: the backup is there.
    """
    decrypted: Any = _Decrypting(source, key)
    try:
        with tarfile.open(fileobj=decrypted, mode="r|") as files:
            name = _put_back(archive, files, decrypted)
    except (tarfile.TarError, EOFError) as fault:
        raise DamagedBackup(_UNREADABLE) from fault
    return name


def _stores(archive: Archive, name: str) -> list[Store]:
    manifest = archive.manifest(name)
    # Asked for a store, the archive says best what is missing.
    return [store for store in FILES if store in manifest["parts"]] if manifest else list(FILES)


def _without_owner(file: tarfile.TarInfo) -> tarfile.TarInfo:
    file.uid = file.gid = 0
    file.uname = file.gname = ""
    return file


def _put_back(archive: Archive, files: tarfile.TarFile, decrypted: "_Decrypting") -> str:
    members = _members(files)
    first, content = next(members, ("", None))
    if first != MANIFEST or content is None:
        raise DamagedBackup("the copy does not begin with what it is of")
    manifest = orjson.loads(content.read(_LARGEST_MANIFEST))
    name = str(manifest["name"])
    if not is_name(name, "backup"):
        raise DamagedBackup("the copy is of something that is no backup")
    if archive.manifest(name) is not None:
        raise Conflict(f"the backup {name} is there already")
    with archive.draft(name) as folder:
        for file, content in members:
            with (folder / file).open("xb") as target:
                shutil.copyfileobj(content, target, CHUNK)
        decrypted.must_end()
        _must_be_as_written(manifest, archive.describe(folder, _facts(manifest)))
    return name


def _members(files: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    """Files that a backup has, and no others."""
    for member in files:
        content = files.extractfile(member) if member.isfile() else None
        if content is None or member.name not in (MANIFEST, *FILES.values()):
            raise DamagedBackup("the copy has files in it that a backup does not have")
        yield member.name, content


def _facts(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name != "parts"}


def _must_be_as_written(before: dict[str, Any], now: dict[str, Any]) -> None:
    sums = [{store: part["sha256"] for store, part in each["parts"].items()} for each in (before, now)]
    if sums[0] != sums[1]:
        raise DamagedBackup("a file of the copy is not what was written: its checksum differs")


class _Encrypting:
    """A file to write to; what is written leaves encrypted."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        salt = secrets.token_bytes(_SALT)
        self._target, self._box = target, _box(key, salt)
        self._number, self._waiting = 0, bytearray()
        target.write(_HEAD + salt)

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > CHUNK:
            self._leave(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(content)

    def close(self) -> None:
        """Write the last chunk; without it a copy cannot be read."""
        self._leave(bytes(self._waiting), last=True)

    def _leave(self, chunk: bytes, *, last: bool) -> None:
        self._target.write(self._box.encrypt(_nonce(self._number, last=last), chunk, _HEAD))
        self._number += 1


class _Decrypting:
    """A file to read from; nothing comes out of it that is not genuine."""

    def __init__(self, source: IO[bytes], key: bytes) -> None:
        if _exactly(source, len(_HEAD)) != _HEAD:
            raise DamagedBackup("this is no copy of a backup")
        self._source, self._box = source, _box(key, _exactly(source, _SALT))
        self._number, self._ended = 0, False
        self._chunk, self._next = b"", _exactly(source, CHUNK + _TAG)

    def read(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size and (self._chunk or not self._ended):
            if not self._chunk:
                self._chunk = self._decrypted()
            wanted = size - len(found)
            found += self._chunk[:wanted]
            self._chunk = self._chunk[wanted:]
        return bytes(found)

    def must_end(self) -> None:
        """What follows the files is genuine as well: nothing was cut off."""
        while self.read(CHUNK):
            pass

    def _decrypted(self) -> bytes:
        chunk, self._next = self._next, _exactly(self._source, CHUNK + _TAG)
        self._ended = not self._next
        try:
            opened = self._box.decrypt(_nonce(self._number, last=self._ended), chunk, _HEAD)
        except InvalidTag:
            raise DamagedBackup(_UNREADABLE) from None
        self._number += 1
        return opened


def _box(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, _HEAD).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER, "big") + bytes([last])


def _exactly(source: IO[bytes], size: int) -> bytes:
    """So many bytes, fewer only at the end; a pipe gives them piece by piece."""
    found = bytearray()
    while len(found) < size and (piece := source.read(size - len(found))):
        found += piece
    return bytes(found)
