"""What PostgreSQL does for a part of a list: it follows an index where rows are many, and builds none to count."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from adapters.postgres.email_log import LOGS
from adapters.postgres.ledger_queries import RECONCILIATIONS, entries_visible_to
from adapters.postgres.listings import Listing
from adapters.postgres.people.users import people_of
from kinds.vehicle_service.domain.roles import CUSTOMER
from kinds.vehicle_service.postgres.car_history import HISTORY
from kinds.vehicle_service.postgres.catalogue import ADDRESSES, CUSTOMER_CARS, MODELS_LIKE, SERVICES_BY
from kinds.vehicle_service.postgres.mechanics import MECHANICS
from kinds.vehicle_service.postgres.reviews import REVIEWS
from kinds.vehicle_service.postgres.saved_services import saved_in
from tests.rows import connect

MANY = {
    "customers": people_of(CUSTOMER),
    "customers, newest": people_of(CUSTOMER).reversed(),
    "reviews": REVIEWS,
    "carts": saved_in("carts"),
    "favourites": saved_in("favourites"),
    "cars": Listing(CUSTOMER_CARS),
    "addresses": Listing(ADDRESSES),
    "services": SERVICES_BY["id"],
    "mails": LOGS,
    "ledger": entries_visible_to("admin"),
}
BUILT = {
    **MANY,
    **{f"services by {name}": listing for name, listing in SERVICES_BY.items()},
    "mechanics": MECHANICS,
    "models": Listing(MODELS_LIKE),
    "history": HISTORY,
    "reconciliations": RECONCILIATIONS,
}
VALUES: dict[str, Any] = {
    "booking_kind": "'vehicle_service'",
    "limit_": "50",
    "offset_": "0",
    "car": "88",
    "service_id": "45",
    "zone": "'Asia/Kolkata'",
}


@pytest.fixture
async def rows(postgres: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    connection = await connect(postgres)
    yield connection
    await connection.close()


def with_values(listing: Listing, statement: str) -> str:
    """Statements with values: those of a place fit its columns, other parameters narrow nothing."""
    fitting = {"bigint": "7", "text": "'x'", "timestamptz": "'2026-11-24T10:00:00+00:00'", "date": "'2026-11-24'"}
    place = {f"after_{number}": fitting[column.type] for number, column in enumerate(listing.sorted_by)}
    given = {**VALUES, **place}
    return re.sub(r"(?<!:):(\w+)", lambda found: given.get(found[1], "NULL"), statement)


async def plan(rows: "asyncpg.Connection[Any]", statement: str) -> str:
    return "\n".join(row[0] for row in await rows.fetch(f"EXPLAIN (VERBOSE, COSTS OFF) {statement}"))


@pytest.mark.parametrize("name", MANY)
async def test_a_late_part_of_a_list_that_may_be_long_follows_an_index(rows: "asyncpg.Connection[Any]", name: str):
    await rows.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off")
    found = await plan(rows, with_values(MANY[name], MANY[name].statement(behind=True)))
    part = found[found.index("CTE found") : found.index("CTE part")]
    assert "Sort" not in part, part
    assert "Index" in part, part


@pytest.mark.parametrize("name", BUILT)
async def test_what_is_only_counted_is_not_built(rows: "asyncpg.Connection[Any]", name: str):
    listing = BUILT[name]
    counted = f"WITH rows AS NOT MATERIALIZED ({listing.rows}) SELECT count(*) FROM rows"
    assert counted.split(" SELECT count")[0].split("(", 1)[1] in listing.statement(behind=False)
    found = await plan(rows, with_values(listing, counted))
    assert not re.search("json_|jsonb_|to_char|avg|max|CTE Scan", found), found
