"""Bodies that cost more than they say, or say two things; tried on every route that reads one."""

import gzip
import json
from collections.abc import Callable
from functools import cache, partial

import httpx
import pytest

from tests.addresses import new_address
from tests.api.access_table import fitting
from tests.api.concurrent import Api, Json, is_refusal
from tests.api.document import NOWHERE, Operation, Way, operations
from tests.api.malformed import JSON, kind_of

WITH_BODY = [each for each in operations() if each.takes_json and "webhook" not in each.path]
NEEDING = [each for each in WITH_BODY if str(each) != "POST /backup/create"]  # {} is all that it needs
MANY = 5_000
"""Ten times what any list may have."""


def card_for(api: Api, operation: Operation) -> Json | None:
    role = fitting(str(operation))[0]
    return None if role == "-" else api.card(role)


async def sent(api: Api, operation: Operation, body: bytes, media: str = JSON, **headers: str) -> httpx.Response:
    return await api.ask(
        operation.method,
        operation.url(),
        card_for(api, operation),
        content=body,
        headers={"Content-Type": media, **headers},
    )


def crowded(operation: Operation) -> list[tuple[str, Callable[[int], bytes]]]:
    """Makers of bodies with so many entries in one of their lists or objects; all of them wrong."""
    fields = {way: kind for way, inner in operation.fields() if (kind := kind_of(inner)) in ("array", "prices")}
    made = [(".".join(map(str, way)), partial(_crowd, operation, way, kind)) for way, kind in fields.items()]
    if {"additionalProperties", "patternProperties"} & (operation.body or {}).keys():
        made.append(("the body", partial(_crowd, operation, (), "prices")))
    return made


def _crowd(operation: Operation, way: Way, kind: str, number: int) -> bytes:
    many = _many(kind, number)
    return json.dumps(operation.with_fields({}, {way: many}) if way else many).encode()


