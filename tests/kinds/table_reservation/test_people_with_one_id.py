"""Two kinds number their people alike: what the engine's tables hold of one is nothing to the other's namesake."""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.reconciliation import ReconciliationActivities, Span
from adapters.pages import Slice
from adapters.postgres.database import Database
from adapters.postgres.email_log import LOGS, stored
from adapters.postgres.ledger import LedgerRows
from adapters.postgres.ledger_queries import RECONCILIATIONS, TAKINGS
from adapters.postgres.listings import Listing, page_of
from adapters.postgres.payment_queries import PaymentQueries
from adapters.postgres.people.anonymisation import anonymise
from domain.billing.ledger import EntryKind, Fact
from domain.errors import InUse
from domain.kind import BookingKind
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE as VEHICLES
from migrations.streams import streams
from settings import Stores
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import STORAGE as TABLES

VEHICLE, TABLE = VEHICLE_SERVICE.name, TABLE_RESERVATION.name
KINDS: Mapping[str, BookingKind[Any]] = {VEHICLE: VEHICLE_SERVICE, TABLE: TABLE_RESERVATION}
STORAGES = {VEHICLE: VEHICLES, TABLE: TABLES}
SCHEMAS = {VEHICLE: VEHICLES.schema, TABLE: TABLES.schema}
ZONE = "Asia/Kolkata"
_NUMBERS = itertools.count(1)
_USER = """
INSERT INTO {schema}.users (id, role_id, first_name, phone, email)
SELECT :id, id, 'Asha', :phone, CAST(:id AS text) || '@example.com' FROM {schema}.roles WHERE name = 'customer'
"""
_HOST = """
INSERT INTO users (id, role_id, first_name, phone, email) SELECT :host, id, 'Hari', :phone, 'hari@example.com'
FROM roles WHERE name = 'host'
"""
_TAKES_PART = """
INSERT INTO booking_participants (booking_id, person_id, role, active) VALUES (:booking, :host, 'host', true)
"""
_BOOKING = """
INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention, since,
    created_at, updated_at, state, summaries, closed_at)
VALUES (:id, :kind, 'booked', 1, :person, 100, 100, 'none', false, now(), now(), now(), '{}', '{}',
    CASE WHEN :closed THEN now() END)
"""
_WAITING = """
INSERT INTO outbox (booking_id, version, slug, person_id, place, mail) VALUES (:booking, 1, 'a', :person, 0, '{}')
"""
_LOG = """
WITH mail AS (
    INSERT INTO notifications (identity, booking_kind, booking_id, kind, mail)
    VALUES (CAST(:kind AS text) || CAST(:person AS text), :kind, :booking, 'a', CAST(:mail AS jsonb)) RETURNING id
)
INSERT INTO notification_logs (notification_id, booking_id, recipient_email, subject, attachments, status)
SELECT id, :booking, CAST(:person AS text) || '@example.com', 'A', '{}', 'sent' FROM mail RETURNING id
"""
_MAIL = {"slug": "a", "to": "", "name": "", "at": "2026-11-29T00:00:00Z"}
_LEDGER = """
INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)
VALUES (:booking, 1, 'capture', 'pay_' || CAST(:booking AS bigint), 'service', :amount, '2026-11-29T06:00:00Z')
"""
_INVOICE = """
INSERT INTO documents (booking_id, kind, leg, number, issued_at, amount, facts)
VALUES (:booking, 'invoice', 'service', 'N-' || CAST(:booking AS bigint), '2026-11-29T06:00:00Z', :amount,
    '{"lines": []}')
"""
_PAYMENT = """
INSERT INTO payments (booking_id, number, leg, method, amount, status, order_id, created_at)
VALUES (:booking, 1, 'service', 'online', 100, 'pending', 'order_' || CAST(:booking AS bigint), now())
"""


