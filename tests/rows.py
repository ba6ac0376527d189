"""Sessions of tests with PostgreSQL beside the product, with the search path of the vehicle service."""

from typing import Any

import asyncpg

from adapters.postgres.database import search_path
from kinds.vehicle_service.postgres.storage import STORAGE

SETTINGS = {"search_path": search_path(STORAGE.schema), "max_parallel_workers_per_gather": "0"}
"""Alone: a look at all tables would start processes each time, which take longer than to count their few rows."""


async def connect(url: str) -> "asyncpg.Connection[Any]":
    """A session without any limit."""
    return await asyncpg.connect(url, server_settings=SETTINGS)