def _many(kind: str, number: int) -> list[None] | dict[str, None]:
    return dict.fromkeys(f"!{each}" for each in range(number // 2)) if kind == "prices" else [None] * number


CROWDED = [(each, what, body) for each in WITH_BODY for what, body in crowded(each)]


@pytest.mark.parametrize("number", [MANY, pytest.param(20 * MANY, marks=pytest.mark.long)])
@pytest.mark.parametrize(("operation", "what", "body"), CROWDED, ids=[f"{each} {what}" for each, what, _ in CROWDED])
async def test_a_crowd_is_counted_before_anybody_in_it_is_looked_at(
    api: Api, operation: Operation, what: str, body: Callable[[int], bytes], number: int
):
    """A hundred thousand wrong entries are one error: telling each would keep everybody else waiting for seconds."""
    answer = await sent(api, operation, body(number))
    assert is_refusal(answer, 422) == ""
    about = [
        error
        for error in answer.json()["errors"]
        if error["field"].startswith(f"body.{what}".removesuffix(".the body"))
    ]
    assert [error["type"] for error in about] == ["too_long"]


def test_there_are_crowds_to_try():
    assert len(CROWDED) >= 15


async def test_a_form_is_as_small_as_what_it_is_for(api: Api):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, size in (("/auth/login", 16_001), ("/payment/verify", 100_001)):
        for content in (b"%" * size, b"a&" * (size // 2 + 1), b"username=9841385379&password=" + b"%41" * (size // 3)):
            assert is_refusal(await api.ask("POST", path, content=content, headers=form), 413) == ""


async def test_a_login_with_the_longest_password_there_can_be_is_small_enough(api: Api):
    form = {"username": "9841385379", "password": "\U0001f697" * 128}
    answer = await api.ask("POST", "/auth/login", data=form, headers={"X-Forwarded-For": new_address()})
    assert is_refusal(answer, 401) == ""
    await api.rows.execute("DELETE FROM login_attempts WHERE subject = 'phone +919841385379'")


@cache
def bomb() -> bytes:
    return gzip.compress(b" " * 50_000_000)


SHAPES: dict[str, Callable[[bytes], tuple[bytes, str, dict[str, str]]]] = {
    "compressed": lambda fits: (gzip.compress(fits), JSON, {"Content-Encoding": "gzip"}),
    "compressed a thousandfold": lambda fits: (bomb(), JSON, {"Content-Encoding": "gzip"}),
    "compressed as declared in the type": lambda fits: (gzip.compress(fits), "application/gzip", {}),
    "UTF-16": lambda fits: (fits.decode().encode("utf-16"), f"{JSON}; charset=utf-16", {}),
    "UTF-32": lambda fits: (fits.decode().encode("utf-32"), JSON, {}),
    "another language": lambda fits: (b"<a>" + fits + b"</a>", JSON, {}),
    "two bodies": lambda fits: (fits + fits, JSON, {}),
    "with a remark": lambda fits: (b"/* x */" + fits, JSON, {}),
    "with single quotes": lambda fits: (fits.replace(b'"', b"'"), JSON, {}),
    "behind a guard": lambda fits: (b")]}',\n" + fits, JSON, {}),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_body_that_must_be_turned_into_json_first_is_refused_everywhere(api: Api, shape: str):
    made = []
    for each in NEEDING:
        content, media, headers = SHAPES[shape](json.dumps(each.sample({"booking_id": NOWHERE})).encode())
        made.append(sent(api, each, content, media, **headers))
    told = {str(each): is_refusal(answer) for each, answer in zip(NEEDING, await api.all(made), strict=True)}
    assert {name: verdict for name, verdict in told.items() if verdict} == {}


async def test_a_name_that_is_said_twice_has_one_meaning_also_for_repeats(api: Api):
    """The last one counts, for the row and for what makes two requests the same."""
    nina = await api.newcomer()
    twice = b'{"name": "Mallory", "name": "Nina New"}'
    changed = await api.ask("PUT", f"/customers/{nina['id']}", nina, content=twice, headers={"Content-Type": JSON})
    assert changed.json()["name"] == "Nina New"
    key = {"Content-Type": JSON, "Idempotency-Key": "said-twice"}
    for reason, code in (
        (b'"a", "reason": "b"', "NotFound"),
        (b'"b"', "NotFound"),
        (b'"b", "reason": "a"', "IdempotencyMismatch"),
    ):
        body = (
            b'{"booking_id": 1, "vehicle_id": 2147483647, "services": [{"service_id": 45}], "notes": '
            + reason.replace(b"reason", b"notes")
            + b"}"
        )
        answer = await api.ask("POST", "/bookings/", nina, content=body, headers=key)
        assert answer.json()["code"] == code, answer.text


async def test_a_byte_order_mark_changes_nothing(api: Api):
    """Some clients cannot help sending one: it is refused or passed over, and never becomes part of a value."""
    nina = await api.newcomer()
    body = b"\xef\xbb\xbf" + json.dumps({"name": "Nina Mark"}).encode()
    answer = await api.ask("PUT", f"/customers/{nina['id']}", nina, content=body, headers={"Content-Type": JSON})
    assert answer.status_code in (200, 400, 422)
    shown = (await api.ask("GET", f"/customers/{nina['id']}", nina)).json()["name"]
    assert shown == ("Nina Mark" if answer.status_code == 200 else "Nina New")


async def test_a_read_with_a_body_is_a_read(api: Api):
    card = api.card("C")
    bodies = [b'{"customer_id": "CST000211"}', b"[" * 10_000, b"\x00" * 100, gzip.compress(b"x")]
    plain = (await api.ask("GET", "/car/", card)).json()
    for body in bodies:
        answer = await api.ask("GET", "/car/", card, content=body, headers={"Content-Type": JSON})
        assert (answer.status_code, answer.json()) == (200, plain)


async def test_as_many_headers_and_cookies_as_fit_are_borne(api: Api):
    crowd = {f"X-{number}": "y" for number in range(2_000)}
    cookies = "; ".join(f"c{number}=v" for number in range(2_500))
    for headers in (
        crowd,
        {"Cookie": cookies},
        {"Cookie": '"\\' * 10_000},
        {"Cookie": "=" * 20_000},
        {"Accept": "a/b," * 5_000},
    ):
        assert (await api.ask("GET", "/auth/me", api.card("C"), headers=headers)).status_code == 200
        api.http.cookies.clear()
        assert is_refusal(await api.ask("POST", "/auth/refresh", headers=headers), 401, 422) == ""
    assert is_refusal(await api.ask("GET", "/auth/me", headers={"Cookie": "x" * 40_000}), 431) == ""


async def test_what_strangers_say_of_payments_takes_no_room(api: Api):
    """Without a login and without a genuine signature nothing is kept, whatever key comes along."""
    before = await api.rows.fetchval("SELECT count(*) FROM idempotency_keys")
    body = {"razorpay_payment_id": "pay_00000000000000", "razorpay_signature": "0" * 64}
    known = await api.rows.fetchval("SELECT max(order_id) FROM payments WHERE order_id IS NOT NULL")
    for order in ("order_00000000000000", known or "order_00000000000001"):
        told = {**body, "razorpay_order_id": order}
        answer = await api.ask("POST", "/payment/verify", json=told, headers={"Idempotency-Key": f"of-nobody-{order}"})
        assert is_refusal(answer, 400, 404) == ""
    assert await api.rows.fetchval("SELECT count(*) FROM idempotency_keys") == before
