"""What the development stack knows of each kind of booking: a package a kind, with its seed data and demo."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.mongo import MongoDatabase

People = dict[str, Any]
"""The demo people as ``stack.json`` shows them: admin, customers, and the other roles of the kind."""


@dataclass(frozen=True)
class Seeded:
    """What a seed did: how many rows it wrote, and the people, None when all were there with their logins."""

    rows: int
    people: People | None


class Seed(Protocol):
    """Fills a database with a believable data set; may be repeated."""

    async def __call__(self, connection: AsyncConnection, mongo: MongoDatabase, *, kept: bool) -> Seeded:
        """``kept``: the logins of an earlier run are known, so that passwords need not be made anew."""


def seed_of(package: str) -> Seed:
    """The seed of a kind: ``seed`` of its package here, ``devstack.kinds.vehicle_service``."""
    found: Seed = import_module(package).seed
    return found
