"""Hints that come close together wake a workflow once; none of their rows is forgotten."""

import asyncio

from api.payments.dispatcher import WebhookDispatcher


class DeliveredRows:
    """Records which rows were delivered; the payments of some of them are recorded already."""

    def __init__(self, *recorded: int) -> None:
        self.noted: asyncio.Queue[list[int]] = asyncio.Queue()
        self.looked_at: asyncio.Queue[list[int]] = asyncio.Queue()
        self._recorded = recorded

    async def delivered(self, rows: list[int]) -> None:
        self.noted.put_nowait(rows)

    async def still_news(self, rows: list[int]) -> list[int]:
        self.looked_at.put_nowait(rows)
        return [row for row in rows if row not in self._recorded]


class Workflow:
    """Counts how often it is woken."""

    def __init__(self) -> None:
        self.woken = 0

    async def tell(self) -> bool:
        self.woken += 1
        return True


async def test_the_first_hint_goes_at_once_and_a_burst_after_it_goes_as_one():
    delivered, workflow = DeliveredRows(), Workflow()
    dispatcher = WebhookDispatcher(delivered, pause=0.05)

    dispatcher.take("order 1", 1, workflow.tell)
    assert await delivered.noted.get() == [1]
    for row in range(2, 52):
        dispatcher.take("order 1", row, workflow.tell)
    dispatcher.take("order 2", 99, workflow.tell)
    assert await delivered.noted.get() == [99]
    assert await delivered.noted.get() == list(range(2, 52))
    assert workflow.woken == 3


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
    delivered, workflow = DeliveredRows(2, 3, 4), Workflow()
    dispatcher = WebhookDispatcher(delivered, pause=0.05)
    dispatcher.take("order 1", 1, workflow.tell)
    assert await delivered.noted.get() == [1]
    for row in (2, 3):
        dispatcher.take("order 1", row, workflow.tell)
    assert await delivered.looked_at.get() == [2, 3]
    for row in (4, 5):
        dispatcher.take("order 1", row, workflow.tell)
    assert await delivered.noted.get() == [5]
    assert workflow.woken == 2
