"""Lists: a part at a time, with what else there is in the headers."""

import re
from datetime import date, datetime, timedelta

import httpx
import pytest

from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE
from tests.api.access_table import fitting
from tests.api.concurrent import Api, is_refusal, until
from tests.api.document import Operation, operations
from tests.api.test_money_books import reconciled
from tests.api.visits import Visits
from tests.of_every import of_every

LISTS = [each for each in operations() if "limit" in {found["name"] for found in each.parameters("query")}]


OUT_OF_RANGE: tuple[dict[str, int | str], ...] = (
    *({"limit": 101}, {"offset": -1}),
    *({"limit": 0}, {"limit": -1}, {"limit": "x"}, {"offset": 10**9}),
)
"""Both have bounds in every list; which these are is looked at in one of them."""


def links(header: str) -> dict[str, str]:
    return {name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


def test_every_route_that_answers_rows_is_a_list_with_parts():
    def answers_rows(operation: Operation) -> bool:
        content = operation.spec["responses"].get("200", {}).get("content", {}).get("application/json", {})
        return operation.resolved(content.get("schema", {})).get("type") == "array"

    without = {str(each) for each in operations() if answers_rows(each)} - {str(each) for each in LISTS}
    # A booking's history as a whole, and two switches at most.
    assert without == {"GET /bookings/{booking_id}/timeline", "GET /pauses"}
    assert all("offset" in {found["name"] for found in each.parameters("query")} for each in LISTS)


@of_every(LISTS)
async def test_a_list_is_read_part_by_part(operation: Operation, api: Api, days_off: dict[str, int]):
    role = fitting(str(operation))[0]
    card = None if role == "-" else api.card(role)

    async def part(limit: int, offset: int = 0, url: str = "") -> tuple[list, int, dict[str, str]]:
        params = None if url else {"limit": limit, "offset": offset}
        path = url or operation.url({"service_id": 45, "car_id": 88, "row_id": days_off.get(str(operation))})
        answer = await api.ask("GET", path, card, params=params)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        rows = body["bookings"] if isinstance(body, dict) else body
        rows = [{name: value for name, value in row.items() if name != "age_seconds"} for row in rows]  # it grows
        return rows, int(answer.headers["x-total-count"]), links(answer.headers["link"])

    everything, total, of_all = await part(100, 0)
    assert len(everything) == min(total, 100)
    assert "prev" not in of_all
    first, _, after = await part(1, 0)
    second, _, before = await part(1, 1)
    assert first + second == everything[:2]
    assert ("next" in after) == (total > 1)
    if total > 1:
        assert "after=" in after["next"]
        assert "offset=" not in after["next"]
        assert (await part(1, url=after["next"]))[0] == second
    assert before["prev"].endswith("limit=1&offset=0")
    beyond, still, _ = await part(100, 1_000_000)
    assert (beyond, still) == ([], total)


@of_every(LISTS)
async def test_a_part_that_is_out_of_range_is_refused(operation: Operation, api: Api):
    role = fitting(str(operation))[0]
    card = None if role == "-" else api.card(role)
    for params in OUT_OF_RANGE if operation is LISTS[0] else OUT_OF_RANGE[:2]:
        answer = await api.ask("GET", operation.url(), card, params=params)
        assert is_refusal(answer, 422) == "", params
        assert answer.json()["errors"][0]["field"] == f"query.{next(iter(params))}"


async def test_links_keep_the_filters_and_lead_through_the_whole_list(api: Api):
    seen, url = [], "/api/v1/services/?limit=20&q=a&car_class_id=1"
    while url:
        answer = await api.http.get(url)
        seen += [row["id"] for row in answer.json()]
        total, url = int(answer.headers["x-total-count"]), links(answer.headers["link"]).get("next")
    assert len(seen) == len(set(seen)) == total
    assert total > 20


BOOKINGS = ("/bookings/", "/bookings/customer", "/bookings/admin/dashboard", "/payment/")
LOGS = ("/payment/ledger", "/payment/reconciliations", "/notification/logs")
"""Rows that are only ever added: newest first, whatever is asked for."""


@pytest.mark.parametrize("path", BOOKINGS)
@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_the_next_part_begins_behind_the_last_row_whatever_has_come_before_it(
    api: Api, visits: Visits, path: str, order: str
):
    """A part that is counted off would show rows again that a new one has pushed on."""
    if "dashboard" in path and order == "oldest":
        pytest.skip("its order is fixed")
    one_more = visits.ordered if path == "/payment/" else visits.booked
    owner, _ = one_more()
    card = owner.card if path == "/bookings/customer" else api.card("A")
    url = f"{path}?limit=2" + ("" if "dashboard" in path else f"&order={order}")
    whole = ids(await api.ask("GET", url.replace("limit=2", "limit=100"), card))
    seen: list[int] = []
    while url and len(seen) < min(len(whole), 8):
        answer = await api.ask("GET", url, card)
        seen += ids(answer)
        url = links(answer.headers["link"]).get("next", "")
        assert not url or ("after=" in url and "offset=" not in url)
        if len(seen) == 2 and order == "newest" and "dashboard" not in path:
            one_more()
    assert seen == whole[: len(seen)]
    assert len(seen) >= min(len(whole), 8)


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return [row["id"] for row in (body["bookings"] if isinstance(body, dict) else body)]


_ONE_MORE = """
    INSERT INTO reconciliations (since, until, checked, kinds, differences)
    SELECT since, until, checked, kinds, differences FROM reconciliations ORDER BY id DESC LIMIT 1
"""


async def _fill(api: Api, visits: Visits, path: str) -> None:
    """See that at least three rows are there, two parts."""

    async def filled() -> bool:
        return len(ids(await api.ask("GET", f"{path}?limit=3", api.card("A")))) == 3

    if path.endswith("reconciliations"):
        await reconciled(api)
        for _ in range(2):
            await api.rows.execute(_ONE_MORE)
    for _ in range(0 if await filled() else 3):
        _, booking = visits.ordered()
        visits.shop.provider.pay(booking["order_id"])
    await until(filled, 60)


@pytest.mark.parametrize("path", LOGS)
async def test_each_part_of_a_log_begins_behind_the_last_row(api: Api, visits: Visits, path: str):
    await _fill(api, visits, path)
    seen, url = list[int](), f"{path}?limit=2"
    while url and len(seen) < 6:
        answer = await api.ask("GET", url, api.card("A"))
        seen += ids(answer)
        url = links(answer.headers["link"]).get("next", "")
        assert not url or ("after=" in url and "offset=" not in url)
        if len(seen) == 2:
            visits.ordered()  # which adds rows in front
    whole = ids(await api.ask("GET", f"{path}?limit=100", api.card("A")))
    assert whole == sorted(whole, reverse=True)
    assert seen == whole[whole.index(seen[0]) :][: len(seen)]
    assert len(seen) >= 6 or seen[-1] == whole[-1]


@pytest.mark.parametrize("path", ["/bookings/", "/bookings/customer", "/payment/ledger"])
async def test_a_place_that_no_list_has_said_is_refused(api: Api, path: str):
    card = api.card({"/bookings/customer": "C"}.get(path, "A"))
    for after in ("x", "1021", "WyJ4Il0", "W10", "bnVsbA", "WzFd" * 30, "[1]", "WzEuNV0", "é", ""):
        answer = await api.ask("GET", path, card, params={"after": after})
        assert is_refusal(answer, 422) == "", after
        assert answer.json()["errors"][0]["field"] == "query.after"


async def test_services_are_found_by_words_category_fuel_and_priced_by_class(api: Api):
    every = (await api.ask("GET", "/services/", params={"limit": 100, "car_class_id": 1})).json()
    assert all(re.fullmatch(r"\d+\.\d\d", row["price"]) for row in every)
    one = every[0]
    found = (await api.ask("GET", "/services/", params={"q": one["title"].upper()})).json()
    assert one["id"] in {row["id"] for row in found}
    category = (await api.ask("GET", "/services/", params={"category_id": one["category_id"], "limit": 100})).json()
    assert {row["category_id"] for row in category} == {one["category_id"]}
    fuel = (await api.ask("GET", "/services/", params={"fuel_type_id": 3, "limit": 100})).json()
    assert all(3 in row["fuel_type_ids"] for row in fuel)
    assert 0 < len(fuel) < len(every)
    for strange in ("%", "_", "' OR 1=1 --", "\\"):
        assert (await api.ask("GET", "/services/", params={"q": strange})).status_code == 200


async def test_nothing_is_free_in_a_slot_that_has_begun(api: Api):
    async def free(day: date) -> dict[str, int]:
        rows = (await api.ask("GET", "/utils/timeslot", params={"date": str(day)})).json()
        return {row["start_time"]: row["free"] for row in rows}

    before = datetime.now(SHOP_TIMEZONE)
    today, yesterday = await free(before.date()), await free(before.date() - timedelta(days=1))
    begun = f"{datetime.now(SHOP_TIMEZONE):%H:%M}"
    assert set(yesterday.values()) == {0}
    assert [start for start, left in today.items() if start <= f"{before:%H:%M}" and left] == []
    assert [start for start, left in today.items() if start > begun >= f"{before:%H:%M}" and not left] == []


async def test_timeslots_tell_what_is_free_when_asked_for_a_day(api: Api):
    plain = (await api.ask("GET", "/utils/timeslot")).json()
    on_a_day = (await api.ask("GET", "/utils/timeslot", params={"date": "2031-05-05"})).json()
    assert all("free" not in row for row in plain)
    assert [row["free"] for row in on_a_day] == [row["capacity"] for row in plain]
    assert [(row["name"], row["start_time"], row["end_time"]) for row in plain] == [
        ("Morning", "08:00", "12:00"),
        ("Afternoon", "13:00", "16:00"),
        ("Evening", "16:00", "19:00"),
        ("Night", "19:00", "22:00"),
    ]
