"""The log of what was done to people, listings and bookings beside their timelines. It only grows."""

import re
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.access_lines import request_id
from adapters.postgres.listings import Listing, SortColumn
from adapters.postgres.sql_format import INSTANT
from domain.accounts import AccountAct

ACTIONS = (
    "role-change",
    "block",
    "unblock",
    "payout-account",
    "category-create",
    "category-change",
    "category-delete",
    "listing-create",
    "listing-change",
    "listing-hide",
    "dispute-decision",
    "admin-cancel",
    "review-hide",
    "certification-verify",
    "password-change",
    "phone-change",
    "refresh-reuse",
    "admin-create",
    "thread-read",
)
TARGETS = ("user", "category", "listing", "booking", "review")

_ADD = text(
    """
    INSERT INTO audit_log (actor_id, action, target_type, target_id, metadata)
    VALUES (:actor, :action, :type, :target, CAST(:metadata AS jsonb))
    """
)
ENTRIES = Listing(
    f"""
    SELECT a.id, a.actor_id, a.action, a.target_type, a.target_id, a.metadata,
        {INSTANT.format("a.created_at")} AS created_at
    FROM audit_log AS a
    WHERE (CAST(:actor AS text) IS NULL OR a.actor_id = :actor)
        AND (CAST(:action AS text) IS NULL OR a.action = :action)
        AND (CAST(:type AS text) IS NULL OR a.target_type = :type)
        AND (CAST(:target AS text) IS NULL OR a.target_id = :target)
        AND (CAST(:since AS timestamptz) IS NULL OR a.created_at >= :since)
        AND (CAST(:until AS timestamptz) IS NULL OR a.created_at <= :until)
    """,  # noqa: S608 - constants of ours
    (SortColumn("id", descending=True),),
)
"""The newest first, narrowed by ``actor``, ``action``, ``type``, ``target``, ``since`` and ``until``."""


async def record(
    connection: AsyncConnection, actor_id: str, action: str, target_type: str, target_id: str | int, **metadata: Any
) -> None:
    """One entry, in the transaction of what it tells of.

    ``metadata``: changed fields as ``{"field": [old, new]}`` and the like; no secrets. The number of the request, which
    the log of requests has too, is added.
    """
    number = request_id()
    told = {**metadata, **({"request_id": number} if number else {})}
    entry = {"actor": actor_id, "action": action, "type": target_type, "target": str(target_id)}
    await connection.execute(_ADD, {**entry, "metadata": orjson.dumps(told).decode()})


async def record_account_act(connection: AsyncConnection, act: AccountAct) -> None:
    """An act on an account that the engine tells of (``KindStorage.record_act``)."""
    await record(connection, act.actor, act.action, "user", act.target, **act.facts)


def masked(phone: str) -> str:
    """A phone as others may read it: ``+91******5379``."""
    return re.sub(r"(?<=^\+91)[0-9]{6}", "******", phone)
