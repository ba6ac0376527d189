"""Lists of documents, read part by part behind the last one that was shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from bson import ObjectId

from adapters.pages import Slice

Document = Mapping[str, Any]
SortedBy = tuple[tuple[str, int], ...]
"""Fields and directions (1 up, -1 down); the last field tells documents apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a list, and how many documents there are in all.

    ``last``: the place of the last one as a JSON array, if others follow.
    """

    documents: Sequence[Document]
    total: int
    last: str | None


async def part_of(collection: Any, matching: Mapping[str, Any], sorted_by: SortedBy, wanted: Slice) -> Part:
    """The part of these documents that is ``wanted``."""
    where = {"$and": [matching, _behind(sorted_by, wanted.after)]} if wanted.after else matching
    found = collection.find(where).sort(list(sorted_by)).skip(wanted.offset).limit(wanted.limit + 1)
    documents = [document async for document in found]
    shown = documents[: wanted.limit]
    last = None if len(documents) == len(shown) else _place(shown[-1], sorted_by)
    return Part(shown, await collection.count_documents(matching), last)


def _place(document: Document, sorted_by: SortedBy) -> str:
    values = [document.get(name) for name, _ in sorted_by]
    return orjson.dumps([str(each) if isinstance(each, ObjectId) else each for each in values]).decode()


def _behind(sorted_by: SortedBy, place: Sequence[Any]) -> dict[str, Any]:
    (name, direction), *others = sorted_by
    value = ObjectId(place[0]) if name == "_id" else place[0]
    further = [{name: value, **_behind(tuple(others), place[1:])}] if others else []
    return {"$or": [*_beyond(name, direction, value), *further]}


def _beyond(name: str, direction: int, value: str | datetime | ObjectId | None) -> list[dict[str, Any]]:
    """What comes after a value. A document without one comes first upwards, and no comparison finds it."""
    if value is None:
        return [{name: {"$ne": None}}] if direction > 0 else []
    return [{name: {"$gt": value}}] if direction > 0 else [{name: {"$lt": value}}, {name: None}]
