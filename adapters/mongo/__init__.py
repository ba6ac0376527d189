"""Documents: what needs no tables. Three small collections, as the documents of the product name them."""

import asyncio
from typing import Any

import structlog
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, PyMongoError

from adapters.mongo.content import Contents
from adapters.mongo.gst import GstRates
from adapters.mongo.personal_data import PersonalDocuments
from adapters.mongo.queries import Queries
from settings import Stores

log = structlog.get_logger("mongo")

_PAUSE = 5.0

OUTAGE = ConnectionFailure
"""What every call raises while the server cannot be reached."""


class MongoDatabase:
    """The MongoDB side of one process; ``close()`` it at the end."""

    def __init__(self, stores: Stores) -> None:
        self._client: Any = AsyncIOMotorClient(
            stores.mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=3000, connectTimeoutMS=3000, appname="revcare"
        )
        self.database: Any = self.named(stores.mongodb_db)
        self.gst = GstRates(self.database["gst"])
        self.content = Contents(self.database["content"])
        self.queries = Queries(self.database["queries"])
        self.personal = PersonalDocuments(self.database.__getitem__)

    def named(self, name: str) -> Any:
        """Another database of the same server."""
        return self._client[name]

    async def prepare(self) -> None:
        """Make the indexes; safe to repeat."""
        for collection in (self.gst, self.content, self.queries):
            await collection.prepare()

    async def make_missing_indexes(self) -> list[str]:
        """The same, for somebody who wants to know which were not there."""
        before = await self._indexes()
        await self.prepare()
        return [f"{collection}.{index}" for collection, index in sorted(await self._indexes() - before)]

    async def prepare_when_reachable(self) -> None:
        """Make the indexes as soon as the server answers; the database of a new kind has none, nor has a new server."""
        while True:
            try:
                await self.prepare()
                return
            except OUTAGE:
                await asyncio.sleep(_PAUSE)
            except PyMongoError as refused:
                log.error("indexes cannot be made", database=self.database.name, error=str(refused)[:500])
                return

    async def _indexes(self) -> set[tuple[str, str]]:
        """Collection and name of each index but those that every collection has."""
        found = {name: await self.database[name].index_information() for name in ("gst", "content", "queries")}
        return {(name, index) for name, indexes in found.items() for index in indexes if index != "_id_"}

    async def ping(self) -> None:
        """Raise when the server does not answer."""
        await self._client.admin.command("ping")

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


__all__ = ["OUTAGE", "MongoDatabase"]
