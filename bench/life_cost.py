"""What the life of a booking leaves behind: rows, bytes and events, counted before and after some lives.

Counts do not depend on what else the machine does. Rows that go again (the outbox, Temporal's tasks) are not in them;
what was written, with those, is the growth of PostgreSQL's log.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import make_url
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.lives import People, given_up_in_turn, live
from bench.results import Line, Results, Say
from bench.stacks import Info
from kinds.vehicle_service.domain.visit import KIND
from workflows.booking.messages import booking_workflow_id

LIVES = 20
_AT_ONCE = 4
_TABLES = """
    SELECT quote_ident(schemaname) || '.' || quote_ident(relname) FROM pg_stat_user_tables
    WHERE schemaname NOT LIKE 'pg_%' ORDER BY 1
"""
_COUNT = "SELECT count(*), coalesce(sum(pg_column_size(t.*)), 0) FROM {} AS t"
_OPEN = """
    SELECT (SELECT count(*) FROM outbox WHERE booking_id = ANY($1))
        + (SELECT count(*) FROM bookings WHERE id = ANY($1) AND NOT settled)
"""
_TIMED_OUT = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
_STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds: rows and their bytes by table, bytes of indexes, transactions so far."""

    rows: Mapping[str, int]
    stored: Mapping[str, int]
    indexes: int
    transactions: int

    def since(self, before: "Held", lives: int) -> dict[str, Any]:
        """The growth for each life; tables that did not grow are left out."""
        grown = {name: (self.rows[name] - before.rows.get(name, 0)) / lives for name in self.rows}
        stored = {name: (self.stored[name] - before.stored.get(name, 0)) / lives for name in self.stored}
        return {
            "rows": round(sum(grown.values()), 1),
            "bytes": round(sum(stored.values())),
            "index_bytes": round((self.indexes - before.indexes) / lives),
            "transactions": round((self.transactions - before.transactions) / lives),
            "tables": {name: [round(rows, 1), round(stored[name])] for name, rows in grown.items() if rows >= 0.05},
        }


async def measure_life(info: Info, results: Results, say: Say) -> None:
    """The lives, and what was there before and after."""
    people = await People.of(info)
    ours = await asyncpg.connect(info["postgres"])
    theirs = await asyncpg.connect(
        make_url(info["postgres"]).set(database="temporal").render_as_string(hide_password=False)
    )
    await _lives(people, 4)  # what is made once is made
    before = [await _held(ours), await _held(theirs)]
    log = await ours.fetchval("SELECT pg_current_wal_lsn()")
    bookings = await _lives(people, LIVES)
    written = int(await ours.fetchval("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)", log))
    after = [await _held(ours), await _held(theirs)]
    product, temporal = (now.since(then, LIVES) for now, then in zip(after, before, strict=True))
    history = await histories(info, bookings)
    details = {"lives": LIVES, "product": product, "temporal": temporal, "log_bytes": written // LIVES, **history}
    results.details["life_cost"] = details
    for name, held in (("product", product), ("Temporal", temporal)):
        what = f"{held['rows']:.0f} rows, {held['bytes'] / 1024:.0f} + {held['index_bytes'] / 1024:.0f} KiB"
        results.add(Line("life", f"{name}: rows, bytes of rows and indexes", what))
        results.add(Line("life", f"{name}: transactions", f"{held['transactions']}"))
    results.add(
        Line("life", "PostgreSQL's log", f"{written / LIVES / 1024:.0f} KiB"),
        Line("life", "history", f"{history['events']:.0f} events, {history['bytes'] / 1024:.0f} KiB"),
        Line("life", "tasks of the workflow, of them lost", f"{history['tasks']:.1f}, {history['lost']:.2f}"),
    )
    say("lives counted")
    for connection in (ours, theirs):
        await connection.close()
    await people.close()


async def _lives(people: People, number: int) -> list[int]:
    cars, gate = await people.cars(number), asyncio.Semaphore(_AT_ONCE)

    async def one(car: Any, given_up: bool) -> int:
        async with gate:
            return await live(people, car, given_up=given_up)

    found = await asyncio.gather(*(one(*each) for each in zip(cars, given_up_in_turn(), strict=False)))
    await people.until_none(_OPEN, found)
    return found


async def _held(database: asyncpg.Connection) -> Held:
    """Counted, not estimated."""
    rows, stored = {}, {}
    for (name,) in await database.fetch(_TABLES):
        count = await database.fetchrow(_COUNT.format(name))
        rows[name], stored[name] = int(count[0]), int(count[1])
    indexes = await database.fetchval("SELECT sum(pg_indexes_size(relid)) FROM pg_stat_user_tables")
    await database.execute("SELECT pg_stat_clear_snapshot()")
    done = await database.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    return Held(rows, stored, int(indexes), int(done))


async def histories(info: Info, bookings: list[int], kind: str = KIND) -> dict[str, float]:
    """Events, bytes and tasks of the workflows of these bookings, for each; "lost" are tasks that were done again.

    A process that had the booking in memory did not take it up in time, or a task that began was not finished.
    """
    client = await Client.connect(info["temporal"], namespace=info["temporal_namespace"])
    events = size = tasks = lost = 0
    for booking in bookings:
        history = await client.get_workflow_handle(booking_workflow_id(kind, booking)).fetch_history()
        events += len(history.events)
        size += sum(event.ByteSize() for event in history.events)
        tasks += sum(event.event_type == _STARTED for event in history.events)
        lost += sum(event.event_type == _TIMED_OUT for event in history.events)
    number = len(bookings)
    return {"events": events / number, "bytes": size / number, "tasks": tasks / number, "lost": lost / number}
