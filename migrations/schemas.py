"""The schemas of a database, without Alembic: whoever backs up or starts a worker migrates nothing."""

from collections.abc import Sequence
from typing import Any

import kinds
import settings
from adapters.postgres.kind import KindStorage, distinct
from adapters.postgres.schemas import PUBLIC, Schema
from adapters.postgres.tables import Base, PeopleBase


def installed() -> list[KindStorage[Any]]:
    """The storages of the installed kinds."""
    return [kinds.load_storage(package) for package in settings.load().process.kinds or kinds.INSTALLED]


def schemas(storages: Sequence[KindStorage[Any]] | None = None) -> tuple[Schema, ...]:
    """Every schema with its tables, for backups: the engine's first, since all others refer to it."""
    found = [Schema(PUBLIC, (Base.metadata,))]
    for each in distinct(installed() if storages is None else storages):
        own = (PeopleBase.metadata, each.metadata)
        found.append(Schema(each.schema, own, each.restoring, each.kind.name, each.personal_data))
    return tuple(found)
