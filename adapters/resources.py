"""What a process needs of the world, opened in one place and closed in the reverse order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from adapters.mongo import Documents
from adapters.postgres.engine import Database
from adapters.security import Passwords, Tokens
from adapters.temporal import connect
from settings import Settings


@dataclass(frozen=True)
class Resources:
    """Open connections of one process, used by the API and the worker alike."""

    settings: Settings
    database: Database
    documents: Documents
    temporal: Client
    passwords: Passwords
    tokens: Tokens


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open everything; close it again whatever happens."""
    database = Database(settings.stores)
    documents = Documents(settings.stores)
    try:
        yield Resources(
            settings=settings,
            database=database,
            documents=documents,
            temporal=await connect(),
            passwords=Passwords(),
            tokens=Tokens(settings.secrets),
        )
    finally:
        documents.close()
        await database.close()
