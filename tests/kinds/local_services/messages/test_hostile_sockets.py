"""Whoever means no good and has a socket: it closes by a code or refuses a frame, and nothing is written."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from adapters.auth.tokens import Tokens
from kinds.local_services.api.sockets import hub
from tests.kinds.local_services.messages.chat import Chat, Person, Speaker
from tests.workflows.running_booking import eventually

PATIENCE = 30.0


@pytest.fixture(autouse=True)
async def nobody_waits_for_ever():
    async with asyncio.timeout(PATIENCE):
        yield


async def written(chat: Chat) -> tuple[int, ...]:
    """How much there is of all that a frame could write."""
    tables = ("messages", "threads", "feed_events", "user_notifications", "push_outbox")
    counts = [await chat.run(f"SELECT count(*) FROM {table}") for table in tables]
    unread = await chat.run("SELECT count(*) FROM messages WHERE read_at IS NULL")
    return (*counts, unread)


async def test_a_token_that_is_not_good_any_more_or_of_another_kind_opens_no_socket(chat: Chat):
    person, leaving = await chat.person(), await chat.person()
    now = datetime.now(UTC)
    tokens = Tokens(chat.settings.secrets, "local_services")
    _, refresh = tokens.pair(person.id, "SERVICE_SEEKER", now)
    expired, _ = tokens.pair(person.id, "SERVICE_SEEKER", now - timedelta(days=2))
    table, _ = Tokens(chat.settings.secrets, "table_reservation").pair(person.id, "admin", now)
    revoked, _ = tokens.pair(person.id, "SERVICE_SEEKER", now)
    async with chat.app.state.authenticator.writing() as connection:
        statement = "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2)"
        await connection.exec_driver_sql(statement, (revoked.claims.jti, revoked.claims.expires_at))
    await chat.run("UPDATE users SET deleted_at = now(), phone = NULL WHERE id = :id", id=leaving.id)
    for token in (refresh.token, expired.token, table.token, revoked.token, leaving.token):
        async with chat.opening(Person(person.id, token)) as by_header, chat.opening() as by_frame:
            await by_frame.send(orjson.dumps({"type": "auth", "token": token}).decode())
            assert [await Speaker(each).closed() for each in (by_header, by_frame)] == [4401, 4401]
    async with chat.speaking(person) as speaker:
        await speaker.nothing_more()


_DEEP = 10_000
_WRONG: list[Any] = [None, True, "1", "", 1.5, -1, 0, 2**31, 2**63, 10**19, [], {}, [1], {"$gt": 0}]


async def test_frames_of_no_shape_are_refused_one_by_one_and_nothing_is_written(chat: Chat):
    seeker, _, thread = await chat.pair()
    await chat.asks(seeker, "POST", f"/threads/{thread}/messages", {"content": "genuine"})
    right = {
        "send": {"thread_id": thread, "content": "x", "client_id": "c"},
        "read": {"thread_id": thread, "last_id": 1},
    }
    wrong = [{"type": kind, **fields, "thread_id": each} for kind, fields in right.items() for each in _WRONG]
    wrong += [{"type": "typing", "thread_id": each} for each in _WRONG]
    wrong += [{"type": "read", **right["read"], "last_id": each} for each in _WRONG if each not in (0, 2**31)]
    wrong += [
        {"type": "send", **right["send"], "content": each} for each in (None, 5, True, [], {}, "", " \n", "a\x00b")
    ]
    wrong += [{"type": "send", **right["send"], "content": "x" * 4_001}]
    wrong += [{"type": "send", **right["send"], "client_id": each} for each in (5, [], {}, "", "a\x00b", "x" * 65)]
    wrong += [{"type": "send", **right["send"], "message_type": each} for each in ("SYSTEM", "IMAGE", 5, [], {}, "x")]
    wrong += [{"type": "resume", "last_id": each} for each in _WRONG if each not in (None, 0, 2**31)]
    texts = [orjson.dumps(each).decode() for each in wrong]
    texts += ["[" * _DEEP + "]" * _DEEP, '{"type":' * 3_000 + "1" + "}" * 3_000, '{"type": "send", "a": "\\ud800"}']
    texts += [
        '{"type": "read", "thread_id": 1e400, "last_id": 1}',
        '{"type": "read", "thread_id": NaN}',
        "",
        " ",
        "\x00",
    ]
    before, heard = await written(chat), []
    for begin in range(0, len(texts), 19):
        async with chat.speaking(seeker, resumes=False) as speaker:
            for text in texts[begin : begin + 19]:
                await speaker.connection.send(text)
                heard.append((await speaker.hears("error"), text))
            await speaker.nothing_more()
    assert [(told["code"], text) for told, text in heard if told["code"] not in ("ShapeMismatch", "Unreadable")] == []
    assert await written(chat) == before


async def test_nobody_reaches_into_a_thread_of_others(chat: Chat):
    seeker, provider, thread = await chat.pair()
    message = (await chat.asks(seeker, "POST", f"/threads/{thread}/messages", {"content": "for you alone"}))[1]["id"]
    stranger, admin = await chat.person(), await chat.person("admin")
    before = await written(chat)
    async with chat.speaking(provider) as listening:
        await listening.nothing_more()
        for who in (stranger, admin):
            async with chat.speaking(who) as speaker:
                await speaker.says("send", thread_id=thread, content="let me in", client_id="c")
                assert (await speaker.hears("error"))["code"] in ("NotFound", "RoleRequired", "Forbidden")
                await speaker.says("read", thread_id=thread, last_id=message)
                assert (await speaker.hears("error"))["code"] in ("NotFound", "RoleRequired", "Forbidden")
                await speaker.says("typing", thread_id=thread)
                await speaker.nothing_more()
        await listening.nothing_more()
    assert await written(chat) == before


@pytest.mark.parametrize("squeezed", [None, "deflate"], ids=["plain", "squeezed"])
async def test_a_frame_beyond_32_kib_closes_however_small_it_travels(chat: Chat, squeezed: Any):
    person = await chat.person()
    async with chat.opening(person, compression=squeezed) as connection:
        await connection.send('{"type": "ping", "a": "' + "x" * 1_000_000 + '"}')
        assert await Speaker(connection).closed() == 1009


async def test_a_client_that_is_gone_without_a_word_leaves_nothing_behind(chat: Chat):
    person = await chat.person()
    for header in (person, None):
        connection = await chat.opening(header)
        if header:
            await Speaker(connection).hears("ready")
        connection.transport.abort()
    sockets = chat.app.state.sockets
    await eventually(lambda: not sockets._all and not sockets._of and not sockets._silent)


async def test_sockets_that_say_nothing_keep_nobody_out(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hub, "SILENT", 3)
    person = await chat.person()
    async with contextlib.AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(chat.opening()) for _ in range(3)]
        await eventually(lambda: sum(chat.app.state.sockets._silent.values()) == len(silent))
        async with chat.opening() as one_more:
            assert await Speaker(one_more).closed() == 1013
        async with chat.speaking(person) as speaker:
            await speaker.nothing_more()
        await silent[0].send(orjson.dumps({"type": "auth", "token": person.token}).decode())
        await Speaker(silent[0]).hears("ready")
        async with chat.opening() as another:
            await another.send(orjson.dumps({"type": "auth", "token": person.token}).decode())
            await Speaker(another).hears("ready")
