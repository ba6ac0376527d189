"""A chat between two APIs, of which one is killed: nothing is lost, and nothing comes twice."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.kinds.local_services.messages.chat import Chat, chatting, ids

_REPOSITORY = Path(__file__).parents[4]


@asynccontextmanager
async def another_process(postgres: str) -> AsyncIterator[tuple[Process, int]]:
    """The API once more, in a process of its own, and its port."""
    words = ("-m", "tests.kinds.local_services.messages.process", postgres)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=_REPOSITORY, stdout=PIPE)
    try:
        yield process, int(await process.stdout.readline())
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_what_is_said_at_one_api_is_heard_at_another_which_tells_the_rest_to_who_comes_back(
    chat: Chat, rows_of_chat: str
):
    seeker, provider, thread = await chat.pair()
    async with chatting(rows_of_chat) as there, chat.speaking(seeker, resumes=False) as asking:
        async with there.speaking(provider) as answering:
            await answering.nothing_more()
            await asking.says("send", thread_id=thread, content="now", client_id="1")
            heard = [frame for frame in await answering.hears_until("notification") if "id" in frame]
        await asking.says("send", thread_id=thread, content="then", client_id="2")
        assert [(await asking.hears("ack"))["client_id"] for _ in range(2)] == ["1", "2"]
        async with there.speaking(provider, last_id=ids(heard)[-1]) as answering:
            heard.append(await answering.hears("message"))
            await answering.nothing_more()
    assert ids(heard) == [1, 2, 3]
    assert [frame["data"]["content"] for frame in heard if frame["type"] == "message"] == ["now", "then"]


@pytest.mark.long
async def test_a_chat_goes_on_when_one_of_two_processes_is_killed(chat: Chat, rows_of_chat: str):
    seeker, provider, thread = await chat.pair()
    await chat.asks(seeker, "POST", f"/threads/{thread}/messages", {"content": "notified once"})
    heard: list[dict] = []
    sent, before = 0, 2
    async with asyncio.timeout(200), another_process(rows_of_chat) as (process, port):
        there = Chat(None, rows_of_chat, port, chat.http)
        async with chat.speaking(seeker, resumes=False) as asking:
            with suppress(ConnectionClosed):
                async with there.speaking(provider, last_id=before) as answering:
                    while True:
                        await asking.says("send", thread_id=thread, content=f"{sent}", client_id=f"{sent}")
                        await asking.hears("ack")
                        sent += 1
                        if sent == 10:
                            process.kill()
                        heard.append(await answering.hears("message"))
            assert 9 <= len(heard) < sent or len(heard) == sent == 10
            while sent < 15:
                await asking.says("send", thread_id=thread, content=f"{sent}", client_id=f"{sent}")
                await asking.hears("ack")
                sent += 1
            async with chat.speaking(provider, last_id=ids(heard)[-1]) as answering:
                heard += [await answering.hears("message") for _ in range(sent - len(heard))]
                await answering.nothing_more()
        await there.database.close()
    assert ids(heard) == list(range(before + 1, before + sent + 1))
    assert [frame["data"]["content"] for frame in heard] == [f"{number}" for number in range(sent)]
