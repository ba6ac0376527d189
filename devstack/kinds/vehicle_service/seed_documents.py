"""The documents: a GST percent and the shop's texts, where there are none yet."""

from datetime import datetime
from decimal import Decimal

from adapters.mongo import Documents
from devstack.kinds.vehicle_service.data.content import CONTENT
from devstack.kinds.vehicle_service.data.people import ADMIN
from devstack.kinds.vehicle_service.data.reference import GST_PERCENT


async def seed_documents(documents: Documents, now: datetime) -> None:
    """Make the indexes, then write what is missing."""
    await documents.prepare()
    if await documents.gst.current() is None:
        await documents.gst.change(Decimal(GST_PERCENT), ADMIN[0], now)
    known = {content.content_id for content in await documents.content.all()}
    missing = {name: text for name, text in CONTENT.items() if name not in known}
    await documents.content.change(missing, ADMIN[0], now)
