"""The marketplace of the shared stack, and databases with the tables of local services."""

from collections.abc import AsyncIterator, Iterator

import pytest

from devstack.stack import Stack
from tests.database_copies import copy_of
from tests.kinds.local_services.market import Market


@pytest.fixture(scope="module")
def market(stack: Stack) -> Iterator[Market]:
    """Its people, over HTTP."""
    market = Market(stack.info)
    yield market
    market.close()


@pytest.fixture(scope="session")
async def migrated_services(migrated_postgres: str) -> AsyncIterator[str]:
    """A migrated database with the tables of the kind beside those of the engine, which nobody uses."""
    async with copy_of(migrated_postgres) as copy:
        from tests.kinds.local_services.tables import add_tables  # only where rows are wanted

        await add_tables(copy)
        yield copy


@pytest.fixture(scope="module")
async def postgres(migrated_services: str) -> AsyncIterator[str]:
    """A database of this module, with the tables of the kind."""
    async with copy_of(migrated_services) as copy:
        yield copy
