"""Tricks with the protocol: addresses, methods, hosts, origins, cookies and lengths that are not what they seem."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest

from api.app import create_app
from api.auth.account_rules import AccountRules
from api.auth.handing_over import HandingOver
from devstack.demo.calls import until
from kinds.vehicle_service.api import API
from settings import Settings, Web
from tests.addresses import new_address
from tests.api.access_table import OPEN
from tests.api.concurrent import PREFIX, Api, is_refusal
from tests.api.document import operations
from tests.api.mailbox import Mailbox
from tests.api.visits import Visits

EVIL = "somewhere-else.example"
GUARDED = [each for each in operations() if str(each) not in OPEN]
READS = [each for each in GUARDED if each.method == "GET"]


@pytest.fixture(scope="module")
async def listed() -> AsyncIterator[httpx.AsyncClient]:
    """The application with a listed origin, without its stores."""
    app = create_app(API, settings=Settings(web=Web(cors_origins=("https://app.revcare.example",))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://revcare") as client:
        yield client


async def sent(api: Api, request: str) -> bytes:
    """All that the server says to these bytes before it closes."""
    host, port = api.info["api"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "lengths",
    ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"],
)
async def test_a_body_with_two_lengths_is_refused_and_what_follows_is_no_request(api: Api, lengths: str):
    head = f"POST {PREFIX}/customers/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{lengths}\r\n\r\n"
    answer = await sent(api, f"{head}0\r\n\r\nGET {PREFIX}/gst/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: +1",
        "Content-Length: 0x1",
        "Content-Length: -1",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:\x0bchunked",
        "X: a\x00b",
        "X : a",
        "Bad Name: a",
        "Host: y",
        " folded: a",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_not_read(api: Api, head: str):
    answer = await sent(api, f"POST {PREFIX}/customers/ HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_methods_that_we_do_not_have_leave_nothing_behind(api: Api):
    """Neither those of other protocols on HTTP, nor those that somebody invents, which are not even read."""
    others, invented = ["PROPFIND", "MKCOL", "REPORT"], [f"M{secrets.token_hex(8).upper()}" for _ in range(20)]
    for methods, statuses in ((others, {404, 405}), (invented, {400})):
        answers = await api.all(api.ask(method, path) for method in methods for path in ("/gst/", "/nope"))
        assert {answer.status_code for answer in answers} == statuses
    counted = (await api.http.get("/metrics")).text
    assert 'method="other"' in counted
    assert not [method for method in (*others, *invented) if method in counted]


def disguises(path: str) -> list[str]:
    """Ways to write an address so that a guard and a router might disagree about it."""
    plain, last = path.rstrip("/"), path.rstrip("/").rpartition("/")[2]
    return [
        "/" + path, path.replace("/v1/", "/v1//"), path.replace("/v1/", "/v1/./"), path.replace("/v1/", "/v1/x/../"),
        path.replace("/v1/", "/v1/%2e%2e/v1/"), f"{plain};x=y",
        f"{plain};/", f"{plain}%00", f"{plain}%20", f"{plain}.json",
        f"{plain}%2f", f"{plain}%2f..%2f{last}", f"{plain}%5c", f"{plain}%3f", f"{plain}%23", f"{plain}%0d%0aX-A:%20b",
        path.replace("/api/", "/%61pi/"), path.replace("/api/", "/API/"), path.replace("/api/", "/api%2f"),
        f"/health/live/..{path}", f"/uploads/..%2f..{path}", f"/static/../{path}", f"http://x{path}", f"//x{path}",
    ]  # fmt: skip


async def test_no_disguise_of_an_address_grants_access(api: Api):
    """Each disguise on a third of the routes."""
    urls = [each.url({"service_id": 45}) for each in READS]
    tried = [disguise for turn, url in enumerate(urls) for disguise in disguises(url)[turn % 3 :: 3]]
    host = {"Host": api.info["api"].removeprefix("http://")}

    async def ask(target: str) -> httpx.Response:
        extensions = {"target": target.encode()}
        return await api.http.request("GET", "/", headers=host, extensions=extensions)

    answers = await api.all(ask(target) for target in tried)
    told = {target: answer.status_code for target, answer in zip(tried, answers, strict=True)}
    assert {target: status for target, status in told.items() if status not in (401, 404, 405, 422)} == {}


async def test_headers_that_name_another_method_or_address_are_not_believed(api: Api):
    card = api.card("C")
    sly = {
        **dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), "DELETE"),
        **dict.fromkeys(("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path"), f"{PREFIX}/admins/"),
        "X-Forwarded-Prefix": "/evil",
    }
    number = card["car_ids"][0]
    answers = [
        await api.ask("GET", f"/car/{number}", card, headers=sly, params={"_method": "DELETE"}) for _ in range(2)
    ]
    assert [answer.json()["id"] for answer in answers] == [number, number]


async def test_nothing_in_an_answer_is_made_of_the_host_that_was_asked_for(api: Api, mailbox: Mailbox, visits: Visits):
    sly = {
        "Host": EVIL,
        "X-Forwarded-Host": EVIL,
        "Forwarded": f"host={EVIL};proto=https",
        "X-Forwarded-Proto": "https",
    }
    reads = [each for each in operations() if each.method == "GET" and "/events" not in each.path]
    url = {"service_id": 45, "car_id": api.card("C")["car_ids"][0]}
    asked = [(each, api.card("A") if str(each) not in OPEN else None) for each in reads]
    answers = await api.all(api.ask("GET", each.url(url), card, headers=sly) for each, card in asked)
    pages = [await api.http.get(path, headers=sly) for path in ("/", "/bookings/1", "/docs", "/password", "/nope")]
    for answer in (*answers, *pages):
        assert EVIL not in f"{answer.text}{answer.headers}"
    card = await api.newcomer()
    await api.ask("POST", "/auth/password/reset/request", json={"email": card["email"]}, headers=sly)
    (mail,) = await mailbox.wait(card["email"], "password-reset")
    assert EVIL not in str(mail)
    owner, booking = visits.ordered()
    paid = visits.shop.provider.pay(booking["order_id"])
    form = {name: paid[name] for name in ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")}
    back = await api.http.post(f"{PREFIX}/payment/verify", data=form, headers={**sly, "Accept": "text/html"})
    assert (back.status_code, back.headers["location"]) == (303, f"/bookings/{booking['id']}")
    until("the payment", lambda: owner.booking(booking["id"])["status"] == "in-progress")


async def test_no_parameter_sends_a_browser_elsewhere(api: Api):
    names = ("next", "url", "redirect", "redirect_uri", "return_to", "returnTo", "continue", "dest", "callback", "to")
    sly = dict.fromkeys(names, f"https://{EVIL}/")
    paths = [each.url({"service_id": 45}) for each in operations() if each.method == "GET" and str(each) in OPEN]
    paths += ["/", "/bookings/1", "/password", "/docs", "//evil.example/", "/\\evil.example", "/%5c%5cevil.example/.."]
    answers = await api.all(api.http.get(path, params=sly) for path in paths)
    assert {answer.headers.get("location") for answer in answers} == {None}
    assert not any(answer.is_redirect for answer in answers)


async def test_a_cookie_opens_nothing_but_the_next_token(api: Api):
    """Why there is no CSRF: browsers add cookies by themselves, tokens they do not. The only route that reads the
    cookie makes new tokens, which the page that asked cannot read; and a page elsewhere does not even get it sent."""
    card = await api.newcomer()
    form = {"username": card["phone"], "password": card["password"]}
    token = (await api.ask("POST", "/auth/login", data=form)).cookies["refresh_token"]
    api.http.cookies.clear()
    cookie = {"Cookie": f"refresh_token={token}; access_token={token}; session={token}; Authorization=Bearer {token}"}
    bodies = [each.sample({}) if each.takes_json else None for each in GUARDED]
    asked = (
        api.ask(each.method, each.url(), headers=cookie, **({"json": body} if body is not None else {}))
        for each, body in zip(GUARDED, bodies, strict=True)
    )
    told = {str(each): is_refusal(answer, 401) for each, answer in zip(GUARDED, await api.all(asked), strict=True)}
    assert {name: verdict for name, verdict in told.items() if verdict} == {}
    renewed = await api.ask("POST", "/auth/refresh", headers={**cookie, "Origin": f"https://{EVIL}"})
    api.http.cookies.clear()
    flags = renewed.headers["set-cookie"].lower()
    assert renewed.status_code == 200
    assert all(flag in flags for flag in ("httponly", "samesite=lax", f"path={PREFIX}/auth"))
    assert "domain=" not in flags
    assert "access-control-allow-origin" not in renewed.headers


async def test_in_production_the_cookie_travels_over_tls_only():
    settings = Settings.model_construct(process=SimpleNamespace(environment="production"), secrets=Settings().secrets)
    issued, opened = SimpleNamespace(token="t"), SimpleNamespace(settings=settings)
    handing_over = HandingOver(None, opened, None, AccountRules())  # type: ignore[arg-type]
    answer = await handing_over.answer("CST000001", issued, issued)  # type: ignore[arg-type]
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("origin", [f"https://{EVIL}", "null", "https://app.revcare.example.evil.example", "http://x"])
async def test_pages_of_other_origins_read_nothing(api: Api, listed: httpx.AsyncClient, origin: str):
    """Whether nobody else may call from a browser, as in this stack, or somebody may."""
    for client in (api.http, listed):
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x"}
        before = await client.options(f"{PREFIX}/auth/refresh", headers=asks)
        after = await client.get("/health/live", headers={"Origin": origin})
        assert before.status_code in (400, 405)
        for answer in (before, after):
            assert "access-control-allow-origin" not in answer.headers


async def test_pages_of_a_listed_origin_read_answers_and_no_other_origin_is_named(listed: httpx.AsyncClient):
    answer = await listed.get("/health/live", headers={"Origin": "https://app.revcare.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.revcare.example"
    assert "origin" in answer.headers["vary"].lower()


async def test_no_page_of_ours_is_shown_inside_another(api: Api):
    for path in ("/", "/bookings/1", "/password", "/docs", "/redoc"):
        answer = await api.http.get(path)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-frame-options"] == "DENY", path


async def test_no_cache_keeps_what_the_api_says(api: Api):
    card = api.card("C")
    form = {"username": card["phone"], "password": card["password"]}
    answers = [
        await api.ask("POST", "/auth/login", data=form),
        await api.ask("GET", "/auth/me", card),
        await api.ask("GET", "/auth/me"),
        await api.ask("GET", "/car/999999", card),
    ]
    api.http.cookies.clear()
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize(
    "said",
    [
        "a1" * 6000,
        "<script>",
        "' OR 1=1",
        "::1, 127.0.0.1, x",
        "[::1",
        "999.1.1.1",
        "1.2.3.4:99999999",
        ", ,",
    ],
    ids=lambda said: said[:20],
)
async def test_whatever_a_proxy_says_of_an_address_only_an_address_is_kept(api: Api, said: str):
    for path, content in (
        ("/auth/login", {"data": {"username": f"6{secrets.randbelow(10**9):09}", "password": "Wrong-password-1"}}),
        ("/auth/password/reset/request", {"json": {"email": "nobody@example.com"}}),
    ):
        answer = await api.ask("POST", path, headers={"X-Forwarded-For": said}, **content)
        assert answer.status_code in (202, 401), answer.text
    kept = await api.rows.fetch("SELECT subject FROM login_attempts")
    assert [row["subject"] for row in kept if not re.fullmatch(r"[\w +./:-]{1,80}", row["subject"])] == []


async def test_an_address_that_an_attacker_names_himself_does_not_open_a_lock(api: Api):
    """Those that proxies have noted stand behind those that the client has sent."""
    card, address = await api.newcomer(), new_address()
    failed = "INSERT INTO login_attempts VALUES ($1, 100, now()) ON CONFLICT (subject) DO UPDATE SET failures = 100"
    for subject in (f"address {address}", f"turn address {address}"):
        await api.rows.execute(failed, subject)
    form = {"username": card["phone"], "password": card["password"]}
    for claim in ("198.51.100.7", "127.0.0.1", "::1", "unknown", ""):
        for said in (f"{claim}, {address}", f"{claim},{address}:4711", f"{claim}, {address}, 127.0.0.1"):
            answer = await api.ask("POST", "/auth/login", data=form, headers={"X-Forwarded-For": said})
            assert is_refusal(answer, 429) == "", said


async def test_a_household_of_ipv6_addresses_is_one_address(api: Api):
    network = f"2001:db8:{secrets.randbelow(65536):x}:1"
    failed = "INSERT INTO login_attempts VALUES ($1, 100, now())"
    for subject in (f"address {network}::/64", f"turn address {network}::/64"):
        await api.rows.execute(failed, subject)
    form = {"username": "6000000000", "password": "Wrong-password-1"}
    for host in ("::1", ":2:3:4:5", "::ffff"):
        answer = await api.ask("POST", "/auth/login", data=form, headers={"X-Forwarded-For": f"{network}{host}"})
        assert is_refusal(answer, 429) == "", host
