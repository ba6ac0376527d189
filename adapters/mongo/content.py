"""Texts and links that the shop edits without a release: banners, terms, contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from adapters.mongo.pages import Part, part_of
from adapters.pages import Slice


@dataclass(frozen=True, slots=True)
class Content:
    """One entry."""

    content_id: str
    data: str
    updated_by: str | None
    updated_at: datetime | None


class Contents:
    """Reads and writes the collection ``content``."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """Indexes: one document per ``content_id``."""
        await self._collection.create_index("content_id", unique=True)

    async def all(self) -> list[Content]:
        """Every entry, by name."""
        return [_content(document) async for document in self._collection.find().sort("content_id", 1)]

    async def page(self, part: Slice) -> tuple[list[Content], Part]:
        """A part of them by name, which tells them apart."""
        found = await part_of(self._collection, {}, (("content_id", 1),), part)
        return [_content(document) for document in found.documents], found

    async def one(self, content_id: str) -> Content | None:
        """The entry of that name, if there is one."""
        document = await self._collection.find_one({"content_id": content_id})
        return None if document is None else _content(document)

    async def change(self, entries: Mapping[str, str], by: str, now: datetime) -> None:
        """Write each entry; new names become new documents."""
        writes = [
            UpdateOne(
                {"content_id": content_id},
                {"$set": {"data": data, "updated_by": by, "updated_at": now}},
                upsert=True,
            )
            for content_id, data in entries.items()
        ]
        if writes:
            await self._collection.bulk_write(writes)


def _content(document: Mapping[str, Any]) -> Content:
    return Content(
        document["content_id"], document.get("data", ""), document.get("updated_by"), document.get("updated_at")
    )
