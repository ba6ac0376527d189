"""Customers, mechanics and admins who leave: what goes, what stays."""

import asyncio
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from devstack.demo.calls import until
from devstack.stack import Stack
from tests.api.concurrent import Api, is_refusal
from tests.api.concurrent import until as soon
from tests.api.mailbox import Mailbox
from tests.api.people import appointed, hired, login
from tests.api.test_queries import ask, respond
from tests.api.visits import BRAKES, Visits


@pytest.fixture
def documents(stack: Stack) -> Iterator[Any]:
    client: Any = AsyncIOMotorClient(stack.info["mongodb"])
    yield client.get_default_database()
    client.close()


async def test_admins_may_leave_but_the_last_one_stays(api: Api):
    admin, colleague = api.card("A"), await appointed(api)
    assert (await api.ask("DELETE", f"/admins/{colleague['id']}", colleague)).status_code == 200
    assert is_refusal(await api.ask("GET", "/admins/", colleague), 401) == ""
    for row in (await api.ask("GET", "/admins/", admin, params={"limit": 100})).json():
        if row["id"] != admin["id"]:
            assert (await api.ask("DELETE", f"/admins/{row['id']}", admin)).status_code == 200
    last = await api.ask("DELETE", f"/admins/{admin['id']}", admin)
    assert (last.status_code, last.json()["code"]) == (409, "InUse")
    assert (await api.ask("GET", "/auth/me", admin)).status_code == 200


async def test_of_two_admins_who_delete_each_other_at_once_one_stays(api: Api):
    two = [await appointed(api), await appointed(api)]
    ids = [card["id"] for card in two]
    for card in two:
        await api.token(card)
    others = "UPDATE users SET deleted_at = {} WHERE id LIKE 'ADM%' AND phone IS NOT NULL AND id <> ALL($1)"
    await api.rows.execute(others.format("now()"), ids)
    try:
        await asyncio.gather(*(api.ask("DELETE", f"/admins/{ids[1 - at]}", two[at]) for at in (0, 1)))
        left = await api.rows.fetchval("SELECT count(*) FROM users WHERE id = ANY($1) AND deleted_at IS NULL", ids)
    finally:
        await api.rows.execute(others.format("NULL"), ids)
    assert left == 1
    for number in ids:
        await api.ask("DELETE", f"/admins/{number}", api.card("A"))


