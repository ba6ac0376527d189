"""The engine's store over the tables of a kind in a schema of its own, on a real PostgreSQL."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import make_url, text

from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.documents import DocumentRows
from adapters.postgres.essentials import insert_roles
from adapters.postgres.payment_queries import PaymentQueries
from adapters.postgres.people.users import add_person
from domain.account_emails import ACCOUNT_EMAIL_CATEGORIES
from domain.billing.document_terms import IssueTerms, Supplying
from domain.closing import due_document
from domain.commands import Cancel
from domain.errors import SlotTaken
from domain.people import Actor, RoleSpec
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from migrations.streams import streams
from settings import Stores
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, Seat
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import SCHEMA, STORAGE
from tests.kinds.table_reservation.reservations import GUEST, HOST, NOON, OMAR, Reservation
from tests.kinds.table_reservation.settings import SUPPLIERS

_IDS = itertools.count(900_000)


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The product's schemas, beside them the kind's; people are not this contract's subject."""
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    name = make_url(postgres).database
    async with database.write.begin() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" SET session_replication_role = replica'))
        for stream in streams([STORAGE]):
            await connection.run_sync(stream.upgrade)
    await database.close()  # new connections have the new settings
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> BookingStore:
    return BookingStore(database, TABLE_RESERVATION, STORAGE)


def reservation(table: int, **given) -> Reservation:
    return Reservation(id=next(_IDS), table=table, **given)


async def held(database: Database, booking_id: int) -> int:
    async with database.read.connect() as connection:
        query = text("SELECT count(*) FROM tables.held_tables WHERE booking_id = :id")
        return (await connection.execute(query, {"id": booking_id})).scalar_one()


async def test_a_reservation_is_written_with_its_rows_and_read_back(store, database):
    made = reservation(1)
    await store.open(made.booking, "open")
    assert await store.load(made.booking.id) == made.booking
    async with database.read.connect() as connection:
        query = text("SELECT house, number FROM tables.table_bookings WHERE booking_id = :id")
        assert tuple((await connection.execute(query, {"id": made.booking.id})).one()) == ("north", 1)


async def test_one_table_is_not_reserved_twice_for_times_that_overlap(store, database):
    first, later = (
        reservation(2),
        reservation(2, starts_at=NOON + timedelta(hours=8), ends_at=NOON + timedelta(hours=10)),
    )
    after = reservation(2, starts_at=NOON + timedelta(hours=9), ends_at=NOON + timedelta(hours=11))
    await store.open(first.booking, "open")
    with pytest.raises(SlotTaken, match="table 2"):
        await store.open(later.booking, "open")
    assert await held(database, later.booking.id) == 0
    await store.open(after.booking, "open")
    await store.open(reservation(2, house="south").booking, "open")


