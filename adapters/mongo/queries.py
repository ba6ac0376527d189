"""What people ask the shop, and the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from adapters.mongo.moments import to_the_millisecond
from adapters.mongo.pages import Part, part_of
from adapters.pages import Slice

_NEWEST_FIRST = (("created_at", -1), ("_id", -1))


@dataclass(frozen=True, slots=True)
class Query:
    """A question; ``customer_id`` when it was asked while logged in."""

    id: str
    customer_email: str
    query: str
    customer_id: str | None
    response: str | None
    responded_by: str | None
    created_at: datetime | None
    responded_at: datetime | None
    revision: int = 0
    """How many different answers it got."""


class Queries:
    """Reads and writes the collection ``queries``."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """Indexes."""
        await self._collection.create_index([("customer_id", 1), ("created_at", -1)])
        await self._collection.create_index(list(_NEWEST_FIRST))

    async def ask(self, email: str, question: str, customer_id: str | None, now: datetime) -> Query:
        """Keep a question."""
        document: dict[str, Any] = {
            "customer_email": email,
            "query": question,
            "customer_id": customer_id,
            "response": None,
            "responded_by": None,
            "created_at": to_the_millisecond(now),
            "responded_at": None,
        }
        document["_id"] = (await self._collection.insert_one(dict(document))).inserted_id
        return _query(document)

    async def page(
        self, customer_id: str | None, part: Slice, *, answered: bool | None = None
    ) -> tuple[list[Query], Part]:
        """Newest first, all or those of one customer, answered or not."""
        wanted: dict[str, Any] = {} if customer_id is None else {"customer_id": customer_id}
        if answered is not None:
            wanted["response"] = {"$ne": None} if answered else None
        found = await part_of(self._collection, wanted, _NEWEST_FIRST, part)
        return [_query(document) for document in found.documents], found

    async def respond(self, query_id: str, response: str, by: str, now: datetime) -> Query | None:
        """Answer a question; None when there is no such one. The same answer again changes nothing."""
        if not ObjectId.is_valid(query_id):
            return None
        wanted = {"_id": ObjectId(query_id)}
        answer = {"response": response, "responded_by": by, "responded_at": now}
        document = await self._collection.find_one_and_update(
            {**wanted, "response": {"$ne": response}},
            {"$set": answer, "$inc": {"revision": 1}},
            return_document=ReturnDocument.AFTER,
        )
        document = document or await self._collection.find_one(wanted)
        return None if document is None else _query(document)


def _query(document: Mapping[str, Any]) -> Query:
    return Query(
        id=str(document["_id"]),
        customer_email=document["customer_email"],
        query=document["query"],
        customer_id=document.get("customer_id"),
        response=document.get("response"),
        responded_by=document.get("responded_by"),
        created_at=document.get("created_at"),
        responded_at=document.get("responded_at"),
        revision=document.get("revision", 0),
    )
