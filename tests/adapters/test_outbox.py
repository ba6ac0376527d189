"""E-mails wait in the outbox until they may leave; those of a version that was lost never do."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities.emails import EmailActivities
from activities.outbox import OutboxActivities
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database
from adapters.postgres.email_log import EmailLogRows
from adapters.postgres.outbox import OutboxRows, PendingEmail
from adapters.postgres.people.contacts import ContactRows
from domain.emails import BookingEmail
from domain.errors import RowsAhead
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.adapters.contracts.shops import CAPACITY, PLENTY, new_booking
from tests.adapters.round_trips import sent_to
from tests.fakes.emails import FakeDocuments, FakeMailServer
from tests.kinds.vehicle_service.timeslots import database_with_timeslots
from tests.workflows.running_booking import eventually

NOW = datetime(2026, 11, 29, tzinfo=UTC)
READER = """
    INSERT INTO users (id, role_id, first_name, email, phone)
    VALUES ('CST000001', 1, 'Asha', 'asha@example.com', '+919000000001') ON CONFLICT DO NOTHING
"""
DAY = date(2030, 1, 1)
HOLDING = 3
CONFIRMED, PICKUP, PROGRESS = "booking-confirmation", "pickup-scheduled", "progress-update"
COMPLETED, CANCELLED = "completed", "cancellation"


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The schema with a timeslot; people and cars that rows refer to are not this test's subject."""
    async with database_with_timeslots(postgres, {PLENTY: CAPACITY[PLENTY.id]}) as database:
        yield database


class Shop:
    """A booking of its own, and its outbox."""

    def __init__(self, database: Database) -> None:
        self.database, self.outbox = database, OutboxRows(database)
        self.log = EmailLogRows(database, {VEHICLE_SERVICE.name: VEHICLE_SERVICE})
        self.store = BookingStore(database, VEHICLE_SERVICE, STORAGE)
        self.told = new_booking(DAY)
        self.id = self.told.booking.id

    def email(self, slug: str, person: str = "CST000001", sequence: int = 1) -> BookingEmail:
        return BookingEmail(self.id, slug, sequence, NOW, person_id=person, kind=VEHICLE_SERVICE.name)

    async def waiting(self) -> list[tuple[int, str, str]]:
        """What is in the outbox, by version and place."""
        rows = "SELECT version, slug, person_id FROM outbox WHERE booking_id = :id ORDER BY version, place"
        async with self.database.read.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(rows), {"id": self.id})]

    async def due(self) -> list[PendingEmail]:
        return [email for email in await self.outbox.due(1000, HOLDING) if email.booking_id == self.id]


@pytest.fixture
async def shop(database: Database) -> Shop:
    """A booking that was made, with its confirmation on the way."""
    shop = Shop(database)
    await shop.store.open(shop.told.booking, "open", [shop.email(CONFIRMED)])
    return shop


async def test_a_version_is_written_with_its_emails_and_its_repeat_changes_nothing(shop: Shop):
    moved, emails = shop.told.pickup_assigned().booking, [shop.email(PICKUP), shop.email(PICKUP, "MEC000001")]
    for _ in range(2):
        await shop.store.project(moved, "assign", emails)
    mine = [(1, CONFIRMED, "CST000001"), (2, PICKUP, "CST000001"), (2, PICKUP, "MEC000001")]
    assert await shop.waiting() == mine
    assert {(email.kind, email.version) for email in await shop.due()} == {
        ("vehicle_service", 1),
        ("vehicle_service", 2),
    }


async def test_an_equal_version_takes_back_the_emails_of_the_one_that_it_replaces(shop: Shop):
    """The worker died between the commit and the history, and another command won."""
    before = shop.told.booking
    await shop.store.project(shop.told.pickup_assigned().booking, "lost", [shop.email(PICKUP)])
    shop.told.booking = before
    await shop.store.project(shop.told.cancelled().booking, "cancel", [shop.email(CANCELLED)])
    assert await shop.waiting() == [(1, CONFIRMED, "CST000001"), (2, CANCELLED, "CST000001")]