class Namesakes:
    """A customer of either kind, both of one id, each with a booking."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        number = next(_NUMBERS)
        self.databases = databases
        self.person = f"CST80{number:04}"
        self.phone = f"+9198410{number:05}"
        self.bookings = {kind: 700_000 + 2 * number + each for each, kind in enumerate(SCHEMAS)}
        self.logs: dict[str, int] = {}

    async def come(self, *open_with: str) -> None:
        """Their bookings are closed but with these kinds."""
        for kind, schema in SCHEMAS.items():
            await self.write(kind, _USER.format(schema=schema), id=self.person, phone=self.phone)
            given = {"id": self.bookings[kind], "person": self.person, "kind": kind}
            await self.write(kind, _BOOKING, **given, closed=kind not in open_with)

    async def are_written_to(self) -> None:
        """Each was sent an e-mail about the booking, and another one is on its way."""
        for kind, booking in self.bookings.items():
            await self.write(kind, _WAITING, booking=booking, person=self.person)
            await self._are_sent(kind, booking, booking_id=booking, sequence=1)

    async def are_invited(self) -> None:
        """Each was sent an e-mail about their account."""
        for kind in self.bookings:
            await self._are_sent(kind, None, slug="set-password", key=self.person)

    async def _are_sent(self, kind: str, booking: int | None, **told: Any) -> None:
        mail = orjson.dumps({**_MAIL, "person_id": self.person, "kind": kind, **told}).decode()
        given = {"booking": booking, "person": self.person, "kind": kind, "mail": mail}
        self.logs[kind] = await self.write(kind, _LOG, **given)

    async def write(self, kind: str, statement: str, /, **given: Any) -> Any:
        async with self.databases[kind].write.begin() as connection:
            result = await connection.execute(text(statement), given)
            return result.scalar() if result.returns_rows else None

    async def leaves(self, kind: str) -> None:
        async with self.databases[kind].write.begin() as connection:
            await anonymise(connection, STORAGES[kind], KINDS[kind].role("customer"), self.person)

    async def kept(self, kind: str) -> tuple[int, bool, str]:
        """E-mails on their way, whether the text of the sent one is kept, and where the log says that it went."""
        query = text(
            "SELECT (SELECT count(*) FROM outbox WHERE booking_id = l.booking_id), n.mail IS NOT NULL,"
            " l.recipient_email FROM notification_logs AS l JOIN notifications AS n ON n.id = l.notification_id"
            " WHERE l.id = :id"
        )
        async with self.databases[kind].read.connect() as connection:
            return tuple((await connection.execute(query, {"id": self.logs[kind]})).one())  # type: ignore[return-value]


@pytest.fixture(scope="module")
async def databases(postgres: str) -> AsyncIterator[Mapping[str, Database]]:
    """Both kinds' schemas in one database, and the connections of each kind."""
    made = {kind: Database(Stores(postgresql_url=postgres, postgresql_pool=2), name) for kind, name in SCHEMAS.items()}
    async with made[TABLE].write.begin() as connection:
        for stream in streams([TABLES]):
            await connection.run_sync(stream.upgrade)
    yield made
    for database in made.values():
        await database.close()


@pytest.fixture
def both(databases: Mapping[str, Database]) -> Namesakes:
    return Namesakes(databases)


async def shown_of(connection: Any, listing: Listing, **asked: Any) -> tuple[list[Any], int]:
    page = await page_of(connection, listing, Slice(1000), **asked)
    return json.loads(page.rows), page.total


async def test_who_leaves_one_kind_takes_nothing_of_the_other_kinds_namesake_along(both: Namesakes):
    await both.come()
    await both.are_written_to()
    address = f"{both.person}@example.com"
    assert await both.kept(VEHICLE) == (1, True, address)
    await both.leaves(VEHICLE)
    assert await both.kept(VEHICLE) == (0, False, "")
    assert await both.kept(TABLE) == (1, True, address)


async def test_the_invitation_of_the_other_kinds_namesake_stays_as_well(both: Namesakes):
    await both.come()
    await both.are_invited()
    await both.leaves(VEHICLE)
    assert [(await both.kept(kind))[1:] for kind in both.logs] == [(False, ""), (True, f"{both.person}@example.com")]


async def test_an_open_booking_keeps_only_the_person_of_its_own_kind(both: Namesakes):
    await both.come(TABLE)
    await both.leaves(VEHICLE)
    other = Namesakes(both.databases)
    await other.come(VEHICLE)
    with pytest.raises(InUse, match=str(other.bookings[VEHICLE])):
        await other.leaves(VEHICLE)


async def test_who_takes_part_in_an_open_booking_stays_until_they_no_longer_do(both: Namesakes):
    await both.come(TABLE)
    host, booking = f"TBL90{both.person[5:]}", both.bookings[TABLE]
    await both.write(TABLE, _HOST, host=host, phone="+919841099999")
    await both.write(TABLE, _TAKES_PART, host=host, booking=booking)
    database = both.databases[TABLE]
    with pytest.raises(InUse, match=f"booking {booking} is open"):
        async with database.write.begin() as connection:
            await anonymise(connection, TABLES, TABLE_RESERVATION.role("host"), host)
    await both.write(TABLE, "UPDATE booking_participants SET active = false WHERE person_id = :host", host=host)
    async with database.write.begin() as connection:
        await anonymise(connection, TABLES, TABLE_RESERVATION.role("host"), host)
        name = await connection.execute(text("SELECT name FROM users WHERE id = :id"), {"id": host})
    assert name.scalar() == "Former host"


