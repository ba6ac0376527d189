"""The documents: a GST percent and the shop's texts, where there are none yet."""

from datetime import datetime
from decimal import Decimal

from adapters.mongo import MongoDatabase
from devstack.kinds.vehicle_service.data.content import CONTENT
from devstack.kinds.vehicle_service.data.people import ADMIN
from devstack.kinds.vehicle_service.data.reference import GST_PERCENT


async def seed_mongo(mongo: MongoDatabase, now: datetime) -> None:
    """Make the indexes, then write what is missing."""
    await mongo.prepare()
    if await mongo.gst.current() is None:
        await mongo.gst.change(Decimal(GST_PERCENT), ADMIN[0], now)
    known = {content.content_id for content in await mongo.content.all()}
    missing = {name: text for name, text in CONTENT.items() if name not in known}
    await mongo.content.change(missing, ADMIN[0], now)
