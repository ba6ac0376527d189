"""Everybody may have what is held of them, and an admin for them; nobody has anybody else's."""

from typing import Any

from adapters.mongo.personal_data import COLLECTIONS
from adapters.postgres.personal_export import exported_tables
from kinds.vehicle_service.postgres.storage import STORAGE
from tests.api.concurrent import Api, Json, is_refusal
from tests.api.test_queries import ask
from tests.api.visits import Visits

SECRETS = ("argon2", "password_hash", "access_jti")


async def exported(api: Api, card: Json, by: Json | None = None, password: str | None = None, **headers: str) -> Any:
    given = {**headers, **({"X-Current-Password": password} if password is not None else {})}
    return await api.ask("GET", f"/customers/{card['id']}/export", by or card, headers=given)


async def test_an_export_has_everything_that_names_somebody_and_nothing_of_anybody_else(api: Api, visits: Visits):
    nina, other = await api.newcomer(), await api.newcomer()
    owner = visits.customer(nina)
    plate = f"KA{nina['phone'][-8:]}"
    car = owner.add_car(plate, visits.shop.customers[0].cars()[0]["car_model_id"])
    home = {"label": "Home", "line1": "12 Own Street", "line2": None, "area_id": 1}
    await api.ask("POST", "/address/", nina, json=home)
    await api.ask("POST", "/customers/cart/45", nina)
    booking = owner.post("/bookings/", visits.wish(car["id"], pickup_type="walk_in", notes="the left door rattles"))
    await ask(api, nina, query="Is 12 Own Street near?")
    await ask(api, other, query="Something else?")
    answer = await exported(api, nina, password=nina["password"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == f'attachment; filename="{nina["id"]}.json"'
    body = answer.json()
    held = body["held"]
    documents = [name for name, each in COLLECTIONS.items() if each.exported]
    assert list(held) == [*exported_tables(STORAGE.personal_data), *documents]
    assert body["person_id"] == nina["id"]
    assert (held["users"][0]["email"], held["users"][0]["first_name"]) == (nina["email"], "Nina")
    assert [each["registration_number"] for each in held["customer_cars"]] == [plate]
    assert [each["line1"] for each in held["addresses"]] == ["12 Own Street"]
    assert [each["service_id"] for each in held["carts"]] == [45]
    assert [each["id"] for each in held["bookings"]] == [booking["id"]]
    assert held["visits"][0]["said"]["notes"] == "the left door rattles"
    assert [each["query"] for each in held["queries"]] == ["Is 12 Own Street near?"]
    for word in (other["id"], other["email"], "Something else?", *SECRETS):
        assert word not in answer.text, word


async def test_an_admin_has_the_same_without_a_password_and_nobody_else_has_it(api: Api):
    nina, other = await api.newcomer(), await api.newcomer()
    mine = (await exported(api, nina, password=nina["password"])).json()
    theirs = await exported(api, nina, api.card("A"))
    assert theirs.json()["held"]["users"] == mine["held"]["users"]
    for card in (other, api.card("M")):
        refused = await exported(api, nina, card, card["password"])
        assert (is_refusal(refused, 403), refused.json()["code"]) == ("", "NotYours")
    assert is_refusal(await api.ask("GET", f"/customers/{nina['id']}/export"), 401) == ""
    assert is_refusal(await exported(api, {"id": "CST99999999"}, api.card("A")), 404) == ""


async def test_ones_own_export_needs_the_password_and_a_wrong_one_counts(api: Api):
    nina = await api.newcomer()
    without = await exported(api, nina)
    assert (is_refusal(without, 400), without.json()["code"]) == ("", "PasswordNeeded")
    for _ in range(5):
        wrong = await exported(api, nina, password="Wrong-password-1")
        assert (is_refusal(wrong, 400), wrong.json()["code"]) == ("", "Invalid")
    locked = await exported(api, nina, password=nina["password"])
    assert is_refusal(locked, 429) == ""


async def test_a_password_of_any_script_is_told_as_utf_8(api: Api):
    nina = {**await api.newcomer()}
    new = "Brücke-पासवर्ड-1"
    body = {"current_password": nina["password"], "new_password": new}
    assert (await api.ask("POST", "/auth/password/change", nina, json=body)).status_code == 200
    card = {**nina, "id": nina["id"], "password": new}
    token = await api.log_in(card)
    headers = {b"Authorization": f"Bearer {token}".encode(), b"X-Current-Password": new.encode()}
    answer = await api.http.get(f"/api/v1/customers/{nina['id']}/export", headers=headers)
    assert answer.status_code == 200, answer.text


async def test_one_person_has_so_many_exports_in_a_while(api: Api):
    nina = await api.newcomer()
    subject = f"export by {nina['id']}"
    await api.rows.execute("INSERT INTO login_attempts VALUES ($1, 20, now())", subject)
    refused = await exported(api, nina, password=nina["password"])
    assert is_refusal(refused, 429) == ""
    assert int(refused.headers["retry-after"]) > 0
    await api.rows.execute("UPDATE login_attempts SET since = now() - interval '1 day' WHERE subject = $1", subject)
    assert (await exported(api, nina, password=nina["password"])).status_code == 200


async def reading(api: Api) -> int:
    """Sessions of the database that have begun to read an export."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND query LIKE 'SELECT row_to_json(found)%'"
    return await api.rows.fetchval(query)


async def test_an_export_that_would_be_too_large_is_refused_and_holds_no_connection(api: Api):
    nina = await api.newcomer()
    await api.rows.execute(
        "INSERT INTO addresses (customer_id, label, line1, area_id) SELECT $1, repeat('x', 500000), 'x', 1"
        " FROM generate_series(1, 110)",
        nina["id"],
    )
    try:
        assert is_refusal(await exported(api, nina, password=nina["password"]), 413) == ""
        assert await reading(api) == 0
    finally:
        await api.rows.execute("DELETE FROM addresses WHERE customer_id = $1", nina["id"])
