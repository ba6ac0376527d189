"""What a process needs of the world, opened in one place and closed in the reverse order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from temporalio.client import Client

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.auth.passwords import Passwords
from adapters.auth.second_factors import SecondFactorCodes
from adapters.documents.printer import DocumentPrinter
from adapters.images.decoding import ImageDecoder
from adapters.mongo import MongoDatabase
from adapters.postgres.database import Database, Pools
from adapters.postgres.schemas import PUBLIC
from adapters.temporal.client import connecting
from settings import Settings


@dataclass(frozen=True)
class Resources:
    """Open connections of one process, used by the API and the worker alike."""

    settings: Settings
    database: Database
    pools: Pools
    mongo: MongoDatabase
    printer: DocumentPrinter
    images: ImageDecoder
    temporal: Client
    passwords: Passwords
    password_links: PasswordLinks
    contact_links: ContactLinks
    codes: Codes
    second_factors: SecondFactorCodes

    async def ping_rows(self) -> None:
        """Raise when PostgreSQL does not answer."""
        async with self.database.read.connect() as connection:
            await connection.execute(text("SELECT 1"))


@asynccontextmanager
async def open_resources(
    settings: Settings,
    schema: str = PUBLIC,
    *,
    pool_timeout: timedelta = timedelta.max,
    statement_timeout: timedelta = timedelta.max,
) -> AsyncIterator[Resources]:
    """Open everything, whether or not the servers answer yet; close it again whatever happens.

    ``schema``: that of the kind whose API this is. ``pool_timeout`` and ``statement_timeout`` shorten those of the
    settings.
    """
    stores = settings.stores
    limits = {
        "postgresql_pool_timeout": min(pool_timeout, stores.postgresql_pool_timeout),
        "postgresql_statement_timeout": min(statement_timeout, stores.postgresql_statement_timeout),
    }
    pools = Pools(stores.model_copy(update=limits))
    mongo = MongoDatabase(settings.stores)
    passwords, printer, images = Passwords(settings.secrets.hashing), DocumentPrinter(), ImageDecoder()
    try:
        async with connecting() as temporal:
            yield Resources(
                settings=settings,
                database=pools.of(schema),
                pools=pools,
                mongo=mongo,
                printer=printer,
                images=images,
                temporal=temporal,
                passwords=passwords,
                password_links=PasswordLinks(settings.secrets),
                contact_links=ContactLinks(settings.secrets),
                codes=Codes(settings.secrets),
                second_factors=SecondFactorCodes(settings.secrets),
            )
    finally:
        passwords.close()
        printer.close()
        images.close()
        mongo.close()
        await pools.close()