async def test_who_leaves_is_gone_at_once_and_a_newcomer_may_have_the_phone(api: Api):
    nina, admin = await api.newcomer(), api.card("A")
    token = await api.token(nina)
    form = {"username": nina["phone"], "password": nina["password"]}
    cookie = (await api.ask("POST", "/auth/login", data=form)).cookies["refresh_token"]
    api.http.cookies.clear()
    for saved in ("cart", "favourite"):
        assert (await api.ask("POST", f"/customers/{saved}/45", nina)).status_code == 201
    left = await api.ask("DELETE", f"/customers/{nina['id']}", nina)
    assert (left.status_code, list(left.json())) == (200, ["message"])
    assert is_refusal(await api.ask("GET", "/auth/me", headers=token), 401) == ""
    again = await api.ask("POST", "/auth/refresh", headers={"Cookie": f"refresh_token={cookie}"})
    assert is_refusal(again, 401) == ""
    claims = jwt.decode(token["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    revoked = await api.rows.fetchval("SELECT count(*) FROM revoked_tokens WHERE jti = $1", claims["jti"])
    assert revoked == 1
    assert await login(api, nina) == 401
    assert is_refusal(await api.ask("GET", f"/customers/{nina['id']}", admin), 404) == ""
    assert is_refusal(await api.ask("DELETE", f"/customers/{nina['id']}", admin), 404) == ""
    for path in ("/customers/", "/customers/cart", "/customers/favourite", "/car/", "/address/"):
        assert (await api.ask("GET", path, admin, params={"customer_id": nina["id"]})).json() == [], path
    body = {name: nina[name] for name in ("phone", "email")}
    newcomer = await api.ask("POST", "/customers/", json={"name": "Next One", "password": "Secret-456", **body})
    assert newcomer.status_code == 201
    assert newcomer.json()["id"] != nina["id"]
    assert await login(api, {**nina, "password": "Secret-456"}) == 200


async def test_nothing_in_the_tables_of_people_still_tells_who_left(api: Api):
    nina = await api.newcomer()
    home = {"label": "Nina's place", "line1": "99 Telltale Street", "line2": "Flat 7", "area_id": 1}
    assert (await api.ask("POST", "/address/", nina, json=home)).status_code == 201
    await api.ask("POST", "/auth/login", data={"username": nina["phone"], "password": "Wrong-password-1"})
    assert (await api.ask("DELETE", f"/customers/{nina['id']}", nina)).status_code == 200
    (row,) = await api.rows.fetch("SELECT * FROM users WHERE id = $1", nina["id"])
    assert (row["name"], row["deleted_at"] is None) == ("Former customer", False)
    kept = str(await api.rows.fetch("SELECT * FROM users WHERE id = $1", nina["id"]))
    kept += str(await api.rows.fetch("SELECT * FROM addresses WHERE customer_id = $1", nina["id"]))
    kept += str(await api.rows.fetch("SELECT * FROM login_attempts"))
    for word in ("Nina", nina["phone"], nina["email"], "Telltale", "Flat 7", "argon2"):
        assert word not in kept, word


async def test_what_somebody_asked_the_shop_goes_with_them_and_so_does_the_answer_in_the_log(
    api: Api, mailbox: Mailbox, documents: Any
):
    nina, other = await api.newcomer(), await api.newcomer()
    elsewhere = f"elsewhere{nina['phone'][-9:]}@example.com"
    asked = [
        (await ask(api, nina, customer_email=elsewhere)).json(),
        (await ask(api, customer_email=nina["email"].upper())).json(),
    ]
    kept = (await ask(api, other)).json()
    assert (await respond(api, asked[0], "Come by, Nina.")).status_code == 200
    await mailbox.wait(elsewhere, "query-response")

    async def logged() -> bool:
        return bool(await api.rows.fetchval("SELECT 1 FROM notification_logs WHERE recipient_email = $1", elsewhere))

    await soon(logged)
    assert (await api.ask("DELETE", f"/customers/{nina['id']}", nina)).status_code == 200
    left = [str(document) async for document in documents["queries"].find()]
    assert [each["id"] in "".join(left) for each in (*asked, kept)] == [False, False, True]
    rows = str(await api.rows.fetch("SELECT * FROM notifications")) + str(
        await api.rows.fetch("SELECT * FROM notification_logs")
    )
    for word in (elsewhere, nina["email"], "Come by, Nina."):
        assert word not in rows + "".join(left), word


async def test_a_customer_with_an_open_booking_stays_and_the_documents_of_one_who_left_stay_readable(
    api: Api, visits: Visits
):
    nina, admin = await api.newcomer(), visits.shop.admin
    owner = visits.customer(nina)
    plate, model = f"KA{nina['phone'][:8]}", visits.shop.customers[0].cars()[0]["car_model_id"]
    wish = visits.wish(owner.add_car(plate, model)["id"], pickup_type="walk_in")
    booking = owner.post("/bookings/", wish)
    number, brakes = booking["id"], visits.shop.service(BRAKES)
    refused = await api.ask("DELETE", f"/customers/{nina['id']}", nina)
    assert (refused.status_code, refused.json()["code"]) == (409, "InUse")

    admin.report(number, "received")
    visits.shop.assign(booking, "analysis").analyse(number, {brakes: "1650.00"}, {}, "worn")
    admin.validate_analysis(number)
    owner.confirm(number, [brakes], visits.shop.payment_method("offline"))
    report = visits.shop.assign(booking, "service").report(number, "done", (brakes,))
    due = admin.validate_report(report["id"])["totals"]["due"]
    admin.verify_cash(number, due)
    admin.report(number, "handed over")
    until("the booking to be closed", lambda: owner.booking(number)["closed_at"])
    seen = (await api.ask("GET", f"/bookings/{number}", api.card("A"))).json()
    assert (seen["status"], seen["customer"]["name"]) == ("delivered", "Nina New")

    assert (await api.ask("DELETE", f"/customers/{nina['id']}", nina)).status_code == 200
    card = api.card("A")
    after = (await api.ask("GET", f"/bookings/{number}", card)).json()
    assert seen["customer"]["phone"] == f"+91{nina['phone'][-10:]}"
    assert after["customer"] == {"id": nina["id"], "name": "Former customer"}
    assert (await api.ask("GET", f"/bookings/{number}/invoice", card)).json()["recipient"]["name"] == "Nina New"
    assert after["totals"] == seen["totals"]
    for path in ("timeline", "invoice", "invoice.pdf"):
        assert (await api.ask("GET", f"/bookings/{number}/{path}", card)).status_code == 200, path
    listed = (await api.ask("GET", "/bookings/", card, params={"customer_id": nina["id"]})).json()
    assert [(row["id"], row["customer"]) for row in listed] == [(number, after["customer"])]
    board = (await api.ask("GET", "/bookings/admin/dashboard", card, params={"customer_id": nina["id"]})).text
    assert nina["phone"][-10:] not in board
    assert (await api.ask("GET", "/payment/", card, params={"booking_id": number})).json() != []
    somebody = await api.newcomer()
    bought = {"registration_number": plate, "car_model_id": model}
    assert (await api.ask("POST", "/car/", somebody, json=bought)).status_code == 201


async def test_a_mechanic_with_an_open_job_stays_and_leaves_after_it(api: Api, visits: Visits):
    mechanic, admin = await hired(api), visits.shop.admin
    owner, booking = visits.booked()
    admin.assign(booking["id"], mechanic["id"], visits.shop.assignment_type("pickup"))
    row = (await api.ask("GET", f"/mechanics/{mechanic['id']}", mechanic)).json()
    assert row["open_jobs"] == 1
    path = f"/mechanics/{mechanic['id']}"
    refused = await api.ask("DELETE", path, api.card("A"))
    assert (refused.status_code, refused.json()["code"]) == (409, "InUse")
    owner.cancel(booking["id"], "no time")
    assert (await api.ask("DELETE", path, api.card("A"))).status_code == 200
    assert is_refusal(await api.ask("GET", "/bookings/mechanic/assignments", mechanic), 401) == ""
    seen = owner.booking(booking["id"])
    assert seen["assignments"][0]["mechanic"]["name"] == "Former mechanic"
    assert (await api.ask("GET", path, owner.card)).status_code == 404
    _, another = visits.booked()
    body = {"booking_id": another["id"], "mechanic_id": mechanic["id"], "assignment_type_id": 1}
    assert is_refusal(await api.ask("POST", "/bookings/admin/assign", api.card("A"), json=body), 404) == ""
