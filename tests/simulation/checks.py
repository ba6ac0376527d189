"""What must be true when everybody has calmed down: our books and the provider's, rows, workflows, documents, mails."""

import asyncio
import re
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from adapters.postgres.database import Database
from adapters.postgres.schemas import PUBLIC
from adapters.razorpay.settlements import RazorpaySettlements
from devstack.demo.calls import Json
from devstack.stack import Stack
from domain.books.months import Month
from operations.book_files import Format
from operations.books import Bookkeeping
from settings import Stores
from tests.operations.reading import rows_of
from tests.rows import connect
from tests.simulation.run import Simulation
from tests.workflows.servers import connected
from workflows.booking.messages import PAYMENTS_QUEUE, booking_workflow_id
from workflows.reconciliation import ReconciliationInput, ReconciliationResult, ReconciliationWorkflow

KIND = "vehicle_service"
QUICK = ReconciliationInput(patience=timedelta(seconds=1))
_PAUSE = 1.0
_ZONE = ZoneInfo("Asia/Kolkata")

_LEDGER = """
    SELECT booking_id, kind, reference, sum(amount)::bigint AS amount FROM ledger_entries
    WHERE booking_id = ANY($1) AND kind IN ('capture', 'refund', 'chargeback')
    GROUP BY booking_id, kind, reference HAVING sum(amount) <> 0
"""
_ROWS = """
    SELECT b.id, b.status, b.version, NOT b.settled AS unsettled,
        (SELECT count(*) FROM booking_events AS e WHERE e.booking_id = b.id) AS entries,
        (SELECT max(e.version) FROM booking_events AS e WHERE e.booking_id = b.id) AS last,
        (SELECT count(*) FROM outbox AS o WHERE o.booking_id = b.id) AS unsent
    FROM bookings AS b WHERE b.id = ANY($1)
"""
_TIMELINE = """
    SELECT booking_id, 'version ' || version || ': ' || action || ', ' || coalesce(note, '') AS line
    FROM booking_events WHERE booking_id = ANY($1) ORDER BY booking_id, version
"""
_MONEY = """
    SELECT booking_id, concat_ws(' ', 'ledger:', kind, reference, amount) AS line FROM ledger_entries
    WHERE booking_id = ANY($1)
    UNION ALL SELECT booking_id, concat_ws(' ', 'document:', number, amount) FROM documents WHERE booking_id = ANY($1)
    ORDER BY 1, 2
"""
_OPEN = "SELECT id FROM bookings WHERE id = ANY($1) AND NOT settled"
_NAMED = re.compile(r"\bbooking (\d+)")
_NUMBERS = """
    SELECT regexp_replace(number, '[0-9]+$', '') AS series, count(*) AS documents,
        max(substring(number FROM '[0-9]+$')::int) - min(substring(number FROM '[0-9]+$')::int) + 1 AS span
    FROM documents GROUP BY 1
"""


def until_it_adds_up(simulation: Simulation, stack: Stack, patience: float = 90.0) -> list[str]:
    """What is still wrong when the patience has run out; nothing, as soon as all is right."""
    began, wrong = time.monotonic(), ["nothing was looked at"]
    while wrong and time.monotonic() - began < patience:
        wrong = asyncio.run(Looking(simulation, stack).problems())
        if wrong:
            time.sleep(_PAUSE)
    simulation.record.note("checks", f"{len(wrong)} problems, after {time.monotonic() - began:.1f} s")
    for each in wrong:
        simulation.record.note("checks", each)
    if wrong:
        named = {int(booking) for booking in _NAMED.findall(str(wrong))}
        asyncio.run(Looking(simulation, stack).note_how_it_came(named))
    return wrong


def whole(simulation: Simulation, stack: Stack) -> list[str]:
    """A simulation from its first booking to the end of its last: what went wrong."""
    try:
        simulation.run()
        simulation.calm()
        if wrong := until_it_adds_up(simulation, stack):
            return [*simulation.record.faults, *wrong]
        simulation.finish()
        if simulation.record.faults:
            asyncio.run(Looking(simulation, stack).note_what_is_open())
        return [*until_it_adds_up(simulation, stack), *simulation.record.faults]
    finally:
        simulation.close()


