"""Threads and messages over HTTP: who may write to whom, what is refused, what each of two people sees."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
from sqlalchemy import text

from adapters.postgres.driver import ConnectionRunner
from kinds.local_services.postgres.feed import append_to_feed
from kinds.local_services.postgres.moves_told import tell_move
from tests.api.concurrent import until
from tests.kinds.local_services.bookings import Request
from tests.kinds.local_services.messages.chat import Chat, Person

UPLOADED = "/uploads/0123456789abcdef0123456789abcdef.png"


async def a_booking(chat: Chat, requester: Person, provider: Person, number: int, state: dict | None = None) -> int:
    """The rows of one; nobody asks what it is about."""
    await chat.run(
        "INSERT INTO bookings (id, kind, status, version, customer_id, total, due, action_required, needs_attention,"
        " since, created_at, updated_at, settled, summaries, state) VALUES (:id, 'local_services', 'REQUESTED', 1,"
        " :customer, 0, 0, '', false, now(), now(), now(), false, '{}', CAST(:state AS jsonb))",
        id=number,
        customer=requester.id,
        state=orjson.dumps(state or {}).decode(),
    )
    for person, role in ((requester, "SERVICE_SEEKER"), (provider, "SERVICE_PROVIDER")):
        await chat.run(
            "INSERT INTO booking_participants VALUES (:id, :person, :role, true)",
            id=number,
            person=person.id,
            role=role,
        )
    return number


async def test_two_people_have_one_thread_whoever_begins_it(chat: Chat):
    seeker, provider = await chat.person(), await chat.provider()
    status, thread = await chat.asks(
        seeker, "POST", "/threads", {"receiver_id": provider.id, "content": " Is parking possible? "}
    )
    assert status == 201
    assert (thread["initiator_id"], thread["receiver_id"], thread["booking_id"]) == (seeker.id, provider.id, None)
    assert thread["last_message"]["content"] == "Is parking possible?"
    assert thread["other"] == {
        "id": provider.id,
        "role": "SERVICE_PROVIDER",
        "first_name": "Asha",
        "last_name": "R.",
        "avatar_url": None,
    }
    status, again = await chat.asks(provider, "POST", "/threads", {"receiver_id": seeker.id})
    assert (status, again["id"], again["other"]["id"], again["unread"]) == (200, thread["id"], seeker.id, 1)


async def test_who_may_write_to_whom(chat: Chat):
    seeker, stranger, admin = await chat.person(), await chat.person(), await chat.person("admin")
    provider, resting = await chat.provider(), await chat.provider(active=False)
    booking = await a_booking(chat, seeker, provider, 810_001)

    async def refused(person: Person, **body: object) -> tuple[int, str]:
        status, answer = await chat.asks(person, "POST", "/threads", body)
        return status, answer.get("code")

    assert await refused(seeker, receiver_id=seeker.id) == (400, "Invalid")
    assert await refused(seeker, receiver_id="USR999999") == (404, "NotFound")
    assert await refused(seeker, receiver_id=admin.id) == (404, "NotFound")
    assert await refused(seeker, receiver_id=resting.id) == (403, "NotYours")
    assert await refused(provider, receiver_id=stranger.id) == (403, "NotYours")
    assert await refused(stranger, receiver_id=provider.id, booking_id=booking) == (404, "NotFound")
    assert await refused(seeker, receiver_id=provider.id, booking_id=booking + 1) == (404, "NotFound")
    assert await refused(seeker, receiver_id="nobody") == (422, "ShapeMismatch")
    about, without = await chat.thread(provider, seeker, booking_id=booking), await chat.thread(provider, seeker)
    assert about != without
    unverified = await chat.person(verified=False)
    assert await refused(unverified, receiver_id=provider.id) == (403, "PhoneNotVerified")


async def test_messages_are_kept_once_for_each_client_id_and_refused_where_they_are_none(chat: Chat):
    seeker, provider, thread = await chat.pair()
    path = f"/threads/{thread}/messages"
    status, first = await chat.asks(seeker, "POST", path, {"content": "a\nb <i>", "client_id": "x"})
    assert (status, first["content"], first["sender_id"], first["read_at"]) == (201, "a\nb <i>", seeker.id, None)
    assert first["sent_at"].endswith("Z")
    assert await chat.asks(seeker, "POST", path, {"content": "other", "client_id": "x"}) == (201, first)
    status, answer = await chat.asks(provider, "POST", path, {"content": "theirs", "client_id": "x"})
    assert (status, answer["content"]) == (201, "theirs")
    bodies = [
        {"content": ""},
        {"content": " \n "},
        {"content": "x" * 4_001},
        {"content": "a\x07"},
        {"content": "x", "message_type": "SYSTEM"},
        {"content": "x", "message_type": "IMAGE"},
        {"content": "https://other.example/a.png", "message_type": "IMAGE"},
        {"content": "x", "client_id": "c" * 65},
        {"content": 7},
        {},
    ]
    statuses = [(await chat.asks(seeker, "POST", path, body))[0] for body in bodies]
    assert statuses == [422] * len(bodies)
    image = {"content": UPLOADED, "message_type": "IMAGE"}
    assert (await chat.asks(seeker, "POST", path, image))[1]["code"] == "Invalid"
    await chat.run("INSERT INTO uploads (name) VALUES (:name)", name=UPLOADED.rpartition("/")[2])
    assert (await chat.asks(seeker, "POST", path, image))[0] == 201
    named = await chat.run("SELECT named_at IS NOT NULL FROM uploads WHERE name = :n", n=UPLOADED.rpartition("/")[2])
    assert named


async def test_a_thread_is_read_page_by_page_and_marked_up_to_a_message(chat: Chat):
    seeker, provider, thread = await chat.pair()
    path = f"/threads/{thread}"
    sent = [(await chat.asks(seeker, "POST", f"{path}/messages", {"content": str(n)}))[1]["id"] for n in range(5)]

    async def page(query: str) -> list[int]:
        status, found = await chat.asks(provider, "GET", f"{path}?{query}")
        assert status == 200
        return [message["id"] for message in found["messages"]]

    assert await page("") == sent
    assert await page("limit=2") == sent[3:]
    assert await page(f"limit=2&before_id={sent[3]}") == sent[1:3]
    assert await page(f"limit=2&after_id={sent[0]}") == sent[1:3]
    assert (await chat.asks(provider, "POST", f"{path}/read", {"last_id": sent[2]}))[1]["unread"] == 2
    _, seen = await chat.asks(seeker, "GET", path)
    assert [message["read_at"] is not None for message in seen["messages"]] == [True] * 3 + [False] * 2
    assert (await chat.asks(seeker, "POST", f"{path}/read", {"last_id": sent[4]}))[1]["unread"] == 0
    assert (await chat.asks(provider, "GET", path))[1]["unread"] == 2


async def test_lists_have_the_newest_first_and_unread_ones_before_them_if_that_is_asked_for(chat: Chat):
    seeker = await chat.person()
    threads = []
    for content in ("one", "two", "three"):
        provider = await chat.provider()
        threads.append(await chat.thread(seeker, provider, content=content))
    await chat.asks(provider, "POST", f"/threads/{threads[2]}/messages", {"content": "answer"})
    answered = threads[0]
    first = await chat.run("SELECT receiver_id FROM threads WHERE id = :id", id=answered)
    await chat.run(
        "INSERT INTO messages (thread_id, sender_id, content, message_type) VALUES (:id, :who, 'psst', 'TEXT')",
        id=answered,
        who=first,
    )
    await chat.asks(seeker, "POST", f"/threads/{threads[2]}/read", {"last_id": 10**9})
    assert [row["id"] for row in (await chat.asks(seeker, "GET", "/threads"))[1]] == threads[::-1]
    listed = (await chat.asks(seeker, "GET", "/threads?unread=first"))[1]
    assert [(row["id"], row["unread"]) for row in listed] == [(threads[0], 1), (threads[2], 0), (threads[1], 0)]
    assert not any(name.startswith("place_") for row in listed for name in row)
    page = (await chat.asks(seeker, "GET", "/threads?unread=first&limit=1"))[1]
    assert [row["id"] for row in page] == [threads[0]]


async def test_a_block_stops_both_until_whoever_made_it_takes_it_back(chat: Chat):
    seeker, provider, thread = await chat.pair()
    path = f"/threads/{thread}"
    said = await chat.asks(seeker, "POST", f"{path}/messages", {"content": "before", "client_id": "b"})
    assert (await chat.asks(provider, "POST", f"{path}/block"))[1]["blocked_by"] == [provider.id]
    assert await chat.asks(seeker, "POST", f"{path}/messages", {"content": "before", "client_id": "b"}) == said
    for person in (seeker, provider):
        status, answer = await chat.asks(person, "POST", f"{path}/messages", {"content": "hello"})
        assert (status, answer["code"]) == (403, "Blocked")
    assert (await chat.asks(seeker, "DELETE", f"{path}/block"))[1]["blocked_by"] == [provider.id]
    assert (await chat.asks(provider, "DELETE", f"{path}/block"))[1]["blocked_by"] == []
    assert (await chat.asks(seeker, "POST", f"{path}/messages", {"content": "hello"}))[0] == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("POST", "/messages", {"content": "x"}),
        ("POST", "/read", {"last_id": 1}),
        ("POST", "/block", None),
        ("DELETE", "/block", None),
    ],
)
async def test_a_thread_of_others_is_none(chat: Chat, method: str, path: str, body: dict | None):
    _, _, thread = await chat.pair()
    stranger = await chat.person()
    for person in (stranger, await chat.person("admin")):
        assert (await chat.asks(person, method, f"/threads/{thread}{path}", body))[0] == 404
    assert (await chat.asks(stranger, method, f"/threads/{10**8}{path}", body))[0] == 404
    assert (await chat.asks(None, method, f"/threads/{thread}{path}", body))[0] == 401


async def test_an_admin_reads_the_threads_of_a_disputed_booking_and_each_reading_is_noted(chat: Chat):
    seeker, provider, admin = await chat.person(), await chat.provider(), await chat.person("admin")
    numbers = {"open": 810_011, "decided": 810_012, "long ago": 810_013, "withdrawn": 810_014, "none": 810_015}
    decided = {"decision": {"at": datetime.now(UTC).isoformat()}, "withdrawn_at": None}
    states = {
        "open": {"dispute": {"decision": None, "withdrawn_at": None}},
        "decided": {"dispute": decided},
        "long ago": {"dispute": {"decision": {"at": "2020-01-01T00:00:00Z"}, "withdrawn_at": None}},
        "withdrawn": {"dispute": {"decision": None, "withdrawn_at": "2026-01-01T00:00:00Z"}},
        "none": {"dispute": None},
    }
    read = {}
    for name, number in numbers.items():
        await a_booking(chat, seeker, provider, number, states[name])
        thread = await chat.thread(seeker, provider, booking_id=number, content="look")
        status, _ = await chat.asks(admin, "GET", f"/threads/{thread}")
        _, listed = await chat.asks(admin, "GET", f"/threads?booking_id={number}")
        read[name] = (status, len(listed))
    assert read == {"open": (200, 1), "decided": (200, 1), **dict.fromkeys(("long ago", "withdrawn", "none"), (404, 0))}
    entries = await chat.run(
        "SELECT count(*) FROM audit_log WHERE action = 'thread-read' AND actor_id = :admin", admin=admin.id
    )
    assert entries == 4


async def test_a_move_of_a_booking_is_told_once_in_its_thread_however_often_it_is_written(chat: Chat):
    seeker, provider = await chat.person(), await chat.provider()
    await a_booking(chat, seeker, provider, 810_021)
    thread = await chat.thread(seeker, provider, booking_id=810_021)
    booking = Request(id=810_021, provider=provider.id).booking
    booking.customer = type(booking.customer)(seeker.id)
    for _ in range(2):
        async with chat.database.write.begin() as connection:
            await tell_move(ConnectionRunner(connection), booking)
    _, seen = await chat.asks(seeker, "GET", f"/threads/{thread}")
    assert [(each["message_type"], each["sender_id"]) for each in seen["messages"]] == [("SYSTEM", None)]
    assert "REQUESTED" in seen["messages"][0]["content"]
    for person in (seeker, provider):
        events = await chat.run(
            "SELECT json_agg(json_build_array(id, type, data) ORDER BY id)::text FROM feed_events WHERE user_id = :id",
            id=person.id,
        )
        assert [(number, kind) for number, kind, _ in orjson.loads(events)] == [(1, "booking"), (2, "message")]
        assert orjson.loads(events)[0][2] == {"booking_id": 810_021, "version": booking.version, "status": "REQUESTED"}


async def test_a_move_waits_for_a_message_of_its_thread_before_it_holds_what_the_message_needs(chat: Chat):
    seeker, provider = await chat.person(), await chat.provider()
    await a_booking(chat, seeker, provider, 810_022)
    thread = await chat.thread(seeker, provider, booking_id=810_022)
    booking = Request(id=810_022, provider=provider.id).booking
    booking.customer = type(booking.customer)(seeker.id)

    async def move() -> None:
        async with chat.database.write.begin() as connection:
            await tell_move(ConnectionRunner(connection), booking)

    async def waits_for_a_lock() -> bool:
        return bool(
            await chat.run(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%said AS%'"
            )
        )

    async with asyncio.timeout(30), chat.database.write.begin() as connection:
        await connection.execute(text("SELECT id FROM threads WHERE id = :id FOR NO KEY UPDATE"), {"id": thread})
        moving = asyncio.create_task(move())
        await until(waits_for_a_lock)
        await append_to_feed(connection, seeker.id, "message", {"id": 1})
    await moving


async def test_so_many_messages_of_a_person_are_taken_in_a_minute(chat: Chat):
    seeker, provider, thread = await chat.pair()
    await chat.run(
        "INSERT INTO login_attempts VALUES (:who, 120, now()) ON CONFLICT (subject) DO UPDATE SET failures = 120",
        who=f"messages {seeker.id}",
    )
    answer = await chat.http.post(
        f"/api/v1/messages/threads/{thread}/messages", json={"content": "x"}, headers=seeker.headers
    )
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, "TooMany", "60")
    assert (await chat.asks(provider, "POST", f"/threads/{thread}/messages", {"content": "x"}))[0] == 201
