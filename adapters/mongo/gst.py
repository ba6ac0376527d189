"""The GST percent. Each change is a new document, so the collection is its own history; the newest counts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pymongo.errors import PyMongoError

from adapters.mongo.moments import to_the_millisecond
from domain.errors import Unavailable

_WAITED_FOR = 1.0
_AWAY_FOR = 5.0
"""So long after a question without an answer nobody waits for the next one."""


@dataclass(frozen=True, slots=True)
class GstRate:
    """A percent such as 18, who set it and when."""

    percent: Decimal
    updated_by: str | None
    updated_at: datetime | None


class GstRates:
    """Reads and appends the collection ``gst``."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection
        self._away_until = 0.0

    async def prepare(self) -> None:
        """Indexes."""
        await self._collection.create_index([("updated_at", -1)])

    async def current(self) -> GstRate | None:
        """The newest rate, if there is any."""
        async for document in self._collection.find().sort([("updated_at", -1), ("_id", -1)]).limit(1):
            return _rate(document)
        return None

    async def percent(self) -> Decimal:
        """The percent to charge. Without one nothing may be priced."""
        if (rate := await self.current()) is None:
            raise Unavailable("no GST percent has been set")
        return rate.percent

    async def percent_if_told(self) -> Decimal | None:
        """The same for what can do without: None while the server does not answer, or when it knows no percent."""
        clock = asyncio.get_running_loop().time
        if clock() < self._away_until:
            return None
        try:
            return await asyncio.wait_for(self.percent(), _WAITED_FOR)
        except (PyMongoError, TimeoutError):
            self._away_until = clock() + _AWAY_FOR
        except Unavailable:
            pass
        return None

    async def percent_or(self, newest: Callable[[], Awaitable[Decimal | None]]) -> Decimal:
        """The same for a booking that begins; while the server is away, what the ``newest`` of the others began with.

        Raises:
            Unavailable: there is neither.
        """
        found = await self.percent_if_told()
        if found is None and (found := await newest()) is None:
            raise Unavailable("the GST percent is not known at the moment; try again shortly")
        return found

    async def change(self, percent: Decimal, by: str, now: datetime) -> GstRate:
        """Set another percent from now on."""
        rate = GstRate(percent, by, to_the_millisecond(now))
        await self._collection.insert_one({"percent": plain(percent), "updated_by": by, "updated_at": now})
        return rate


def plain(percent: Decimal) -> str:
    """``18``, ``12.5``: without exponent or trailing zeros."""
    text = f"{percent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rate(document: Mapping[str, Any]) -> GstRate:
    # 18, "18" and "18%" have all been written by somebody.
    written = str(document.get("percent")).strip().removesuffix("%").strip()
    try:
        percent = Decimal(written)
    except InvalidOperation:
        raise Unavailable(f"the stored GST percent {written!r} is not a number") from None
    return GstRate(percent, document.get("updated_by"), document.get("updated_at"))