@pytest.mark.parametrize("mails", [Namesakes.are_written_to, Namesakes.are_invited], ids=["booking", "account"])
@pytest.mark.parametrize("kind", SCHEMAS)
async def test_the_log_of_mails_is_that_of_the_kind_and_so_is_what_may_be_sent_again(
    both: Namesakes, kind: str, mails: Callable[[Namesakes], Awaitable[None]]
):
    await both.come()
    await mails(both)
    asked = {"category": None, "recipient": f"{both.person}@example.com", "since": None, "until": None, "zone": ZONE}
    async with both.databases[kind].read.connect() as connection:
        shown, count = await shown_of(connection, LOGS, **asked, booking_kind=kind)
        found = {other: await stored(connection, kind, log) for other, log in both.logs.items()}
    assert ([row["id"] for row in shown], count) == ([both.logs[kind]], 1)
    assert [other for other, mail in found.items() if mail] == [kind]


@pytest.mark.parametrize("kind", SCHEMAS)
async def test_what_the_log_keeps_of_an_account_that_left_is_still_of_its_kind_alone(both: Namesakes, kind: str):
    await both.come()
    await both.are_invited()
    for leaving in SCHEMAS:
        await both.leaves(leaving)
    asked = {"category": None, "recipient": "", "since": None, "until": None, "zone": ZONE}
    async with both.databases[kind].read.connect() as connection:
        shown, _ = await shown_of(connection, LOGS, **asked, booking_kind=kind)
    assert [row["id"] for row in shown if row["id"] in both.logs.values()] == [both.logs[kind]]


async def test_the_takings_are_those_of_the_kind(both: Namesakes):
    await both.come()
    amounts = {VEHICLE: 100_00, TABLE: 30_00}
    for kind, amount in amounts.items():
        for statement in (_LEDGER, _INVOICE):
            await both.write(kind, statement, booking=both.bookings[kind], amount=amount)
    for kind, amount in amounts.items():
        asked = {"by": "day", "zone": ZONE, "since": None, "until": None, "booking_kind": kind}
        async with both.databases[kind].read.connect() as connection:
            [day], _ = await shown_of(connection, TAKINGS, **asked)
        said = f"{amount // 100}.00"
        assert (day["date"], day["captured"], day["invoiced"]) == ("2026-11-29", said, said)


async def test_an_order_is_known_to_the_kind_of_its_booking_only(both: Namesakes):
    await both.come()
    for kind, booking in both.bookings.items():
        await both.write(kind, _PAYMENT, booking=booking)
    for kind, database in both.databases.items():
        orders = PaymentQueries(database, KINDS[kind], ZONE)
        known = [await orders.order(f"order_{booking}") for booking in both.bookings.values()]
        assert [order.booking_id for order in known if order] == [both.bookings[kind]]


async def test_a_reconciliation_is_of_all_kinds_and_says_what_differs_to_the_admins_of_each(both: Namesakes):
    await both.come()
    for booking in both.bookings.values():
        await both.write(VEHICLE, _LEDGER, booking=booking, amount=100_00)
    books, span = LedgerRows(both.databases[VEHICLE]), Span(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))
    references = {f"pay_{booking}": kind for kind, booking in both.bookings.items()}
    posted = [fact for fact in await books.facts([], span) if fact.reference in references]
    nobody = Fact(EntryKind.CAPTURE, f"pay_of_nobody_{both.person}", 100, None, "order_of_nobody")
    comparison: Any = ReconciliationActivities(None, books, None)  # type: ignore[arg-type]
    found = await ActivityEnvironment().run(comparison.compare_books, Span(span.until, span.until), posted, [nobody])
    assert {each.reference: each.booking_kind for each in found.differences} == {**references, nobody.reference: ""}
    counted = {"ledger": 1, "provider": 0, "workflows": 0}
    assert (found.checked["ledger"], found.kinds) == (2, {VEHICLE: counted, TABLE: counted})
    number = await books.file(found)
    for kind, booking in both.bookings.items():
        async with both.databases[kind].read.connect() as connection:
            rows, _ = await shown_of(connection, RECONCILIATIONS, booking_kind=kind)
        [row] = [row for row in rows if row["id"] == number]
        assert {each["reference"] for each in row["differences"]} == {f"pay_{booking}", nobody.reference}
        assert (row["found"], row["kinds"]) == (2, found.kinds)
