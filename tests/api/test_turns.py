"""Many commands of one booking at once: a few are under way, the others wait, and no other booking waits for them."""

import asyncio

import pytest

from api.bookings.turns import AT_ONCE, WAITING, Turns
from domain.errors import TooMany
from tests.api.concurrent import until


class Server:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.under_way, self.most, self.answers = 0, 0, asyncio.Event()

    async def is_full(self) -> bool:
        return self.under_way == AT_ONCE

    async def call(self) -> str:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.answers.wait()
        self.under_way -= 1
        return "answered"


async def test_of_twenty_commands_of_a_booking_a_few_are_under_way_at_a_time_and_all_are_answered():
    turns, server = Turns(), Server()
    twenty = asyncio.gather(*(turns.of("booking-1", server.call)() for _ in range(20)))
    await until(server.is_full)
    other = Server()
    other.answers.set()
    assert await turns.of("booking-2", other.call)() == "answered"
    server.answers.set()
    assert await twenty == ["answered"] * 20
    assert server.most == AT_ONCE
    assert not turns._gates, "a booking that nobody asks anything of costs nothing"


async def test_who_gives_up_waiting_takes_no_turn():
    turns, server = Turns(), Server()
    first = [asyncio.create_task(turns.of("booking-1", server.call)()) for _ in range(AT_ONCE)]
    await until(server.is_full)
    impatient = asyncio.create_task(turns.of("booking-1", server.call)())
    await asyncio.sleep(0)
    impatient.cancel()
    server.answers.set()
    assert await asyncio.gather(*first) == ["answered"] * AT_ONCE
    assert await turns.of("booking-1", server.call)() == "answered"


async def test_who_comes_when_dozens_wait_already_is_told_when_to_come_back():
    turns, server = Turns(), Server()
    waiting = asyncio.gather(*(turns.of("booking-1", server.call)() for _ in range(AT_ONCE + WAITING)))
    await until(server.is_full)
    with pytest.raises(TooMany) as refused:
        await turns.of("booking-1", server.call)()
    assert refused.value.data["retry_after"] > 0
    server.answers.set()
    assert await waiting == ["answered"] * (AT_ONCE + WAITING)
    assert await turns.of("booking-1", server.call)() == "answered"