class Looking:
    """One look at everything that belongs to the bookings of a simulation."""

    def __init__(self, simulation: Simulation, stack: Stack) -> None:
        self._simulation, self._info = simulation, stack.info
        self._ids = sorted(visit.id for visit in simulation.visits)
        self._provider = simulation.provider.state()
        self._owners = simulation.provider.owners

    async def problems(self) -> list[str]:
        """In words; the reconciliation comes last, for it takes a moment."""
        rows = await connect(self._info["postgres"])
        try:
            client = await connected(self._info["temporal"])
            found = [*await self._money(rows), *await self._rows(rows, client), *await self._documents(rows)]
            found += list(self._mails())
            return found or await self._differences(client) or await self._books()
        finally:
            await rows.close()

    async def note_how_it_came(self, bookings: Collection[int]) -> None:
        """For the record, so that what is wrong with these can be explained when their stack is gone."""
        rows = await connect(self._info["postgres"])
        try:
            for query in (_TIMELINE, _MONEY):
                for row in await rows.fetch(query, sorted(bookings)):
                    self._simulation.record.note(f"booking {row['booking_id']}", row["line"])
        finally:
            await rows.close()

    async def note_what_is_open(self) -> None:
        """For the record: bookings without an end, and the refunds that are under way."""
        note, client = self._simulation.record.note, await connected(self._info["temporal"])
        rows = await connect(self._info["postgres"])
        try:
            unsettled = [row["id"] for row in await rows.fetch(_OPEN, self._ids)]
        finally:
            await rows.close()
        await self.note_how_it_came(unsettled)
        async for each in client.list_workflows("WorkflowType = 'RefundWorkflow' AND ExecutionStatus = 'Running'"):
            handle = client.get_workflow_handle(each.id)
            for waits in (await handle.describe()).raw_description.pending_activities:
                note(each.id, f"{waits.activity_type.name}, try {waits.attempt}: {waits.last_failure.message}")
            for event in (await handle.fetch_history()).events:
                about = event.user_metadata.summary.data.decode()
                note(each.id, f"{event.event_time.ToJsonString()} {EventType.Name(event.event_type)} {about}")

    async def _money(self, rows: "asyncpg.Connection[Any]") -> list[str]:
        """Every paisa that moved at the provider, and no other, is in the ledger of the booking that it belongs to."""
        posted = {
            (row["booking_id"], row["kind"], row["reference"]): row["amount"]
            for row in await rows.fetch(_LEDGER, self._ids)
        }
        moved = dict(self._moved())
        return [
            f"booking {key[0]}: {key[1]} {key[2]}: provider {moved.get(key, 0)}, ledger {posted.get(key, 0)}"
            for key in sorted({*moved, *posted})
            if moved.get(key) != posted.get(key)
        ]

    def _moved(self) -> Iterator[tuple[tuple[int, str, str], int]]:
        payments = {each["id"]: each for each in self._provider["payments"] if each["order_id"] in self._owners}
        booking = {payment: self._owners[each["order_id"]] for payment, each in payments.items()}
        for payment, each in payments.items():
            if each["captured"]:
                yield (booking[payment], "capture", payment), each["amount"]
        for refund in self._provider["refunds"]:
            if refund["payment_id"] in payments and refund["status"] == "processed":
                yield (booking[refund["payment_id"]], "refund", refund["id"]), -refund["amount"]
        for dispute in self._provider["disputes"]:
            if dispute["payment_id"] in payments and dispute["amount_deducted"]:
                yield (booking[dispute["payment_id"]], "chargeback", dispute["id"]), -dispute["amount_deducted"]

    async def _rows(self, rows: "asyncpg.Connection[Any]", client: Client) -> list[str]:
        """Timelines without a gap, no mail that waits, a living workflow for every booking with something to settle."""
        found = []
        for row in await rows.fetch(_ROWS, self._ids):
            booking = f"booking {row['id']}"
            if not row["entries"] == row["last"] == row["version"]:
                found.append(f"{booking}: version {row['version']}, {row['entries']} entries to {row['last']}")
            if row["unsent"]:
                found.append(f"{booking}: {row['unsent']} e-mails wait")
            found += await self._workflow(client, row)
        return found

    async def _workflow(self, client: Client, row: Mapping[str, Any]) -> list[str]:
        handle = client.get_workflow_handle(booking_workflow_id(KIND, row["id"]))
        description = await handle.describe()
        runs = description.status is WorkflowExecutionStatus.RUNNING
        if runs != row["unsettled"]:
            return [f"booking {row['id']}: {row['status']}, its workflow is {description.status}"]
        if not runs:
            return []
        if description.raw_description.pending_workflow_task.attempt > 1:
            return [f"booking {row['id']}: its workflow task fails: {await self._why_it_fails(handle)}"]
        try:
            version = (await handle.query("view", rpc_timeout=timedelta(seconds=10)))["version"]
        except (RPCError, WorkflowQueryFailedError) as silent:
            return [f"booking {row['id']}: its workflow does not answer: {silent}"]
        return [] if version == row["version"] else [f"booking {row['id']}: row {row['version']}, workflow {version}"]

    async def _why_it_fails(self, handle: WorkflowHandle[Any, Any]) -> str:
        """What the worker last said; the history is kept, for its stack will be gone."""
        history = await handle.fetch_history()
        self._simulation.record.keep_history(history)
        failed = [each.workflow_task_failed_event_attributes.failure.message for each in history.events]
        return next(filter(None, reversed(failed)), "the history does not say why")

    async def _documents(self, rows: "asyncpg.Connection[Any]") -> list[str]:
        """Numbers without a gap, whoever's they are."""
        series = await rows.fetch(_NUMBERS)
        gaps = [each for each in series if each["documents"] != each["span"]]
        return [f"{each['series']}: {each['documents']} of {each['span']} numbers" for each in gaps]

    def _mails(self) -> Iterator[str]:
        """A mail that was sent twice is one mail, and none of a sort is missing."""
        identities: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for mail in self._sent():
            about = mail["headers"]
            if about.get("X-RevCare-Booking", "") in map(str, self._ids):
                key = (about["X-RevCare-Booking"], about["X-RevCare-Notice"], about["X-RevCare-Sequence"])
                identities[key].add(about["Message-ID"])
        for key, found in identities.items():
            if len(found) > 1:
                yield f"booking {key[0]}: {key[1]} {key[2]} was sent as {len(found)} mails"
        counted: dict[tuple[str, str], set[int]] = defaultdict(set)
        for booking, notice, sequence in identities:
            counted[booking, notice].add(int(sequence))
        for (booking, notice), numbers in counted.items():
            if numbers != set(range(1, len(numbers) + 1)):
                yield f"booking {booking}: of {notice} came {sorted(numbers)}"

    def _sent(self) -> list[Json]:
        return self._simulation.shop.mailbox.all()

    async def _differences(self, client: Client) -> list[str]:
        """What the product itself finds about these bookings."""
        answer: ReconciliationResult = await client.execute_workflow(
            ReconciliationWorkflow.run, QUICK, id=f"reconciliation-{uuid.uuid4()}", task_queue=PAYMENTS_QUEUE
        )
        ours = {reference for (_, _, reference), _ in self._moved()}
        return [
            f"booking {each.booking_id}: {each.kind} {each.detail}"
            for each in answer.differences
            if each.booking_id in self._ids or each.reference in ours
        ]

    async def _books(self) -> list[str]:
        """The books of the month agree with themselves, and with what the provider has settled of these bookings."""
        keys = self._info["razorpay"]
        self._simulation.provider.call("POST", "/sandbox/settlements", json={})
        provider = RazorpaySettlements(**{name: keys[name] for name in ("key_id", "key_secret", "base_url")})
        database = Database(Stores(postgresql_url=self._info["postgres"]), PUBLIC)
        with tempfile.TemporaryDirectory() as out:
            today = datetime.now(_ZONE)
            keeper = Bookkeeping(database, _ZONE, provider)
            made = await keeper.books(Month(today.year, today.month), Path(out), Format.CSV)
            found = [f"{check.what}: {check.one} and {check.other}" for check in made.wrong]
            ours = {reference for (_, _, reference), _ in self._moved()}
            for item in rows_of(made.place / "settlement_items.csv"):
                if {item["Item"], item["Of payment or dispute"]} & ours and item["Found"] == "another amount":
                    found.append(f"{item['Item']}: settled otherwise than booked, by {item['Difference']}")
        provider.close()
        await database.close()
        return found
