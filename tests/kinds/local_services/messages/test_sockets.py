"""What a person is told live over a socket, what they say over it, and with which code it closes."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.auth.tokens import Tokens
from kinds.local_services.api.sockets import conversation, frames, hub
from kinds.local_services.api.sockets.person_socket import MOST_WAITING, PersonSocket
from kinds.local_services.postgres.feed import FeedEvent, append_to_feed, append_to_feeds
from tests.kinds.local_services.messages.chat import Chat, Person, Speaker, ids

PATIENCE = 200.0


@pytest.fixture(autouse=True)
async def nobody_waits_for_ever():
    async with asyncio.timeout(PATIENCE):
        yield


async def told(chat: Chat, person: Person, number: int) -> None:
    async with chat.database.write.begin() as connection:
        events = [FeedEvent(person.id, "notification", {"number": each}) for each in range(number)]
        await append_to_feeds(connection, events)


async def test_both_people_are_told_what_one_of_them_says_and_the_sender_that_it_is_kept(chat: Chat):
    seeker, provider, thread = await chat.pair()
    async with chat.speaking(seeker) as asking, chat.speaking(provider) as answering:
        await answering.nothing_more()
        for number in (1, 2):
            await asking.says("send", thread_id=thread, content=f"{number}", client_id=f"c{number}")
            heard = [await asking.hears("ack", "message") for _ in range(2)]
            [ack] = [frame for frame in heard if frame["type"] == "ack"]
            [event] = [frame for frame in heard if frame["type"] == "message"]
            there = await answering.hears("message")
            assert (ack["client_id"], event["id"]) == (f"c{number}", number)
            assert ack["message"] == event["data"] == there["data"]
            if number == 1:
                told = await answering.hears("notification")
                assert (told["data"]["type"], told["data"]["payload"]["thread_id"]) == ("message.received", thread)
        await asking.says("send", thread_id=thread, content="again", client_id="c2")
        assert (await asking.hears("ack"))["message"]["content"] == "2"
        await answering.says("read", thread_id=thread, last_id=there["data"]["id"])
        seen = {"thread_id": thread, "last_id": there["data"]["id"], "reader_id": provider.id}
        assert [(await each.hears("read"))["data"] for each in (asking, answering)] == [seen, seen]
        await answering.says("typing", thread_id=thread)
        await answering.says("typing", thread_id=thread)
        assert await asking.hears("typing") == {"type": "typing", "thread_id": thread, "user_id": provider.id}
        await asking.nothing_more()
        await chat.asks(provider, "POST", f"/threads/{thread}/messages", {"content": "over HTTP"})
        assert (await asking.hears("message"))["data"]["content"] == "over HTTP"


async def test_a_stretch_of_messages_that_nobody_reads_is_one_notification_and_one_push(chat: Chat):
    seeker, provider, thread = await chat.pair()
    path, mine = f"/threads/{thread}", {"id": provider.id}
    shown = "SELECT array_agg(is_read ORDER BY id) FROM user_notifications WHERE user_id = :id"
    pushes = "SELECT count(*) FROM push_outbox WHERE person_id = :id AND next_at > now() + interval '5 seconds'"
    sent = []
    for _ in range(3):
        sent.append((await chat.asks(seeker, "POST", f"{path}/messages", {"content": "x"}))[1]["id"])
    assert (await chat.run(shown, **mine), await chat.run(pushes, **mine)) == ([False], 1)
    await chat.asks(provider, "POST", f"{path}/read", {"last_id": sent[1]})
    assert await chat.run(shown, **mine) == [False]
    await chat.asks(provider, "POST", f"{path}/read", {"last_id": sent[2]})
    assert await chat.run(shown, **mine) == [True]
    await chat.asks(seeker, "POST", f"{path}/messages", {"content": "x"})
    assert (await chat.run(shown, **mine), await chat.run(pushes, **mine)) == ([True, False], 2)
    assert await chat.run(shown, id=seeker.id) is None


async def test_whoever_comes_back_is_told_what_they_have_missed_once_and_in_order(chat: Chat):
    person = await chat.person()
    await told(chat, person, 250)
    async with chat.speaking(person, last_id=7) as speaker:
        await told(chat, person, 3)
        heard = [await speaker.hears("notification") for _ in range(246)]
        assert ids(heard) == list(range(8, 254))
        await speaker.nothing_more()
        await speaker.says("resume", last_id=1)
        assert (await speaker.hears("error"))["code"] == "AlreadyResumed"
    async with chat.speaking(person, resumes=False) as speaker:
        await told(chat, person, 1)
        await speaker.nothing_more()
        await speaker.says("resume")
        assert (await speaker.hears("notification"))["id"] == 254


async def test_whoever_has_missed_too_much_is_told_to_read_everything_anew(chat: Chat):
    person = await chat.person()
    await told(chat, person, 1_005)
    for seen in (1_006, 4):
        async with chat.speaking(person, last_id=seen) as speaker:
            assert await speaker.hears("reset") == {"type": "reset", "last_id": 1_005}
    await chat.run("DELETE FROM feed_events WHERE user_id = :id AND id < 900", id=person.id)
    async with chat.speaking(person, last_id=500) as speaker:
        await speaker.hears("reset")
        await told(chat, person, 1)
        assert (await speaker.hears("notification"))["id"] == 1_006
    async with chat.speaking(person, last_id=899) as speaker:
        assert ids([await speaker.hears("notification") for _ in range(107)]) == list(range(900, 1_007))


async def test_numbers_follow_commits_and_whoever_tells_two_people_waits_for_nobody_in_a_circle(chat: Chat):
    one, other = await chat.person(), await chat.person()

    async def tell(*people: Person) -> None:
        async with chat.database.write.begin() as connection:
            await append_to_feeds(connection, [FeedEvent(each.id, "booking", {}) for each in people])
            await asyncio.sleep(0)
            await append_to_feed(connection, people[0].id, "booking", {})

    await asyncio.gather(*(tell(*([one, other] if turn % 2 else [other, one])) for turn in range(20)))
    for person in (one, other):
        query = "SELECT array_agg(id ORDER BY id) FROM feed_events WHERE user_id = :id"
        assert await chat.run(query, id=person.id) == list(range(1, 31))


async def test_a_frame_that_is_none_is_refused_and_closes_nothing(chat: Chat):
    seeker, provider, thread = await chat.pair()
    stranger = await chat.person()
    async with chat.speaking(seeker, resumes=False) as speaker, chat.speaking(stranger) as other:
        for text in ("{", "[]", '"x"', "{}", '{"type": 7}', "NaN"):
            await speaker.connection.send(text)
            assert (await speaker.hears("error"))["code"] == "Unreadable"
        for code, fields in {
            "UnknownType": {"type": "shout"},
            "ShapeMismatch": {"type": "send", "thread_id": thread, "content": " ", "client_id": "a"},
            "NotFound": {"type": "send", "thread_id": thread + 10**6, "content": "x", "client_id": "a"},
        }.items():
            await speaker.says(**fields)
            refused = await speaker.hears("error")
            assert (refused["code"], refused["client_id"]) == (code, fields.get("client_id"))
        for wrong in ({"thread_id": True}, {"thread_id": 2**40}, {"thread_id": str(thread)}, {"last_id": -1}):
            await speaker.says("read", **{"thread_id": thread, "last_id": 1, **wrong})
            assert (await speaker.hears("error"))["code"] == "ShapeMismatch"
        await other.says("send", thread_id=thread, content="let me in", client_id="b")
        assert (await other.hears("error"))["code"] == "NotFound"
        await other.says("typing", thread_id=thread)
        await other.nothing_more()
        await chat.asks(provider, "POST", f"/threads/{thread}/block")
        await speaker.says("send", thread_id=thread, content="hello", client_id="c")
        assert (await speaker.hears("error"))["code"] == "Blocked"
        await speaker.nothing_more()


async def test_a_socket_is_closed_by_a_code_that_says_why(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    person = await chat.person()
    monkeypatch.setattr(conversation, "LOGIN_WITHIN", 0.2)
    foreign, _ = Tokens(chat.settings.secrets, "vehicle_service").pair(person.id, "admin", datetime.now(UTC))
    for token in ("nonsense", foreign.token):
        async with chat.opening(Person(person.id, token)) as connection:
            assert await Speaker(connection).closed() == 4401
    async with chat.opening() as connection:
        assert await Speaker(connection).closed() == 4408
    for first in ('{"type": "ping"}', "{", '{"type": "auth"}', '{"type": "auth", "token": "x"}'):
        async with chat.opening() as connection:
            await connection.send(first)
            assert await Speaker(connection).closed() == 4401
    async with chat.opening() as connection:
        speaker = Speaker(connection)
        await speaker.says("auth", token=person.token)
        assert await speaker.hears("ready") == {"type": "ready", "user_id": person.id, "last_id": 0}
        await connection.send(b"\x00")
        assert await speaker.closed() == 1003
    monkeypatch.setattr(hub, "MOST", 0)
    async with chat.opening(person) as connection:
        assert await Speaker(connection).closed() == 1013


async def test_the_oldest_of_six_sockets_goes(chat: Chat):
    person = await chat.person()
    async with contextlib.AsyncExitStack() as stack:
        speakers = [await stack.enter_async_context(chat.speaking(person)) for _ in range(6)]
        assert await speakers[0].closed() == 4409
        for speaker in speakers[1:]:
            await speaker.nothing_more()


async def test_of_a_flood_the_rest_is_dropped_and_a_further_one_closes(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    person = await chat.person()
    async with chat.speaking(person, resumes=False) as speaker:
        for number in range(frames.MOST_FRAMES + 3):
            await speaker.says("ping", client_id=f"{number}")
        heard = [await speaker.hears("pong", "error") for _ in range(frames.MOST_FRAMES + 3)]
        assert [frame.get("code", "pong") for frame in heard] == ["pong"] * frames.MOST_FRAMES + ["TooMany"] * 3
        assert heard[-1]["client_id"] == f"{frames.MOST_FRAMES + 2}"
    monkeypatch.setattr(frames, "MOST_WINDOWS", 1)
    async with chat.speaking(person, resumes=False) as speaker:
        for _ in range(frames.MOST_FRAMES + 1):
            await speaker.says("ping")
        assert await speaker.closed() == 4429


def test_windows_of_frames_begin_with_their_first_and_the_third_flood_is_the_last():
    rate, most = frames.FrameRate(), frames.MOST_FRAMES
    for since in (100.0, 130.0):
        assert [rate.takes(since + 9.9 * number / most) for number in range(most + 1)] == [True] * most + [False]
        assert rate.takes(since + 10.0)
    assert all(rate.takes(200.0) for _ in range(most))
    with pytest.raises(frames.Closing) as closing:
        rate.takes(209.9)
    assert closing.value.code == 4429


async def test_a_login_that_ends_closes_its_sockets_and_a_new_token_keeps_them(chat: Chat):
    person, other = await chat.person(), await chat.person()
    authenticator = chat.app.state.authenticator
    tokens = Tokens(chat.settings.secrets, "local_services")
    newer, _ = tokens.pair(person.id, "SERVICE_SEEKER", datetime.now(UTC))
    async with chat.speaking(person) as ending, chat.speaking(person) as renewed, chat.speaking(other) as staying:
        await renewed.says("auth", token=newer.token)
        await renewed.hears("ready")
        async with authenticator.writing() as connection:
            claims = tokens.read("access", person.token)
            await connection.exec_driver_sql(
                "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2)", (claims.jti, claims.expires_at)
            )
        assert await ending.closed() == 4401
        for speaker in (renewed, staying):
            await speaker.nothing_more()
        await renewed.says("auth", token=other.token)
        assert await renewed.closed() == 4401
        await chat.run("UPDATE users SET deleted_at = now(), phone = NULL WHERE id = :id", id=other.id)
        assert await staying.closed() == 4401


async def test_a_role_that_may_read_no_messages_any_more_has_no_sockets(chat: Chat):
    admin, person = await chat.person("admin"), await chat.person()
    mine = "role_id = (SELECT id FROM roles WHERE name = 'admin')"
    scope = "(SELECT id FROM permissions WHERE name = 'READ:MESSAGES')"
    async with chat.speaking(admin) as ending, chat.speaking(person) as staying:
        await chat.run(f"DELETE FROM role_permissions WHERE {mine} AND permission_id = {scope}")
        assert await ending.closed() == 4401
        await staying.nothing_more()
    await chat.run(f"INSERT INTO role_permissions SELECT id, {scope} FROM roles WHERE name = 'admin'")


async def test_a_token_that_ends_soon_is_asked_for_anew_and_its_end_closes(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    """On a busy machine a short one may end before anything is said: then one that lasts longer shows it."""
    monkeypatch.setattr(hub, "CHECK_LOGINS", 0.1)
    person, heard = await chat.person(), None
    tokens, lifetime = (
        Tokens(chat.settings.secrets, "local_services"),
        chat.settings.secrets.access_token_expire_minutes,
    )
    for left in (2, 10, 50):
        since = datetime.now(UTC) - timedelta(minutes=lifetime) + timedelta(seconds=left)
        ending, _ = tokens.pair(person.id, "SERVICE_SEEKER", since)
        with contextlib.suppress(InvalidStatus, ConnectionClosed):
            async with chat.speaking(Person(person.id, ending.token), resumes=False) as speaker:
                heard = await speaker.hears("auth_needed")
                assert heard["in"] <= left
                assert await speaker.closed() == 4401
        if heard:
            return
    pytest.fail("it closes without a word")


async def test_what_happens_while_nobody_listens_to_postgresql_is_told_all_the_same(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(hub, "_RETRY_AFTER", 0.1)
    person = await chat.person()
    async with chat.speaking(person, last_id=0) as speaker:
        await told(chat, person, 1)
        await speaker.hears("notification")
        ended = await chat.run(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN \"revcare_local_feed\"%' AND datname = current_database()"
        )
        assert ended == 1
        await told(chat, person, 2)
        assert ids([await speaker.hears("notification") for _ in range(2)]) == [2, 3]


def test_answers_that_nobody_takes_wait_up_to_a_number():
    socket = PersonSocket(None, None, None)  # type: ignore[arg-type]  # nobody tells: nothing is sent
    for _ in range(MOST_WAITING):
        socket.say("pong")
    assert socket._closing is None
    socket.say("pong")
    assert socket._closing == (1013, "what is told is not taken")
