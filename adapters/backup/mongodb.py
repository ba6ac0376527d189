"""MongoDB in a backup: one compressed file, a line per document or index, in MongoDB's canonical extended JSON.

A restore fills collections beside the live ones and changes names at the end, collection by collection; until it is
over the old ones are kept, so it can be taken back. The live names are missing for the moment between two renames.
"""

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bson import json_util
from pymongo.errors import CollectionInvalid

from domain.errors import DamagedBackup

Json = dict[str, Any]

_NEW, _OLD = "restoring_new_", "restoring_old_"
_PRIMARY = "_id_"
_INDEX_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")
_AT_ONCE = 200
_LONGEST_LINE = 64_000_000  # a document has 16 MB at most; extended JSON makes more of it


class MongoBackup:
    """Exports, stages and exchanges the collections of one database."""

    def __init__(self, database: Any) -> None:
        self._database = database

    async def export(self, target: Path) -> Json:
        """Write everything; answers documents and digest per collection, and the bytes before compression."""
        found: Json = {}
        written = 0
        with gzip.open(target, "wb", compresslevel=6) as file:
            for name in await self._live_collections():
                digest, count = hashlib.sha256(), 0
                indexes = (await self._database[name].index_information()).items()
                lines = [_line({"collection": name, "indexes": [[key, value] for key, value in indexes]})]
                async for document in self._database[name].find().sort("_id", 1):
                    lines.append(_line({"collection": name, "document": document}))
                    digest.update(lines[-1])
                    count += 1
                    if len(lines) >= _AT_ONCE:
                        written += await asyncio.to_thread(_put, file, lines)
                        lines = []
                written += await asyncio.to_thread(_put, file, lines)
                found[name] = {"documents": count, "digest": digest.hexdigest()}
        return {"collections": found, "plain_size": written}

    async def stage(self, source: Path, known: Json) -> dict[str, int]:
        """Fill new collections from a file and hold them against what the manifest says; the live ones are untouched.

        Raises:
            DamagedBackup: it is not what was written.
        """
        await self.clear()
        expected: Json = known["collections"]
        digests = {name: hashlib.sha256() for name in expected}
        lines = _lines(source, known["plain_size"])
        while batch := await asyncio.to_thread(lambda: list(islice(lines, _AT_ONCE))):
            by_name: dict[str, list[Any]] = {}
            for line in batch:
                content = json_util.loads(line, json_options=json_util.CANONICAL_JSON_OPTIONS)
                name = content["collection"]
                if name not in expected:
                    raise DamagedBackup(f"the archive has a collection {name[:60]!r} that its manifest does not know")
                if "indexes" in content:
                    await self._create(name, content["indexes"])
                else:
                    digests[name].update(line)
                    by_name.setdefault(name, []).append(content["document"])
            for name, documents in by_name.items():
                await self._database[_NEW + name].insert_many(documents)
        counts = {name: await self._database[_NEW + name].count_documents({}) for name in expected}
        for name, facts in expected.items():
            if (counts[name], digests[name].hexdigest()) != (facts["documents"], facts["digest"]):
                raise DamagedBackup(f"the documents of {name} are not those that were backed up")
        return counts

    async def forward(self) -> None:
        """Give the staged collections the live names; goes on where an earlier attempt stopped."""
        there = await self._names()
        for new in (name for name in there if name.startswith(_NEW)):
            name = new.removeprefix(_NEW)
            if _OLD + name in there:
                await self._database[name].drop()  # written between two renames of an attempt that was killed
            else:
                await self._make(name)
                await self._database[name].rename(_OLD + name)
            await self._database[new].rename(name)

    async def back(self) -> None:
        """Undo ``forward``, also half of it: the old collections get their names back, the staged ones wait again."""
        there = await self._names()
        for old in (name for name in there if name.startswith(_OLD)):
            name = old.removeprefix(_OLD)
            if name in there and _NEW + name not in there:
                await self._database[name].rename(_NEW + name)
            elif name in there:
                await self._database[name].drop()
            await self._database[old].rename(name)

    async def is_switched(self) -> bool:
        """Whether a restore has begun to change names and was neither finished nor taken back."""
        return any(name.startswith(_OLD) for name in await self._names())

    async def counts(self, names: list[str]) -> dict[str, int]:
        """How many documents are in the live collections."""
        return {name: await self._database[name].count_documents({}) for name in names}

    async def clear(self) -> None:
        """Drop what a restore has put aside or staged."""
        for name in await self._names():
            if name.startswith((_NEW, _OLD)):
                await self._database[name].drop()

    async def _live_collections(self) -> list[str]:
        names = await self._names()
        return [name for name in names if not name.startswith(("system.", _NEW, _OLD))]

    async def _names(self) -> list[str]:
        return sorted(await self._database.list_collection_names())

    async def _create(self, name: str, indexes: list[Any]) -> None:
        await self._make(_NEW + name)
        for key, facts in indexes:
            if key != _PRIMARY:
                options = {option: facts[option] for option in _INDEX_OPTIONS if option in facts}
                await self._database[_NEW + name].create_index([tuple(part) for part in facts["key"]], **options)

    async def _make(self, name: str) -> None:
        try:
            await self._database.create_collection(name)
        except CollectionInvalid:
            return


def _line(content: Json) -> bytes:
    return json_util.dumps(content, json_options=json_util.CANONICAL_JSON_OPTIONS).encode() + b"\n"


def _put(file: gzip.GzipFile, lines: list[bytes]) -> int:
    content = b"".join(lines)
    file.write(content)
    return len(content)


def _lines(source: Path, plain_size: int) -> Iterator[bytes]:
    """The lines of an archive, as long as they stay within what was written: it may not unpack to more."""
    left = plain_size
    try:
        with gzip.open(source, "rb") as file:
            while line := file.readline(_LONGEST_LINE):
                left -= len(line)
                if left < 0:
                    raise DamagedBackup("the archive unpacks to more than was backed up")
                yield line
    except (OSError, EOFError, zlib.error) as broken:
        raise DamagedBackup(f"the archive cannot be read: {broken}") from None
