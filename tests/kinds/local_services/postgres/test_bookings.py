"""The engine's store over the tables of local services, on a real PostgreSQL."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from adapters.pages import Slice
from adapters.postgres.booking_queries import BookingQueries
from adapters.postgres.booking_store import BookingStore
from adapters.postgres.database import Database, counting
from adapters.postgres.listings import page_of
from domain.commands import Command
from domain.errors import Duplicate, NotFound, SlotTaken
from domain.people import Actor
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.errors import TooManyOpen
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.notes import MOST, TooManyNotes
from kinds.local_services.domain.participants import TIME
from kinds.local_services.domain.roles import Role
from kinds.local_services.postgres import reviews
from kinds.local_services.postgres.booking_lists import Side, Sort, bookings_of
from kinds.local_services.postgres.notes import SHOWN, add_note, has_arrived
from kinds.local_services.postgres.request_facts import request_facts
from kinds.local_services.postgres.storage import STORAGE
from kinds.local_services.postgres.tables import SCHEMA
from settings import Stores
from tests.kinds.local_services.bookings import ADMIN, ASHA, CLEANING, DAY, HOUR, RATES, RAVI, START, Request

_IDS = itertools.count(700_000)
_PEOPLE = itertools.count(100)
_DAYS = itertools.count(1)
_STATE = TypeAdapter(ServiceBooking)
_DEVICE = text("INSERT INTO device_tokens (user_id, token, platform) VALUES (:person, :token, 'web')")


@pytest.fixture(scope="module")
async def database(postgres: str) -> AsyncIterator[Database]:
    """The module's, with an admin."""
    database = Database(Stores(postgresql_url=postgres), SCHEMA)
    async with database.write.begin() as connection:
        await _person(connection, ADMIN.id, "admin")
        await connection.execute(text("INSERT INTO categories (id, name) VALUES (3, 'House-keeping')"))
    yield database
    await database.close()


async def _person(connection: Any, person: str, role: str) -> None:
    query = (
        "INSERT INTO users (id, role_id, first_name, last_name, phone)"
        " VALUES (:id, (SELECT id FROM roles WHERE name = :role), 'Asha', 'Rao', :phone)"
    )
    await connection.execute(text(query), {"id": person, "role": role, "phone": f"+9170000{int(person[3:]):05}"})


class Pair:
    """A provider with a listing and a seeker of their own: bookings of Ravi and Asha become theirs."""

    def __init__(self, database: Database) -> None:
        self.number = next(_PEOPLE)
        self.provider = Actor(Role.PROVIDER, f"USR{2 * self.number:06}")
        self.seeker = Actor(Role.SEEKER, f"USR{2 * self.number + 1:06}")
        self.database, self.store = database, BookingStore(database, LOCAL_SERVICES, STORAGE)

    async def arrives(self) -> "Pair":
        query = (
            "INSERT INTO listings (id, provider_id, category_id, title, pricing_unit, base_price)"
            " VALUES (:id, :provider, 3, 'Deep clean', 'HOUR', 45000)"
        )
        async with self.database.write.begin() as connection:
            for person in (self.provider, self.seeker):
                await _person(connection, person.id, person.role)
                await connection.execute(text("INSERT INTO profiles (user_id) VALUES (:id)"), {"id": person.id})
            await connection.execute(text(query), {"id": self.number, "provider": self.provider.id})
        return self

    def request(self) -> Request:
        return Request(id=next(_IDS), listing=replace(CLEANING, id=self.number), starts_at=START + next(_DAYS) * DAY)

    def theirs(self, request: Request) -> ServiceBooking:
        names = {RAVI.id: self.provider.id, ASHA.id: self.seeker.id}
        state = _STATE.dump_json(request.booking).decode()
        for name in ("order_1", "pay_1"):  # these are known to one booking alone
            names[f'"{name}"'] = f'"{name}_{request.booking.id}"'
        for known, other in names.items():
            state = state.replace(known, other)
        return _STATE.validate_json(state)

    async def opens(self, request: Request) -> int:
        await self.store.open(self.theirs(request), "open")
        return request.booking.id

    async def moves(self, request: Request) -> None:
        freed = [TIME] if request.booking.status in ("COMPLETED", "CANCELLED") else []
        await self.store.project(self.theirs(request), "move", freed=freed)

    async def live(self, *commands: Command) -> int:
        """A booking that was completed, and what came then."""
        request = self.request()
        number = await self.opens(request)
        request.completed()
        for command in commands:
            request.asks(command)
            await self.moves(request)
        return number

    async def profile(self, person: Actor) -> tuple[str | None, int, str]:
        query = text("SELECT rating_avg, rating_count, reputation FROM profiles WHERE user_id = :id")
        async with self.database.read.connect() as connection:
            row = (await connection.execute(query, {"id": person.id})).one()
        return None if row.rating_avg is None else str(row.rating_avg), row.rating_count, str(row.reputation)


