"""What would do much harm asks for a code again, of whoever has a second factor."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.people import Customer
from tests.api.concurrent import Api, Json, is_refusal
from tests.api.people import appointed, unlike
from tests.api.second_factors import HERE, Holder, holder
from tests.api.visits import Visits

MECHANIC = 2
LARGE, SMALL = "15000.00", "1650.00"
"""Quotes above and below the refund that asks for none (`REVCARE_REFUND_WITHOUT_CODE`, 10,000 rupees)."""
BACKUP = "backup-20261124T061109Z-4f2a91c0"


async def risky(api: Api) -> dict[str, tuple[str, str, Json]]:
    """Requests that are granted, or find nothing, once a code was shown."""
    other = await appointed(api)
    roles = (await api.ask("GET", "/rbac/roles", api.card("A"))).json()
    scopes = next(role["scopes"] for role in roles if role["id"] == MECHANIC)
    new = {"name": "Adi Third", **unlike()}
    return {
        "restore": ("POST", "/backup/restore", {"params": {"postgresql_backup": BACKUP}}),
        "deletion": ("DELETE", f"/backup/delete/{BACKUP}", {}),
        "scopes": ("PUT", f"/rbac/roles/{MECHANIC}/scopes", {"json": {"scopes": scopes}}),
        "new admin": ("POST", "/admins/", {"json": new}),
        "other admin": ("PUT", f"/admins/{other['id']}", {"json": {"name": "Adi Other"}}),
        "removal": ("DELETE", f"/admins/{other['id']}", {}),
    }


async def test_a_code_that_is_minutes_old_does_not_do_for_what_would_do_much_harm(api: Api):
    admin, requests = await holder(api), await risky(api)
    await admin.aged(6)
    for method, path, content in requests.values():
        refused = await admin.ask(method, path, **content)
        assert (is_refusal(refused, 403), refused.json()["code"]) == ("", "FreshCodeNeeded"), path
    assert (await admin.ask("GET", "/backup/list")).status_code == 200, "nothing else asks for one"
    assert (await admin.ask("PUT", f"/admins/{admin.card['id']}", json={"name": "Adi Own"})).status_code == 200
    assert (await admin.ask("POST", f"{HERE}/verify", json={"code": await admin.code()})).status_code == 200
    statuses = {
        what: (await admin.ask(method, path, **content)).status_code
        for what, (method, path, content) in requests.items()
    }
    found = {"restore": 404, "deletion": 404, "scopes": 200, "new admin": 201, "other admin": 200, "removal": 200}
    assert statuses == found


async def test_a_code_at_the_login_does_for_five_minutes_and_for_its_own_session(api: Api):
    admin = await holder(api)
    await admin.aged(4)
    path = f"/rbac/roles/{MECHANIC}/scopes"
    scopes = {"scopes": (await risky(api))["scopes"][2]["json"]["scopes"]}
    assert (await admin.ask("PUT", path, json=scopes)).status_code == 200
    other = await another_session(admin)
    await admin.aged(2)
    assert (await admin.ask("POST", f"{HERE}/verify", json={"code": admin.recovery_codes[1]})).status_code == 200
    await api.rows.execute(
        "UPDATE sessions SET verified_at = verified_at - interval '1 hour' WHERE user_id = $1"
        " AND id <> (SELECT family FROM refresh_tokens WHERE user_id = $1 ORDER BY created_at LIMIT 1)",
        admin.card["id"],
    )
    assert (await admin.ask("PUT", path, json=scopes)).status_code == 200
    assert is_refusal(await other.ask("PUT", path, json=scopes), 403) == ""


async def another_session(admin: Holder) -> Holder:
    form = {"username": admin.card["phone"], "password": admin.card["password"], "code": admin.recovery_codes[0]}
    answer = await admin.api.ask("POST", "/auth/login", data=form)
    admin.api.http.cookies.clear()
    return Holder(admin.api, admin.card, answer.json()["access_token"], admin.app, admin.recovery_codes)


async def test_an_admin_without_a_second_factor_is_asked_for_none(api: Api):
    card, requests = await appointed(api), await risky(api)
    for method, path, content in requests.values():
        assert (await api.ask(method, path, card, **content)).status_code in (200, 201, 404)


def paid(visits: Visits, quote: str) -> tuple[Customer, int]:
    """A visit with money in it: its owner and its number."""
    owner, booking = visits.estimated(quote)
    service = booking["services"][0]["service_id"]
    order = owner.confirm(booking["id"], [service], visits.shop.payment_method("online"))
    visits.shop.provider.pay(order["order_id"])
    until("the money", lambda: owner.booking(booking["id"])["status"] == "in-progress")
    return owner, booking["id"]


async def cancelled_by(admin: Holder, number: int) -> httpx.Response:
    """The answer to an admin who cancels that booking, with the same key each time."""
    headers = {"Idempotency-Key": f"cancel-{number}", "Authorization": f"Bearer {admin.access}"}
    body = {"reason": "only a try"}
    return await admin.api.ask("PUT", f"/bookings/{number}/cancel", headers=headers, json=body)


async def refused_until_a_code_is_shown(admin: Holder, ask: Callable[[], Awaitable[httpx.Response]]) -> None:
    """A code that is minutes old does not do, the next one does."""
    await admin.aged(6)
    refused = await ask()
    assert (is_refusal(refused, 403), refused.json()["code"]) == ("", "FreshCodeNeeded")
    assert (await admin.ask("POST", f"{HERE}/verify", json={"code": await admin.code()})).status_code == 200


async def refund_of(owner: Customer, number: int) -> Json:
    """What went back to the owner, once it did."""

    def is_done() -> list[Json]:
        return [each for each in owner.booking(number)["refunds"] if each["status"] == "processed"]

    return (await asyncio.to_thread(until, "the refund", is_done))[0]


async def test_a_cancellation_that_refunds_much_asks_an_admin_for_a_code_and_so_does_a_retry_of_that_refund(
    api: Api, visits: Visits
):
    admin, (owner, number) = await holder(api), await asyncio.to_thread(paid, visits, LARGE)
    await refused_until_a_code_is_shown(admin, partial(cancelled_by, admin, number))
    assert owner.booking(number)["status"] == "in-progress", "nothing happened"
    done = await cancelled_by(admin, number)
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")
    path = f"/payment/refunds/{(await refund_of(owner, number))['id']}/retry"
    await refused_until_a_code_is_shown(admin, partial(admin.ask, "POST", path))
    assert is_refusal(await admin.ask("POST", path), 409) == ""


async def test_a_small_refund_asks_no_admin_for_a_code(api: Api, visits: Visits):
    admin, (_, number) = await holder(api), await asyncio.to_thread(paid, visits, SMALL)
    await admin.aged(6)
    done = await cancelled_by(admin, number)
    assert (done.status_code, done.json()["status"]) == (200, "cancelled")


async def test_an_owner_has_no_code_to_show_and_cancels_what_refunds_much(visits: Visits):
    owner, number = await asyncio.to_thread(paid, visits, LARGE)
    assert owner.cancel(number, "changed my mind")["status"] == "cancelled"
