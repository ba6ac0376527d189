"""Hints that come close together wake a workflow once; none of their rows is forgotten."""

import asyncio

from api.payments.dispatcher import WebhookDispatcher


class DeliveredRows:
    """Records which rows were delivered; the payments of some of them are recorded already."""

    def __init__(self, *recorded: int) -> None:
        self.noted: asyncio.Queue[list[int]] = asyncio.Queue()
        self._recorded = recorded

    async def delivered(self, rows: list[int]) -> None:
        self.noted.put_nowait(rows)

    async def still_news(self, rows: list[int]) -> list[int]:
        return [row for row in rows if row not in self._recorded]


async def test_the_first_hint_goes_at_once_and_a_burst_after_it_goes_as_one():
    delivered, told = DeliveredRows(), []
    dispatcher = WebhookDispatcher(delivered, pause=0.05)

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
    dispatcher = WebhookDispatcher(delivered, pause=0)

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


async def test_what_became_known_meanwhile_wakes_nobody_again():
    delivered, told = DeliveredRows(2, 3, 4), []
    dispatcher = WebhookDispatcher(delivered, pause=0.05)

    async def tell() -> bool:
        told.append("look")
        return True

    dispatcher.take("order 1", 1, tell)
    assert await delivered.noted.get() == [1]
    for row in (2, 3):
        dispatcher.take("order 1", row, tell)
    await asyncio.sleep(0.06)  # the two have had their turn, and what comes now has another one
    for row in (4, 5):
        dispatcher.take("order 1", row, tell)
    assert 5 in await delivered.noted.get()
    assert len(told) == 2
