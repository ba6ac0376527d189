"""What a move tells its people in the application and on their devices: written with its rows, once, and not lost."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import make_url, text

from activities.pushes import PushDrain
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.notices import ReminderRows, tell
from adapters.postgres.people.contacts import ContactRows
from adapters.postgres.push_outbox import DeviceRows, PushOutboxRows
from domain.booking import Customer
from domain.commands import Cancel
from domain.emails import BookingEmail
from domain.notices import Notice
from migrations.streams import streams
from settings import Stores
from tests.fakes.pushes import FakePushService, KnownVersions
from tests.kinds.table_reservation.domain.booking import Seat
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.postgres.storage import SCHEMA, STORAGE
from tests.kinds.table_reservation.reservations import HOST, NOON, Reservation

KIND = TABLE_RESERVATION.name
_IDS = itertools.count(910_000)


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The product's schemas, beside them the kind's; people are not this contract's subject."""
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    name = make_url(postgres).database
    async with database.write.begin() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" SET session_replication_role = replica'))
        for stream in streams([STORAGE]):
            await connection.run_sync(stream.upgrade)
    await database.close()
    yield database
    await database.close()


class House:
    """A guest of their own with a reservation and devices, and the sender of pushes."""

    def __init__(self, database: Database) -> None:
        number = next(_IDS)
        self.database, self.guest = database, f"TBL{number}"
        self.made = Reservation(id=number, table=number, customer=Customer(self.guest))
        self.store = BookingStore(database, TABLE_RESERVATION, STORAGE)
        self.service, self.versions = FakePushService(), KnownVersions()
        assert STORAGE.notices is not None
        devices = DeviceRows(database, STORAGE.notices)
        self.drain = PushDrain(PushOutboxRows(database), self.versions, {KIND: devices}, self.service)

    @property
    def id(self) -> int:
        return self.made.booking.id

    async def rows(self, query: str, **given: Any) -> list[tuple[Any, ...]]:
        async with self.database.read.connect() as connection:
            found = await connection.execute(text(query), {"guest": self.guest, "id": self.id, **given})
            return [tuple(row) for row in found] if found.returns_rows else []

    async def has(self, *devices: str) -> None:
        for device in devices:
            query = "INSERT INTO device_tokens (user_id, token, platform) VALUES (:guest, :token, 'web')"
            await self.rows(query, token=self.token(device))

    def token(self, device: str) -> str:
        return f"{device} of {self.guest}"

    async def cancelled(self) -> None:
        await self.store.open(self.made.booking, "open")
        await self.store.project(self.made.asks(Cancel(HOST, "closed today")).booking, "cancel", freed=["table"])

    async def told(self) -> list[tuple[Any, ...]]:
        return await self.rows(
            "SELECT user_id, type, version, payload FROM user_notifications WHERE booking_id = :id ORDER BY id"
        )

    async def waiting(self) -> list[tuple[Any, ...]]:
        return await self.rows("SELECT version, push ->> 'title' FROM push_outbox WHERE person_id = :guest")

    async def at_once(self) -> None:
        await self.rows("UPDATE push_outbox SET next_at = now() WHERE person_id = :guest")

    def shown(self) -> list[tuple[str, str, str]]:
        return sorted((token.split()[0], push.title, push.body) for token, push in self.service.shown)


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    house = House(database)
    yield house
    await house.rows("DELETE FROM push_outbox WHERE person_id = :guest")


async def test_nothing_waits_for_who_has_no_device(house: House):
    await house.cancelled()
    assert [person for person, *_ in await house.told()] == [HOST.id, house.guest]
    assert await house.waiting() == []
    await house.has("phone")
    await house.store.project(house.made.booking, "cancel")
    assert await house.waiting() == []  # it was told before the device was there


async def test_a_move_tells_each_of_its_people_once_however_often_it_is_written(house: House):
    await house.has("phone")
    await house.cancelled()
    await house.store.project(house.made.booking, "cancel")
    told = {"table": house.made.booking.table}
    assert await house.told() == [(HOST.id, "table-free", 2, told), (house.guest, "table-cancelled", 2, told)]
    assert await house.waiting() == [(2, "Cancelled")]
    assert await house.drain.drain_batch() == 1
    await house.store.project(house.made.booking, "cancel")
    assert await house.waiting() == []
    assert house.shown() == [("phone", "Cancelled", f"Table {house.id}")]


async def test_a_move_that_was_lost_takes_its_notices_and_pushes_with_it(house: House):
    before = house.made.booking
    await house.cancelled()
    house.made.booking = before
    await house.store.project(house.made.asks(Seat(HOST)).booking, "seat")
    assert await house.told() == []
    assert await house.waiting() == []