@pytest.fixture
async def pair(database: Database) -> Pair:
    return await Pair(database).arrives()


async def received(database: Database, person: Actor) -> list[int]:
    async with database.read.connect() as connection:
        page = await page_of(connection, reviews.RECEIVED, Slice(), user_id=person.id)
    return [row["rating"] for row in orjson.loads(page.rows)]


async def test_reviews_are_published_together_and_the_profile_follows_as_by_hand(pair: Pair, database):
    await pair.live(commands.Review(ASHA, 5, "spotless"))
    assert await received(database, pair.provider) == []
    assert await pair.profile(pair.provider) == (None, 0, "82.5")
    await pair.live(commands.Review(ASHA, 4), commands.Review(RAVI, 3))
    assert await received(database, pair.provider) == [4]
    # B = ((20 + 4) / 6 - 1) / 4 = 0.75, K = A = 1 of two bookings that were done and answered
    assert await pair.profile(pair.provider) == ("4.00", 1, "82.5")
    # B = ((20 + 3) / 6 - 1) / 4 = 0.708333
    assert await pair.profile(pair.seeker) == ("3.00", 1, "79.6")


async def test_who_gives_a_booking_up_is_reputed_worse_at_once(pair: Pair):
    request = pair.request()
    await pair.opens(request)
    await pair.moves(request.accepted().asks(commands.Cancel(RAVI, reason="ill")))
    assert await pair.profile(pair.provider) == (None, 0, "77.5")  # K = 3/4
    assert await pair.profile(pair.seeker) == (None, 0, "82.5")


async def test_a_hidden_review_counts_for_nothing_until_it_is_brought_back(pair: Pair, database):
    await pair.live(commands.Review(ASHA, 1, "rude"), commands.Review(RAVI, 5))
    review_id = await _review_of(database, pair.seeker)
    async with database.write.begin() as connection:
        assert (await reviews.hide(connection, review_id, ADMIN, hidden=True))["hidden"]
    assert await received(database, pair.provider) == []
    assert await pair.profile(pair.provider) == (None, 0, "82.5")
    async with database.read.connect() as connection:
        with pytest.raises(NotFound):
            await reviews.review(connection, review_id, pair.provider)
        assert (await reviews.review(connection, review_id, pair.seeker))["rating"] == 1
    async with database.write.begin() as connection:
        await reviews.hide(connection, review_id, ADMIN, hidden=False)
    assert (await pair.profile(pair.provider))[:2] == ("1.00", 1)


async def _review_of(database: Database, person: Actor) -> int:
    async with database.read.connect() as connection:
        query = text("SELECT id FROM reviews WHERE reviewer_id = :id")
        return int((await connection.execute(query, {"id": person.id})).scalar_one())


