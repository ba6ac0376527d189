"""MongoDB in a backup: one compressed file, a line per document or index, in MongoDB's canonical extended JSON.

Every kind of booking may have a database of its own. In the file the collections of the default kind have their names,
those of another kind have its schema before them, "tables.gst". A restore fills collections beside the live ones and
changes names at the end, collection by collection; until it is over the old ones are kept, so it can be taken back.
"""

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bson import json_util

from adapters.backup.collections import Collections
from adapters.backup.erasing import Erased
from adapters.mongo.personal_data import PersonalDocuments
from domain.errors import Conflict, DamagedBackup

Json = dict[str, Any]

_AT_ONCE = 200
_LONGEST_LINE = 64_000_000  # a document has 16 MB at most; extended JSON makes more of it


class MongoBackup:
    """Exports, stages and exchanges the collections of the default kind's database, and of ``others`` by schema."""

    def __init__(self, database: Any, others: Mapping[str, Any] | None = None) -> None:
        self._database = database
        self._others = dict(others or {})
        every = {"": database} | {f"{schema}.": other for schema, other in self._others.items()}
        self._databases = every
        self._collections = {prefix: Collections(each) for prefix, each in every.items()}

    async def export(self, target: Path) -> Json:
        """Write everything; answers documents and digest per collection, and the bytes before compression."""
        found: Json = {}
        written = 0
        with gzip.open(target, "wb", compresslevel=6) as file:
            for name in await self._live():
                digest, count = hashlib.sha256(), 0
                prefix, short = self._place(name)
                collection = self._databases[prefix][short]
                indexes = (await collection.index_information()).items()
                lines = [_line({"collection": name, "indexes": [[key, value] for key, value in indexes]})]
                async for document in collection.find().sort("_id", 1):
                    lines.append(_line({"collection": name, "document": document}))
                    digest.update(lines[-1])
                    count += 1
                    if len(lines) >= _AT_ONCE:
                        written += await asyncio.to_thread(_put, file, lines)
                        lines = []
                written += await asyncio.to_thread(_put, file, lines)
                found[name] = {"documents": count, "digest": digest.hexdigest()}
        return {"collections": found, "plain_size": written, "kinds": sorted(self._others)}

    async def stage(self, source: Path, known: Json) -> dict[str, int]:
        """Fill new collections from a file and hold them against what the manifest says; the live ones are untouched.

        Raises:
            DamagedBackup: it is not what was written.
            Conflict: it has documents of a kind that is not served here.
        """
        if strangers := sorted(set(known.get("kinds", ())) - self._others.keys()):
            raise Conflict(f"the backup has documents of kinds that this worker does not serve: {', '.join(strangers)}")
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
                    prefix, short = self._place(name)
                    await self._collections[prefix].create(short, content["indexes"])
                else:
                    digests[name].update(line)
                    by_name.setdefault(name, []).append(content["document"])
            for name, documents in by_name.items():
                await self._staged(name).insert_many(documents)
        counts = {name: await self._staged(name).count_documents({}) for name in expected}
        for name, facts in expected.items():
            if (counts[name], digests[name].hexdigest()) != (facts["documents"], facts["digest"]):
                raise DamagedBackup(f"the documents of {name} are not those that were backed up")
        return counts

    async def erase(self, left: Sequence[Erased]) -> None:
        """Delete what has left with its people from the staged collections, those that have not got their names yet."""
        for each in left:
            prefix = f"{each.schema}." if each.schema in self._others else ""
            await PersonalDocuments(self._collections[prefix].staged).remove(each.documents, each.people)

    async def forward(self) -> None:
        """Give the staged collections the live names; goes on where an earlier attempt stopped."""
        for each in self._collections.values():
            await each.forward()

    async def back(self) -> None:
        """Undo ``forward``, also half of it: the old collections get their names back, the staged ones wait again."""
        for each in self._collections.values():
            await each.back()

    async def is_switched(self) -> bool:
        """Whether a restore has begun to change names and was neither finished nor taken back."""
        return any([await each.is_switched() for each in self._collections.values()])

    async def counts(self, names: list[str]) -> dict[str, int]:
        """How many documents are in the live collections."""
        places = {name: self._place(name) for name in names}
        return {name: await self._databases[at][short].count_documents({}) for name, (at, short) in places.items()}

    async def clear(self) -> None:
        """Drop what a restore has put aside or staged."""
        for each in self._collections.values():
            await each.clear()

    async def _live(self) -> list[str]:
        return [prefix + name for prefix, each in self._collections.items() for name in await each.live()]

    def _place(self, name: str) -> tuple[str, str]:
        """The database of a collection, by its prefix, and the collection's name there."""
        prefix = next((prefix for prefix in self._databases if prefix and name.startswith(prefix)), "")
        return prefix, name.removeprefix(prefix)

    def _staged(self, name: str) -> Any:
        prefix, short = self._place(name)
        return self._collections[prefix].staged(short)


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