async def test_of_many_who_want_a_table_at_one_time_one_gets_it(store):
    answers = await asyncio.gather(
        *(store.open(reservation(3).booking, "open") for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 5
    assert answers.count(None) == 1


async def test_a_table_is_free_again_in_the_transaction_of_the_cancellation(store, database):
    made = reservation(4)
    await store.open(made.booking, "open")
    await store.project(made.asks(Cancel(HOST, "closed today")).booking, "cancel", freed=["table"])
    assert await held(database, made.booking.id) == 0
    await store.open(reservation(4).booking, "open")


async def test_who_handed_a_reservation_over_is_kept_as_one_who_no_longer_takes_part(store, database):
    made = reservation(5)
    await store.open(made.booking, "open")
    await store.project(made.asks(HandOver(GUEST, OMAR)).booking, "hand-over")
    await store.project(made.asks(Seat(HOST)).booking, "seat")
    async with database.read.connect() as connection:
        query = text("SELECT person_id, active FROM booking_participants WHERE booking_id = :id")
        rows = {row.person_id: row.active for row in await connection.execute(query, {"id": made.booking.id})}
    assert rows == {GUEST.id: False, OMAR.id: True, HOST.id: True}


async def test_each_house_issues_invoices_in_its_own_name_and_series(store, database):
    documents = DocumentRows(database, TABLE_RESERVATION, SUPPLIERS.__getitem__, "Asia/Kolkata")
    issued = {}
    for house in ("north", "south", "south"):
        booking = reservation(6, house=house, deposit=0).asks(Seat(HOST)).asks(Bill(HOST, 100_00)).booking
        await store.open(booking, "open")
        due = due_document(TABLE_RESERVATION, booking)
        number = (await documents.issue(booking.id, due)).number
        async with database.read.connect() as connection:
            query = text("SELECT facts -> 'supplier' ->> 'name' FROM documents WHERE number = :number")
            issued[number] = (await connection.execute(query, {"number": number})).scalar_one()
    numbers = [re.sub(r"-\d{4}-", "-", number) for number in issued]
    assert numbers == ["TN-000001", "TS-000001", "TS-000002"]
    assert list(issued.values()) == [SUPPLIERS[house].name for house in ("north", "south", "south")]


async def test_a_kind_says_to_whom_and_in_whose_name_a_document_is_issued_and_others_do_not_read_it(store, database):
    def issuing(booking, due):
        supplier = Supplying(HOST.id, "29AAGCB7383J1Z4", "Karnataka")
        return IssueTerms("south", OMAR.id, Decimal(18), supplier=supplier, heading="Receipt", supplied_in="33")

    kind = replace(TABLE_RESERVATION, issuing=issuing, document_leg="meal")
    booking = reservation(7, deposit=0).asks(Seat(HOST)).asks(Bill(HOST, 100_00)).booking
    await store.open(booking, "open")
    due = due_document(kind, booking)
    await DocumentRows(database, kind, SUPPLIERS.__getitem__, "Asia/Kolkata").issue(booking.id, due)
    read = PaymentQueries(database, kind, "Asia/Kolkata")
    facts = (await read.document(Actor("admin", "ADM000001"), booking.id, "invoice")).facts
    assert (facts.supplier.gstin, facts.recipient.id, facts.heading) == ("29AAGCB7383J1Z4", OMAR.id, "Receipt")
    assert (facts.lines[0].gst_percent, facts.total) == ("18", due.amount)
    assert (facts.place_of_supply, facts.cgst, facts.igst > 0) == ("Tamil Nadu (33)", 0, True)
    assert await read.document(GUEST, booking.id, "invoice") is None
    assert await read.document(Actor("admin", "ADM000001"), booking.id, "invoice", leg="deposit") is None


async def test_the_log_of_emails_has_the_categories_of_every_kind_once(database):
    async with database.write.begin() as connection:
        for stream in streams():
            await connection.run_sync(stream.upgrade)
        names = (await connection.execute(text("SELECT name FROM notification_categories"))).scalars().all()
    wanted = {email.category for kind in (VEHICLE_SERVICE, TABLE_RESERVATION) for email in kind.emails.values()}
    assert sorted(names) == sorted(wanted | set(ACCOUNT_EMAIL_CATEGORIES.values()))


def newcomer(number: int) -> dict[str, str]:
    return {"first_name": "New", "phone": f"+9198413800{number:02}", "email": f"new.{number}@example.com"}


async def test_people_of_two_roles_with_one_prefix_are_numbered_together(database):
    roles = [TABLE_RESERVATION.role(name) for name in ("customer", "host", "customer", "admin")]
    async with database.write.begin() as connection:
        made = [await add_person(connection, role, newcomer(at), None) for at, role in enumerate(roles)]
    first = int(made[0].removeprefix("TBL"))
    assert made == [f"TBL{first:06}", f"TBL{first + 1:06}", f"TBL{first + 2:06}", made[3]]
    assert made[3].startswith("ADM")


async def scopes(database: Database) -> dict[str, set[str]]:
    query = """
        SELECT r.name, array_agg(p.name) AS scopes FROM roles AS r JOIN role_permissions AS g ON g.role_id = r.id
            JOIN permissions AS p ON p.id = g.permission_id GROUP BY r.name
    """
    async with database.read.connect() as connection:
        return {row.name: set(row.scopes) for row in await connection.execute(text(query))}


async def test_a_role_that_a_release_brings_has_its_scopes_and_one_that_lost_a_scope_does_not_get_it_back(database):
    cook = RoleSpec("cook", "TBL", frozenset({"READ:BOOKINGS", "READ:KITCHEN"}))
    withdrawn = (
        "DELETE FROM role_permissions WHERE role_id = (SELECT id FROM roles WHERE name = 'host') AND permission_id"
    )
    async with database.write.begin() as connection:
        await connection.execute(text(f"{withdrawn} = (SELECT id FROM permissions WHERE name = 'WRITE:PAYMENTS')"))
        # In front: ids of roles are not their place in this list.
        await connection.run_sync(insert_roles, (cook, *TABLE_RESERVATION.roles))
    found = await scopes(database)
    assert found["cook"] == {"READ:BOOKINGS", "READ:KITCHEN"}
    assert found["host"] == TABLE_RESERVATION.role("host").scopes - {"WRITE:PAYMENTS"}
    assert found["admin"] == TABLE_RESERVATION.role("admin").scopes
