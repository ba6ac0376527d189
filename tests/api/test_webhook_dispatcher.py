"""Hints that come close together wake a workflow once; none of their rows is forgotten."""

import asyncio

from api.payments.dispatcher import WebhookDispatcher


class DeliveredRows:
    """Records which rows were delivered."""

    def __init__(self) -> None:
        self.noted: asyncio.Queue[list[int]] = asyncio.Queue()

    async def note(self, rows: list[int]) -> None:
        self.noted.put_nowait(rows)


async def test_the_first_hint_goes_at_once_and_a_burst_after_it_goes_as_one():
    delivered, told = DeliveredRows(), []
    dispatcher = WebhookDispatcher(delivered.note, pause=0.05)

    async def tell() -> bool:
        told.append("look")
        return True

    dispatcher.take("order 1", 1, tell)
    assert await delivered.noted.get() == [1]
    for row in range(2, 52):
        dispatcher.take("order 1", row, tell)
    dispatcher.take("order 2", 99, tell)
    assert await delivered.noted.get() == [99]
    assert await delivered.noted.get() == list(range(2, 52))
    assert len(told) == 3


async def test_what_could_not_be_told_is_left_for_the_sweep_and_later_hints_go_on():
    delivered, tried = DeliveredRows(), asyncio.Queue()
    dispatcher = WebhookDispatcher(delivered.note, pause=0)

    async def nobody() -> bool:
        tried.put_nowait("nobody")
        return False

    async def broken() -> bool:
        tried.put_nowait("broken")
        raise ConnectionError

    async def well() -> bool:
        return True

    dispatcher.take("order 1", 1, nobody)
    assert await tried.get() == "nobody"
    dispatcher.take("order 1", 2, broken)
    assert await tried.get() == "broken"
    dispatcher.take("order 1", 3, well)
    assert await delivered.noted.get() == [3]
    assert delivered.noted.empty()