async def test_a_review_is_reported_once_a_person_and_only_when_it_is_published(pair: Pair, database):
    await pair.live(commands.Review(ASHA, 2))
    hidden = await _review_of(database, pair.seeker)
    async with database.write.begin() as connection:
        with pytest.raises(NotFound):
            await reviews.flag(connection, hidden, pair.provider.id, "untrue")
    await pair.live(commands.Review(RAVI, 2), commands.Review(ASHA, 2))
    published = await _review_of(database, pair.provider)
    async with database.write.begin() as connection:
        assert (await reviews.flag(connection, published, pair.seeker.id, "untrue"))["review_id"] == published
    async with database.write.begin() as connection:
        with pytest.raises(Duplicate):
            await reviews.flag(connection, published, pair.seeker.id, "untrue")
    async with database.read.connect() as connection:
        page = await page_of(connection, reviews.FLAGGED, Slice())
    assert [row["flags"][0]["reason"] for row in orjson.loads(page.rows) if row["id"] == published] == ["untrue"]


async def test_one_hour_is_held_once_and_free_again_with_the_end_of_its_booking(pair: Pair):
    first = pair.request()
    await pair.opens(first)
    second = Request(id=next(_IDS), listing=first.booking.listing, starts_at=first.booking.starts_at + HOUR)
    with pytest.raises(SlotTaken) as taken:
        await pair.opens(second)
    assert taken.value.data["next_free_slots"]
    await pair.moves(first.asks(commands.Cancel(ASHA)))
    await pair.opens(second)


async def test_notes_stand_beside_the_booking_up_to_their_number(pair: Pair, database):
    number = await pair.opens(pair.request())
    async with database.write.begin() as connection:
        made = await add_note(connection, number, pair.provider, "arrived", {"text": "at the gate"})
        assert await has_arrived(connection, number, pair.provider.id)
        assert not await has_arrived(connection, number, pair.seeker.id)
    seen = await BookingQueries(database, LOCAL_SERVICES, SHOWN).detail(number, pair.seeker)
    assert seen.beside["notes"] == [made]
    assert seen.beside["people"][pair.provider.id]["last_name"] == "Rao"
    async with database.write.begin() as connection:
        more = "SELECT :id, 'note', '{}', :by, 'SERVICE_PROVIDER' FROM generate_series(1, :many)"
        query = text(f"INSERT INTO timeline_notes (booking_id, event_type, metadata, by_id, by_role) {more}")
        await connection.execute(query, {"id": number, "by": pair.provider.id, "many": MOST - 1})
        with pytest.raises(TooManyNotes):
            await add_note(connection, number, pair.provider, "note", {})


async def test_a_request_finds_its_listing_and_how_many_of_the_person_are_open(pair: Pair, database):
    await pair.opens(pair.request())
    async with database.read.connect() as connection:
        facts = await request_facts(connection, pair.number, pair.seeker.id, None)
        nothing = await request_facts(connection, 999_999, "USR999999", 17)
    assert facts.offered is not None
    assert (facts.offered.provider, facts.offered.listing.base_price) == (pair.provider.id, 45_000)
    assert (facts.is_there, facts.verified, facts.open_requests, facts.offered.takes_requests) == (True, False, 1, True)
    assert (nothing.offered, nothing.is_there, nothing.booking_id) == (None, False, 17)


async def test_of_requests_made_at_once_ten_of_a_person_wait_for_an_answer_and_no_more(pair: Pair):
    requests = [pair.request() for _ in range(14)]
    answers = await asyncio.gather(*(pair.opens(each) for each in requests), return_exceptions=True)
    assert Counter(type(each) for each in answers) == {int: 10, TooManyOpen: 4}
    assert {each.detail for each in answers if isinstance(each, TooManyOpen)} == {
        "10 requests wait for an answer, more are not possible"
    }
    first = next(request for request, answer in zip(requests, answers, strict=True) if isinstance(answer, int))
    await pair.opens(first)  # as a task of Temporal is repeated
    await pair.moves(first.asks(commands.Accept(RAVI, rates=RATES)))
    await pair.opens(pair.request())
    with pytest.raises(TooManyOpen):
        await pair.opens(pair.request())


