"""Lists whose rows come and go while somebody reads them, and places in them that were made up."""

import base64
import json
import random
from typing import Any

import httpx
import pytest

from tests.api.access_table import fitting
from tests.api.changing_lists import COMING_AND_GOING, UNCHANGED, Kept, Row
from tests.api.concurrent import Api, is_refusal
from tests.api.document import Operation, operation
from tests.api.test_lists import BOOKINGS, LISTS, LOGS, links

CHANGING = [(operation(name), row) for name, rows in COMING_AND_GOING.items() for row in rows]
ELSEWHERE = {
    *(f"GET {path}" for path in (*BOOKINGS, *LOGS)),
    "GET /payment/refunds",
    "GET /bookings/mechanic/assignments",
    "GET /notification/notifications/logs",
}
"""Rows that only come, in front: `test_lists.py` lets them."""
WRONG: tuple[Any, ...] = (None, {"a": 1}, 2**63, "\0", "2026-W01-1")


async def part(api: Api, operation: Operation, url: str = "", row: int = 0, **params: Any) -> httpx.Response:
    role = fitting(str(operation))[0]
    card = None if role == "-" else api.card(role)
    path = url or operation.url({"service_id": 45, "car_id": 88, "row_id": row})
    return await api.ask("GET", path, card, params=params or None)


def rows_of(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    found: list[Any] = body["bookings"] if isinstance(body, dict) else body
    return found


def test_every_list_is_changed_while_it_is_read_or_somebody_says_why_not():
    assert {str(each) for each in LISTS} == {*COMING_AND_GOING, *UNCHANGED, *ELSEWHERE}


@pytest.mark.parametrize(("operation", "row"), CHANGING, ids=[f"{each}?{row.query}" for each, row in CHANGING])
async def test_rows_that_come_and_go_between_two_parts_neither_repeat_nor_hide_another(
    api: Api, operation: Operation, row: Row | Kept
):
    query = dict(pair.split("=") for pair in row.query.split("&") if pair)
    first_number = random.randrange(910_000_000, 990_000_000)
    numbers = range(first_number, first_number + 5)
    try:
        for number in numbers[:4]:
            await row.comes(api, number)
        total = int((await part(api, operation, limit=1, **query)).headers["x-total-count"])
        begin = 0 if row.in_front else total - 4
        before = rows_of(await part(api, operation, limit=100, offset=begin, **query))
        answer = await part(api, operation, limit=2, offset=begin, **query)
        assert rows_of(answer) == before[:2]
        following = links(answer.headers["link"])["next"]
        assert "after=" in following
        assert "offset=" not in following
        for number in numbers[2:4] if row.in_front else numbers[:2]:
            await row.goes(api, number)  # both that were shown
        await row.comes(api, numbers[4])
        rest = rows_of(await part(api, operation, following.replace("limit=2", "limit=100")))
        assert rest[: len(before) - 2] == before[2:]
        come = rest[len(before) - 2 :]
        assert (come == []) == (row.in_front and total < 100)
        assert all(each not in before for each in come)
    finally:
        for number in numbers:
            await row.goes(api, number)


@pytest.mark.parametrize("operation", LISTS, ids=str)
async def test_a_place_that_was_made_up_is_refused_or_is_somewhere_in_the_list(
    api: Api, operation: Operation, days_off: dict[str, int]
):
    row = days_off.get(str(operation), 0)
    answer = await part(api, operation, row=row, limit=1)
    places: list[Any] = [["x"], None]
    if after := links(answer.headers["link"]).get("next", "").partition("after=")[2]:
        place = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        refused = [[*place, 1], place[1:]]
        places += [[*place[:at], wrong, *place[at + 1 :]] for at in range(len(place)) for wrong in WRONG]
        for each in refused:
            said = base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
            assert is_refusal(await part(api, operation, row=row, after=said), 422) == "", each
    for each in places:
        said = base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
        answer = await part(api, operation, row=row, after=said)
        if answer.status_code != 200:
            assert is_refusal(answer, 422) == "", each
            assert answer.json()["errors"][0]["field"] == "query.after"
