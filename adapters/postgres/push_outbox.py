"""Pushes on their way: written with the notices that they show, read by the one that sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import text

from adapters.postgres.database import Database
from adapters.postgres.driver import Prepared
from adapters.postgres.notices import Notices
from domain.pushes import Device, Push

_DUE = Prepared(
    """
    SELECT coalesce(json_agg(waiting), '[]')::text AS due FROM (
        SELECT kind, notification_id, person_id, booking_id, version, attempts,
            CAST(extract(epoch FROM now() - created_at) AS float8) AS age
        FROM push_outbox WHERE next_at <= now() ORDER BY next_at, notification_id LIMIT :limit
    ) AS waiting
    """
)
_KEY = "kind = :kind AND notification_id = :notification_id"
_CLAIM = Prepared(
    f"""
    UPDATE push_outbox SET attempts = attempts + 1, next_at = now() + CAST(:lasting AS interval)
    WHERE {_KEY} AND next_at <= now() RETURNING push::text AS push, told
    """  # noqa: S608 - ours
)
_TOLD = Prepared(f"UPDATE push_outbox SET told = array_append(told, :device) WHERE {_KEY} RETURNING 1")  # noqa: S608
_POSTPONE = Prepared(f"UPDATE push_outbox SET next_at = now() + CAST(:pause AS interval) WHERE {_KEY} RETURNING 1")  # noqa: S608
_REMOVE = Prepared(f"DELETE FROM push_outbox WHERE {_KEY} RETURNING 1")  # noqa: S608
# Nothing is shown on a device any more of what was read in the application.
_DEVICES = """
    SELECT d.id, d.token, d.platform FROM device_tokens AS d
    WHERE d.user_id = :person AND NOT ({unwanted})
        AND EXISTS (SELECT FROM user_notifications AS n WHERE n.id = :notification AND NOT n.is_read)
    ORDER BY d.id
"""
_FORGET = text("DELETE FROM device_tokens WHERE id = :id AND token = :token")


@dataclass(frozen=True, slots=True)
class PendingPush:
    """A push that waits: since when, and how many attempts were made."""

    kind: str
    notification_id: int
    person_id: str
    booking_id: int | None
    version: int | None
    attempts: int
    age: timedelta

    @property
    def key(self) -> dict[str, Any]:
        """What names its row."""
        return {"kind": self.kind, "notification_id": self.notification_id}


class PushOutboxRows:
    """The pushes of all kinds in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, limit: int) -> Sequence[PendingPush]:
        """What may be worked on now, the longest waiting first."""
        row = await self._database.row(_DUE, limit=limit)
        return [PendingPush(**each | {"age": timedelta(seconds=each["age"])}) for each in orjson.loads(row["due"])]

    async def claim(self, waiting: PendingPush, lasting: timedelta) -> tuple[Push, Sequence[int]] | None:
        """Take it, for so long, and learn which devices have it; None when somebody else has it, or it is gone."""
        row = await self._database.row(_CLAIM, **waiting.key, lasting=lasting)
        if row is None:
            return None
        return Push(waiting.notification_id, booking_id=waiting.booking_id, **orjson.loads(row["push"])), row["told"]

    async def told(self, waiting: PendingPush, device: Device) -> None:
        """That device has it: it is not sent there again."""
        await self._database.row(_TOLD, **waiting.key, device=device.id)

    async def postpone(self, waiting: PendingPush, pause: timedelta) -> None:
        """Not before that much later."""
        await self._database.row(_POSTPONE, **waiting.key, pause=pause)

    async def remove(self, waiting: PendingPush) -> None:
        """Every device has it, nobody is to have it, or it is given up."""
        await self._database.row(_REMOVE, **waiting.key)


class DeviceRows:
    """The devices of a kind's people."""

    def __init__(self, database: Database, notices: Notices) -> None:
        """``database`` finds the tables of the kind."""
        self._database = database
        self._devices = text(_DEVICES.format(unwanted=notices.unwanted))

    async def devices(self, person_id: str, push: Push) -> list[Device]:
        """Where that person is to be shown it: nowhere if it is switched off, or was read."""
        given = {"person": person_id, "about": push.type, "channel": "push", "notification": push.notification_id}
        used = {name: value for name, value in given.items() if f":{name}" in self._devices.text}
        async with self._database.read.connect() as connection:
            return [Device(row.id, row.token, row.platform) for row in await connection.execute(self._devices, used)]

    async def forget(self, device: Device) -> None:
        """Its token is nobody's any more."""
        async with self._database.read.connect() as connection:
            await connection.execute(_FORGET, {"id": device.id, "token": device.token})