async def test_a_push_waits_until_its_version_is_in_the_history_of_the_workflow(house: House):
    await house.has("phone")
    await house.cancelled()
    house.versions.known[house.id] = 1
    assert await house.drain.drain_batch() == 0
    assert house.shown() == []
    house.versions.known[house.id] = 2
    await house.at_once()
    assert await house.drain.drain_batch() == 1
    assert len(house.shown()) == 1


async def test_each_device_gets_it_once_while_others_are_busy_and_a_token_of_nobody_is_forgotten(house: House):
    await house.has("phone", "tablet", "old")
    house.service.states |= {house.token("tablet"): "busy", house.token("old"): "unregistered"}
    await house.cancelled()
    assert await house.drain.drain_batch() == 0
    assert await house.drain.drain_batch() == 0  # not before the service wants to be asked again
    assert house.service.attempts[house.token("tablet")] == 1
    left = await house.rows("SELECT token FROM device_tokens WHERE user_id = :guest ORDER BY id")
    assert left == [(house.token("phone"),), (house.token("tablet"),)]
    house.service.states.clear()
    await house.at_once()
    assert await house.drain.drain_batch() == 1
    assert [token for token, *_ in house.shown()] == ["phone", "tablet"]
    assert await house.waiting() == []


async def test_a_push_service_that_is_down_loses_nothing(house: House):
    await house.has("phone")
    house.service.is_down = True
    await house.cancelled()
    assert await house.drain.drain_batch() == 0
    assert await house.waiting() == [(2, "Cancelled")]
    house.service.is_down = False
    await house.at_once()
    assert await house.drain.drain_batch() == 1
    assert len(house.shown()) == 1


async def test_what_was_read_or_is_switched_off_is_shown_on_no_device(database: Database):
    for mark in (
        "UPDATE user_notifications SET is_read = true WHERE user_id = :guest",
        "INSERT INTO unwanted VALUES (:guest, 'table-cancelled', 'push')",
    ):
        house = House(database)
        await house.has("phone")
        await house.cancelled()
        await house.rows(mark)
        assert await house.drain.drain_batch() == 1
        assert house.shown() == []
        assert await house.waiting() == []


async def test_without_a_push_service_the_application_tells_it_and_nothing_waits(house: House):
    await house.has("phone")
    await house.cancelled()
    assert await PushDrain(PushOutboxRows(house.database), house.versions, {}, None).drain_batch() == 1
    assert await house.waiting() == []
    assert len(await house.told()) == 2


async def test_after_a_day_a_push_is_given_up(house: House):
    await house.has("phone")
    house.service.is_down = True
    await house.cancelled()
    await house.rows("UPDATE push_outbox SET created_at = now() - interval '25 hours' WHERE person_id = :guest")
    await house.drain.drain_batch()
    assert await house.waiting() == []


async def test_a_reminder_without_a_move_is_told_once_and_pushed(house: House):
    await house.has("phone")
    await house.store.open(house.made.booking, "open")
    email = BookingEmail(house.id, "table-soon", 1, NOON, {"table": "4"}, person_id=house.guest, kind=KIND)
    for _ in range(2):
        await ReminderRows(house.database, TABLE_RESERVATION).remind(email)
    assert await house.told() == [(house.guest, "table-soon", None, {"table": "4"})]
    assert await house.drain.drain_batch() == 1
    assert house.shown() == [("phone", "Your table", "It waits for you.")]


async def test_what_no_booking_tells_waits_as_long_as_it_was_asked_to(house: House):
    await house.has("phone")
    notice = Notice(house.guest, "table-news", {}, "News", "A new menu")
    async with house.database.write.begin() as connection:
        first = await tell(connection, KIND, notice, "news.1", after=timedelta(hours=1))
        assert await tell(connection, KIND, notice, "news.1") is None
    assert first is not None
    assert await house.drain.drain_batch() == 0
    await house.at_once()
    assert await house.drain.drain_batch() == 1
    assert house.shown() == [("phone", "News", "A new menu")]


async def test_who_wants_no_e_mails_about_something_has_no_address_for_them(house: House):
    await house.rows(
        "INSERT INTO users (id, role_id, first_name, phone, email) VALUES (:guest, 1, 'Tina', '+919841370001', :email)",
        email=f"{house.guest}@example.com",
    )
    await house.rows("INSERT INTO unwanted VALUES (:guest, 'table-cancelled', 'email')")
    contacts = ContactRows(house.database, STORAGE.notices)
    assert (await contacts.contact(house.guest, about="table-cancelled"))[0] is None
    reader, _ = await contacts.contact(house.guest, about="table-free")
    assert reader is not None
    assert reader.email == f"{house.guest}@example.com"