async def test_lists_are_of_a_side_and_narrowed_by_status_listing_and_start(pair: Pair, database):
    first, second = pair.request(), pair.request()
    for request in (first, second):
        await pair.opens(request)
    await pair.moves(first.asks(commands.Cancel(ASHA)))

    async def ids(viewer: Actor, side: Side | None = None, sort: Sort = "-created_at", **wanted: Any) -> list[int]:
        listing, given = bookings_of(viewer, side, sort, wanted)
        async with database.read.connect() as connection:
            page = await page_of(connection, listing, Slice(), **given)
        return [row["id"] for row in orjson.loads(page.rows)]

    both = [second.booking.id, first.booking.id]
    assert await ids(pair.seeker) == await ids(pair.seeker, "requester") == await ids(pair.provider, "provider") == both
    assert await ids(pair.seeker, "provider") == []
    assert await ids(pair.seeker, statuses=["CANCELLED", "COMPLETED"]) == [first.booking.id]
    assert await ids(pair.seeker, since=second.booking.starts_at) == [second.booking.id]
    assert await ids(ADMIN, listing_id=pair.number, sort="scheduled_at") == both[::-1]


async def test_a_move_is_told_in_the_application_on_the_phone_and_live_once_however_often_it_is_written(
    pair: Pair, database
):
    request = pair.request()
    async with database.write.begin() as connection:
        for person in (pair.seeker.id, pair.provider.id):
            device = {"person": person, "token": f"the phone of {person}"}
            await connection.execute(_DEVICE, device)
    number = await pair.opens(request)
    request.accepted()
    for _ in range(2):
        await pair.moves(request)
    told = text(
        "SELECT n.user_id, n.type, n.version, p.push ->> 'title' AS title, (SELECT count(*) FROM feed_events AS f"
        "   WHERE f.user_id = n.user_id AND f.type = 'notification' AND f.data ->> 'id' = n.id::text) AS live"
        " FROM user_notifications AS n LEFT JOIN push_outbox AS p ON p.notification_id = n.id"
        " WHERE n.booking_id = :id ORDER BY n.id"
    )
    async with database.read.connect() as connection:
        found = [tuple(row) for row in await connection.execute(told, {"id": number})]
    assert found == [
        (pair.provider.id, "booking.requested", 1, "Somebody asks for your service", 1),
        (pair.seeker.id, "booking.accepted", 2, "Your offer is accepted", 1),
        (pair.seeker.id, "payment.due", 2, "Your booking can be paid", 1),
    ]


async def test_what_an_admin_decides_is_in_the_log_once_however_often_its_move_is_written(pair: Pair, database):
    request = pair.request()
    number = await pair.opens(request)
    request.accepted().asks(commands.Cancel(ADMIN, reason="closed by the town"))
    for _ in range(2):
        await pair.moves(request)
    noted = text("SELECT actor_id, action, metadata ->> 'version' FROM audit_log WHERE target_id = :id")
    async with database.read.connect() as connection:
        found = [tuple(row) for row in await connection.execute(noted, {"id": str(number)})]
    assert found == [(ADMIN.id, "admin-cancel", str(request.booking.version))]


async def test_a_move_is_two_statements_and_five_where_reputations_follow_from_it(database, pair):
    """The rows and what is told of them; the profiles of both, what is counted, and what follows."""
    request, costs = pair.request(), {}
    await pair.opens(request)
    for command in (commands.Accept(RAVI), commands.Cancel(ASHA)):
        request.asks(command)
        with counting(database) as sent:
            await pair.moves(request)
        costs[str(request.booking.event.action)] = len(sent)
    freed = 1
    assert costs == {"accept": 2, "cancel": 5 + freed}