async def test_the_winner_without_emails_takes_back_those_of_the_loser_as_well(shop: Shop):
    before = shop.told.booking
    await shop.store.project(shop.told.pickup_assigned().booking, "lost", [shop.email(PICKUP)])
    shop.told.booking = before
    await shop.store.project(shop.told.cancelled().booking, "cancel")
    assert await shop.waiting() == [(1, CONFIRMED, "CST000001")]


async def test_a_write_that_comes_late_touches_nothing_of_a_newer_version(shop: Shop):
    older = shop.told.pickup_assigned().booking
    await shop.store.project(older, "assign", [shop.email(PICKUP)])
    await shop.store.project(shop.told.collected().booking, "collect", [shop.email(PROGRESS)])
    with pytest.raises(RowsAhead):
        await shop.store.project(older, "assign")
    assert [slug for _, slug, _ in await shop.waiting()] == [CONFIRMED, PICKUP, PROGRESS]


async def test_a_person_gets_the_emails_of_a_booking_in_their_order_and_others_do_not_wait(shop: Shop):
    moved = shop.told.pickup_assigned().booking
    emails = [shop.email(PROGRESS), shop.email(COMPLETED), shop.email(COMPLETED, "MEC000001")]
    await shop.store.project(moved, "assign", emails)
    arrived: list[tuple[str, str]] = []
    while due := await shop.due():
        for email in due:
            assert await shop.outbox.claim(email, timedelta(minutes=1))
            arrived.append((email.slug, email.person_id))
            await shop.outbox.remove(email)
    assert [slug for slug, person in arrived if person == "CST000001"] == [CONFIRMED, PROGRESS, COMPLETED]
    assert arrived.index((COMPLETED, "MEC000001")) < arrived.index((COMPLETED, "CST000001"))


async def test_an_email_that_was_tried_often_holds_up_the_later_ones_no_more_and_is_still_tried(shop: Shop):
    await shop.store.project(shop.told.pickup_assigned().booking, "assign", [shop.email(PICKUP)])
    for _ in range(HOLDING):
        [email] = await shop.due()
        assert email.slug == CONFIRMED
        assert await shop.outbox.claim(email, timedelta(0))
    assert sorted(email.slug for email in await shop.due()) == [CONFIRMED, PICKUP]
    await shop.outbox.postpone(email, timedelta(hours=1))
    assert [email.slug for email in await shop.due()] == [PICKUP]


async def test_an_email_is_claimed_by_one_and_comes_back_when_its_time_is_over(shop: Shop):
    [email] = await shop.due()
    claimed = await shop.outbox.claim(email, timedelta(milliseconds=300))
    assert claimed == (shop.email(CONFIRMED), False)
    assert await shop.outbox.claim(email, timedelta(minutes=1)) is None
    again = await _due_again(shop)
    assert again.attempts == 1


async def test_what_is_postponed_waits_and_what_is_removed_is_gone(shop: Shop):
    [email] = await shop.due()
    await shop.outbox.postpone(email, timedelta(hours=1))
    assert await shop.due() == []
    await shop.outbox.remove(email)
    assert await shop.waiting() == []


async def test_what_is_logged_as_sent_has_left_and_is_known_should_it_be_written_again(shop: Shop):
    """A repeat of the write of its version, which a worker that was thought dead may still make."""
    [email] = await shop.due()
    mail = shop.email(CONFIRMED)
    await shop.log.record(mail, "confirmed", [], "<1@shop>", None, version=email.version)
    assert await shop.waiting() == []
    await shop.store.project(shop.told.booking, "open", [mail, shop.email(CONFIRMED, "MEC000001", sequence=2)])
    claimed = [await shop.outbox.claim(each, timedelta(minutes=1)) for each in await shop.due()]
    assert [(each[0].person_id, each[1]) for each in claimed if each] == [("CST000001", True), ("MEC000001", False)]


