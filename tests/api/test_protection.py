"""What every answer tells a browser, whoever answers; and whose address and scheme are believed."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from domain.errors import TooMany, Unavailable
from tests.api.concurrent import PREFIX, Api
from tests.api.conforming import PROTECTION
from tests.api.test_attacks_slow import TIMEOUT, a_server, answer_to, application

LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
LARGE = b"Content-Length: 9999999\r\nExpect: 100-continue\r\nConnection: close\r\n"
ASKED = {
    "a page": (b"GET / HTTP/1.1\r\nHost: x\r\n", 200),
    "a page's head": (b"HEAD /password HTTP/1.1\r\nHost: x\r\n", 200),
    "a script of a page": (b"GET /static/x/style.css HTTP/1.1\r\nHost: x\r\n", 200),
    "the reference": (b"GET /docs HTTP/1.1\r\nHost: x\r\n", 200),
    "a script of the reference": (b"GET /reference/favicon.png HTTP/1.1\r\nHost: x\r\n", 200),
    "an answer": (LIVE, 200),
    "no HTTP": (b"HELO x\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
    "no host": (b"GET / HTTP/1.1\r\n", 400),
    "no login": (b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\n", 401),
    "no route": (b"GET /nope HTTP/1.1\r\nHost: x\r\n", 404),
    "no file": (b"GET /reference/nope.js HTTP/1.1\r\nHost: x\r\n", 404),
    "no method": (b"DELETE /health/live HTTP/1.1\r\nHost: x\r\n", 405),
    "no end": (b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n", 408),
    "a large body": (b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\n" + LARGE, 413),
    "a large body for nobody": (b"POST /nope HTTP/1.1\r\nHost: x\r\n" + LARGE, 404),
    "a large body for a page": (b"POST / HTTP/1.1\r\nHost: x\r\n" + LARGE, 405),
    "a large body of a stranger": (b"POST /api/v1/bookings/ HTTP/1.1\r\nHost: x\r\n" + LARGE, 401),
    "a long address": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n", 414),
    "another type": (
        b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n",
        415,
    ),
    "a wrong shape": (
        b"POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 0\r\n",
        422,
    ),
    "long headers": (LIVE + b"X: " + b"x" * 33_000 + b"\r\n", 431),
}

LONG = range(100, 255)
"""Parts of addresses with three digits."""

FAILURES: dict[Exception, int] = {
    TooMany("too often"): 429,
    ValueError(): 500,
    Unavailable("down"): 503,
    OSError(): 503,
}


def failing(failure: Exception) -> Callable[[], Awaitable[None]]:
    async def fail() -> None:
        raise failure

    return fail


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[int]:
    async with a_server() as port:
        yield port


@pytest.fixture(scope="module")
async def troubled() -> AsyncIterator[httpx.AsyncClient]:
    """The application with routes that fail in every way."""
    app = application(TIMEOUT)
    before = [*app.router.routes]
    for failure in FAILURES:
        app.add_api_route(f"/{type(failure).__name__}", failing(failure))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://revcare") as client:
        yield client
    app.router.routes[:] = before


@pytest.mark.parametrize(("head", "status"), ASKED.values(), ids=ASKED.keys())
async def test_whatever_is_answered_tells_a_browser_what_it_may_do(port: int, head: bytes, status: int):
    closing = b"" if b"Connection: close" in head else b"Connection: close\r\n"
    answer, _, body = (await answer_to(port, head + closing + b"\r\n")).partition(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    names = [line.partition(b":")[0].decode().lower() for line in answer.split(b"\r\n")[1:]]
    assert [name for name in PROTECTION if names.count(name) != 1] == []
    assert "strict-transport-security" not in names
    if status >= 400:
        error = json.loads(body)
        assert (error["status"], {"message", "detail", "code"} - error.keys()) == (status, set())


@pytest.mark.parametrize(("failure", "status"), FAILURES.items(), ids=lambda each: type(each).__name__)
async def test_a_failure_tells_it_too(troubled: httpx.AsyncClient, failure: Exception, status: int):
    answer = await troubled.get(f"/{type(failure).__name__}")
    assert answer.status_code == status
    assert [name for name in PROTECTION if len(answer.headers.get_list(name)) != 1] == []


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
async def test_the_reference_runs_no_script_that_it_did_not_come_with(troubled: httpx.AsyncClient, path: str):
    page = await troubled.get(path)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    inline = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    assert len(inline) == (2 if path == "/docs" else 0)
    assert [each for each in hashes if f"'sha256-{each}'" not in policy["script-src"].split()] == []
    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"


async def test_what_came_over_tls_is_to_come_over_tls_from_then_on(port: int):
    """As the proxy says that this server trusts: those of this machine, which 127.0.0.1 is."""
    for scheme, promised in ((b"https", True), (b"http", False), (b"ftp", False)):
        answer = await answer_to(port, LIVE + b"X-Forwarded-Proto: " + scheme + b"\r\n\r\n")
        assert (b"strict-transport-security: max-age=31536000" in answer) is promised


async def test_neither_address_nor_scheme_is_believed_of_whoever_is_no_proxy(api: Api):
    """From an address beside the trusted one, as if it had passed no proxy. No other test claims one of these, and none
    is the beginning of another one."""
    phone, claimed = f"6{secrets.randbelow(10**9):09}", f"198.18.{secrets.choice(LONG)}.{secrets.choice(LONG)}"
    here = f"127.0.{secrets.choice(LONG)}.{secrets.choice(LONG)}"
    said = {"X-Forwarded-For": claimed, "X-Forwarded-Proto": "https", "Forwarded": f"for={claimed};proto=https"}
    said |= dict.fromkeys(("X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"), claimed)
    form = {"username": phone, "password": "Wrong-password-1"}
    transport = httpx.AsyncHTTPTransport(local_address=here)
    async with httpx.AsyncClient(transport=transport, base_url=api.info["api"], trust_env=False) as stranger:
        answer = await stranger.post(f"{PREFIX}/auth/login", data=form, headers=said)
    assert answer.status_code == 401
    assert "strict-transport-security" not in answer.headers
    counted = [row["subject"] for row in await api.rows.fetch("SELECT subject FROM login_attempts")]
    assert [subject for subject in counted if here in subject]
    assert [subject for subject in counted if claimed in subject] == []
