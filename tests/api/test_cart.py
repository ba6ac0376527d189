"""What customers put aside: the cart and the favourites."""

import asyncio

import pytest

from tests.api.concurrent import Api, is_refusal

LISTS = ["cart", "favourite"]


@pytest.mark.parametrize("saved", LISTS)
async def test_services_are_put_there_once_in_order_and_taken_away(api: Api, saved: str):
    nina, path = await api.newcomer(), f"/customers/{saved}"
    assert (await api.ask("GET", path, nina)).json() == []
    for service in (52, 45):
        made = await api.ask("POST", f"{path}/{service}", nina)
        assert (made.status_code, list(made.json())) == (201, ["message"])
    rows = (await api.ask("GET", path, nina)).json()
    assert [(row["service_id"], row["service"]["id"]) for row in rows] == [(52, 52), (45, 45)]
    assert all(row["service"]["title"] and row["service"]["price_chart"] and row["created_at"] for row in rows)
    again = await api.ask("POST", f"{path}/45", nina)
    assert (again.status_code, again.json()["code"]) == (409, "Duplicate")
    taken = await api.ask("DELETE", f"{path}/52", nina)
    assert (taken.status_code, list(taken.json())) == (200, ["message"])
    assert [row["service_id"] for row in (await api.ask("GET", path, nina)).json()] == [45]
    for answer in (
        await api.ask("DELETE", f"{path}/52", nina),
        await api.ask("DELETE", f"{path}/{2**31 - 1}", nina),
        await api.ask("POST", f"{path}/{2**31 - 1}", nina),
    ):
        assert is_refusal(answer, 404) == ""


@pytest.mark.parametrize("saved", LISTS)
async def test_everybody_has_their_own_and_an_admin_names_whose(api: Api, saved: str):
    nina, other, admin = await api.newcomer(), await api.newcomer(), api.card("A")
    path, of_nina = f"/customers/{saved}", {"params": {"customer_id": nina["id"]}}
    assert (await api.ask("POST", f"{path}/45", nina)).status_code == 201
    assert (await api.ask("GET", path, other)).json() == []
    for method, at in (("GET", path), ("POST", f"{path}/52"), ("DELETE", f"{path}/45")):
        answer = await api.ask(method, at, other, **of_nina)
        assert (answer.status_code, answer.json()["code"]) == (403, "NotYours")
    assert is_refusal(await api.ask("POST", f"{path}/52", other, params={"customer_id": "CST999999"}), 403) == ""
    assert is_refusal(await api.ask("DELETE", f"{path}/45", other), 404) == ""

    assert (await api.ask("POST", f"{path}/52", admin, **of_nina)).status_code == 201
    assert [row["service_id"] for row in (await api.ask("GET", path, admin, **of_nina)).json()] == [45, 52]
    assert (await api.ask("DELETE", f"{path}/45", admin, **of_nina)).status_code == 200
    assert [row["service_id"] for row in (await api.ask("GET", path, nina)).json()] == [52]
    assert is_refusal(await api.ask("POST", f"{path}/45", admin), 400) == ""
    assert is_refusal(await api.ask("POST", f"{path}/45", admin, params={"customer_id": "CST999999"}), 404) == ""
    assert (await api.ask("GET", path, api.card("M"))).json() == []
    assert (await api.ask("POST", f"{path}/45", api.card("M"))).json()["code"] == "ScopeRequired"


async def test_a_double_click_puts_a_service_there_once(api: Api):
    nina = await api.newcomer()
    clicks = await asyncio.gather(*(api.ask("POST", "/customers/cart/45", nina) for _ in range(6)))
    assert sorted(answer.status_code for answer in clicks) == [201] + [409] * 5


async def test_the_id_of_a_person_in_a_body_is_not_looked_at(api: Api):
    nina, other = await api.newcomer(), await api.newcomer()
    body = {"customer_id": other["id"], "service_id": 52}
    assert (await api.ask("POST", "/customers/cart/45", nina, json=body)).status_code == 201
    assert [row["service_id"] for row in (await api.ask("GET", "/customers/cart", nina)).json()] == [45]
    assert (await api.ask("GET", "/customers/cart", other)).json() == []