@pytest.mark.parametrize(("for_good", "waits"), [(False, [(1, CONFIRMED, "CST000001")]), (True, [])])
async def test_an_attempt_that_failed_leaves_the_mail_waiting_unless_it_failed_for_good(shop: Shop, for_good, waits):
    [email] = await shop.due()
    mail = shop.email(CONFIRMED)
    await shop.log.record(mail, "confirmed", [], None, "refused", for_good=for_good, version=email.version)
    assert await shop.waiting() == waits
    claimed = await shop.outbox.claim(email, timedelta(minutes=1))
    assert claimed == (None if for_good else (mail, False))


async def test_a_mail_that_is_sent_again_by_hand_touches_nothing_that_waits(shop: Shop):
    await shop.log.record(replace(shop.email(CONFIRMED), resend=1), "confirmed", [], "<1@shop>", None)
    [email] = await shop.due()
    assert await shop.outbox.claim(email, timedelta(minutes=1)) == (shop.email(CONFIRMED), False)


class EveryVersion:
    """All workflows have all versions in their history."""

    async def message_version(self, _kind: str, _booking_id: int) -> int:
        return 1_000_000


async def test_a_mail_costs_three_statements(shop: Shop):
    """Taken; addressed, with the names that it mentions; logged and removed. The look at what is due is for many."""
    async with shop.database.read.connect() as connection:
        await connection.execute(text(READER))
        await connection.execute(text("DELETE FROM outbox WHERE booking_id <> :id"), {"id": shop.id})
    await shop.store.project(shop.told.booking, "open", [replace(shop.email(CONFIRMED), people={"who": "MEC000001"})])
    server, kind = FakeMailServer(), VEHICLE_SERVICE.name
    sender = EmailActivities(server, shop.log, FakeDocuments(), {kind: ContactRows(shop.database)})
    outbox = OutboxActivities(shop.outbox, EveryVersion(), sender, timedelta(milliseconds=5))
    environment = ActivityEnvironment()
    with sent_to(shop.database) as statements:
        draining = asyncio.create_task(environment.run(outbox.drain_outbox))
        await eventually(lambda: server.sent)
        environment.worker_shutdown()
        await draining
    assert await shop.waiting() == []
    others = [statement for statement in statements if "FROM outbox AS o JOIN" not in statement]
    assert len(others) == 3, others


async def test_a_transition_that_frees_nothing_is_one_statement_and_no_more(shop: Shop):
    moved = shop.told.pickup_assigned().booking
    with sent_to(shop.database) as statements:
        await shop.store.project(moved, "assign", [shop.email(PICKUP)])
    assert len(statements) == 1, statements


async def test_a_transition_that_frees_a_slot_gives_it_back_with_its_rows_or_not_at_all(shop: Shop):
    older, newer = shop.told.pickup_assigned().booking, shop.told.collected().booking
    await shop.store.project(older, "assign")
    await shop.store.project(newer, "collect")
    before = await reserved(shop)
    with pytest.raises(RowsAhead):
        await shop.store.project(older, "assign", freed=["pickup"])
    assert await reserved(shop) == before != []
    with sent_to(shop.database) as statements:
        await shop.store.project(newer, "collect", freed=["pickup"])
    assert len(statements) <= 6, statements
    assert await reserved(shop) != before


async def reserved(shop: Shop) -> list[Any]:
    """What the booking holds."""
    async with shop.database.read.connect() as connection:
        rows = "SELECT leg FROM slot_reservations WHERE booking_id = :id ORDER BY leg"
        return [row.leg for row in await connection.execute(text(rows), {"id": shop.id})]


async def test_what_the_driver_sends_is_seen_with_its_transactions(shop: Shop):
    with sent_to(shop.database) as statements:
        async with shop.database.write.begin() as connection:
            await connection.execute(text("SELECT 1"))
    assert sorted(words.split()[0].strip(";") for words in statements) == ["BEGIN", "COMMIT", "SELECT"]


async def _due_again(shop: Shop) -> Any:
    while not (due := await shop.due()):
        pass
    return due[0]
