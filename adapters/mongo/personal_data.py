"""What the collections hold of people, and the documents of somebody who leaves or asks for what is held of them."""

import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Any

from bson import ObjectId

from adapters.personal_data import HeldDocuments

_AT_ONCE = 1000

COLLECTIONS: Mapping[str, HeldDocuments] = {
    "queries": HeldDocuments(
        personal="customer_id customer_email query response responded_by",
        plain="id created_at responded_at revision",
        what="a question to the shop, the address for its answer, the answer, and the admin who gave it, by id",
        leaving="deleted: what they asked when logged in, and what was asked with their mail address",
        erased=True,
        asked_by=lambda people: {"customer_id": {"$in": people}},
        exported="customer_email query response created_at responded_at",
    ),
    "content": HeldDocuments(
        personal="updated_by",
        plain="content_id data updated_at",
        what="which admin wrote a text of the shop, by id",
        leaving="stays: texts of the shop. The id leads to nobody any more",
    ),
    "gst": HeldDocuments(
        personal="updated_by",
        plain="percent updated_at",
        what="which admin set a rate, by id",
        leaving="stays: what prices were made with. The id leads to nobody any more",
    ),
}


class PersonalDocuments:
    """The documents of people in the collections of one kind, by the name of each."""

    def __init__(self, collection: Callable[[str], Any]) -> None:
        self._collection = collection

    async def of(self, person_id: str, email: str | None) -> list[str]:
        """The ids of what is deleted when this person leaves. Whoever asked without a login is known by the address."""
        wanted: list[Mapping[str, Any]] = [{"customer_id": person_id}]
        if email:
            wanted.append({"customer_email": {"$regex": f"^{re.escape(email)}$", "$options": "i"}})
        return [
            str(document["_id"])
            for name in _erased()
            async for document in self._collection(name).find({"$or": wanted}, {"_id": 1})
        ]

    async def remove(self, ids: Collection[str], people: Collection[str] = ()) -> None:
        """Delete these documents, and what these people asked when logged in; what is gone already is no error."""
        for field, values in (("_id", [ObjectId(each) for each in ids]), ("customer_id", list(people))):
            for start in range(0, len(values), _AT_ONCE):
                for name in _erased():
                    await self._collection(name).delete_many({field: {"$in": values[start : start + _AT_ONCE]}})

    async def exported(self, name: str, person_id: str) -> AsyncIterator[dict[str, Any]]:
        """The documents of a person in a collection, one after the other, as an export has them."""
        held = COLLECTIONS[name]
        if held.asked_by is not None:
            fields = held.exported.split()
            async for document in self._collection(name).find(held.asked_by([person_id])).sort("_id", 1):
                yield {field: document.get(field) for field in fields}


def _erased() -> list[str]:
    return [name for name, held in COLLECTIONS.items() if held.erased]
