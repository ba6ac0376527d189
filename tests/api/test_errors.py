"""One shape for every refusal, whoever refuses."""

import asyncio

import httpx
import pytest
from asyncpg import exceptions as asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from api.errors import on_database
from tests.api.concurrent import PREFIX, Api, is_refusal
from tests.api.document import Operation, operations
from tests.of_every import of_every


@pytest.mark.parametrize("path", ["/nope", "/api/v1/nope", "/api/v1/", "/api/v1/bookings//1", "/api/v1/%00", "/%FF"])
async def test_a_route_that_is_not_there(api: Api, path: str):
    answer = await api.http.get(path)
    assert is_refusal(answer, 404) == ""
    assert answer.json() == {
        "status": 404,
        "message": "Not Found",
        "detail": "there is no such route",
        "code": "NoSuchRoute",
    }


async def test_a_row_that_is_not_there(api: Api):
    missing = {"/services/2147483647": None, "/bookings/999999": "C", "/car/999999": "C", "/payment/999999": "C"}
    for path, role in missing.items():
        answer = await api.ask("GET", path, api.card(role) if role else None)
        assert is_refusal(answer, 404) == ""
        assert answer.json()["code"] == "NotFound"
        assert path.rpartition("/")[2] in answer.json()["detail"]


@of_every({each.path: each for each in operations()}.values())
async def test_a_method_that_a_path_does_not_have(operation: Operation, api: Api):
    taken = {each.method for each in operations() if each.path == operation.path}
    every = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "TRACE")
    others = [method for method in every if method not in taken]
    answers = await api.all(api.ask(method, operation.url()) for method in others)
    for answer in answers:
        assert is_refusal(answer, 405) == ""
        assert answer.json()["code"] == "MethodNotAllowed"
        assert set(answer.headers["allow"].split(", ")) == taken


async def test_a_wrong_shape_is_told_in_a_sentence_and_field_by_field(api: Api):
    answer = await api.ask("POST", "/customers/", json={"name": "A", "phone": "12", "email": "x", "password": "short"})
    assert is_refusal(answer, 422) == ""
    body = answer.json()
    assert {error["field"] for error in body["errors"]} == {"body.phone", "body.email", "body.password"}
    assert all(set(error) == {"field", "message", "type"} for error in body["errors"])
    assert "body.phone: " in body["detail"]


async def test_a_nul_in_a_body_is_told_like_any_other_wrong_shape(api: Api):
    answer = await api.ask("POST", "/customers/", json={"name": "A\x00"})
    assert is_refusal(answer, 422) == ""
    assert [set(error) for error in answer.json()["errors"]] == [{"field", "message", "type"}]


async def test_a_secret_that_was_sent_is_not_repeated(api: Api):
    answer = await api.ask("POST", "/customers/", json={"phone": "1234567", "password": "hunter2"})
    assert "hunter2" not in answer.text
    assert "1234567" not in answer.text


async def test_other_media_types_are_refused_by_name(api: Api):
    answers = await api.all(
        [
            api.ask("POST", "/customers/", content=b"<x/>", headers={"Content-Type": "application/xml"}),
            api.ask("POST", "/customers/", data={"phone": "1"}),
            api.ask("POST", "/auth/login", json={"username": "1", "password": "1"}),
        ]
    )
    assert [is_refusal(answer, 415) for answer in answers] == ["", "", ""]
    assert {answer.json()["code"] for answer in answers} == {"UnsupportedMediaType"}


@pytest.mark.parametrize("size", [1_000_001, 5_000_000])
async def test_a_body_over_a_megabyte_is_refused_declared_or_not(api: Api, size: int):
    async def pieces():
        for _ in range(size // 50_000 + 1):
            yield b"x" * 50_000

    for path in ("/customers/", "/payment/webhook", "/payment/verify", "/auth/login"):
        declared = await api.ask("POST", path, content=b"x" * size)
        chunked = await api.ask("POST", path, content=pieces())
        assert [is_refusal(answer, 413) for answer in (declared, chunked)] == ["", ""], path
        assert declared.json()["code"] == "TooLarge"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("POST", "/nope", 404), ("PUT", "/auth/login", 405), ("POST", "/bookings/", 401)]
)
async def test_a_large_body_that_nobody_wants_is_refused_and_the_next_request_is_served(
    api: Api, method: str, path: str, status: int
):
    """On the same connection, whether the size was declared or not."""

    async def pieces():
        for _ in range(100):
            yield b"x" * 50_000

    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=f"{api.info['api']}{PREFIX}", trust_env=False, limits=limits) as client:
        for content in (b"x" * 5_000_000, pieces()):
            assert is_refusal(await client.request(method, path, content=content), status) == ""
            assert (await client.get("/gst/")).status_code == 200


async def test_a_body_of_just_a_megabyte_is_read(api: Api):
    fits = b'{"name": "' + b"x" * (1_000_000 - 12) + b'"}'
    assert is_refusal(await api.ask("POST", "/customers/", content=fits, headers=_JSON), 422) == ""


_JSON = {"Content-Type": "application/json"}


async def test_a_client_that_asks_before_sending_too_much_is_told_at_once(api: Api):
    host, port = api.info["api"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = "POST /api/v1/customers/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()


async def test_an_address_or_headers_without_end_are_refused(api: Api):
    host, port = api.info["api"].removeprefix("http://").split(":")
    for head, status in ((f"GET /{'x' * 100_000}", 414), (f"GET / HTTP/1.1\r\nX-Long: {'x' * 100_000}", 431)):
        reader, writer = await asyncio.open_connection(host, int(port))
        request = head if "HTTP/1.1" in head else f"{head} HTTP/1.1"
        writer.write(f"{request}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert f'"status":{status}'.encode() in answer
        writer.close()
        await writer.wait_closed()


async def test_a_request_id_comes_back_if_it_is_one(api: Api):
    given = {"X-Request-Id": "order-42.a_B"}
    assert (await api.ask("GET", "/gst/", headers=given)).headers["x-request-id"] == "order-42.a_B"
    for strange in ("a b", "x" * 65, "<script>", "é", "", "a\tb"):
        answer = await api.ask("GET", "/gst/", headers={"X-Request-Id": strange.encode("latin-1")})
        assert answer.headers["x-request-id"] != strange
        assert len(answer.headers["x-request-id"]) == 16


@of_every(operations())
async def test_both_forms_of_a_path_answer_without_a_redirect(operation: Operation, api: Api):
    url = operation.url({"service_id": 45})
    other = url.rstrip("/") if url.endswith("/") else f"{url}/"
    answers = [await api.ask(operation.method, path) for path in (url, other)]
    assert answers[0].status_code == answers[1].status_code
    assert not any(answer.is_redirect for answer in answers)
    if url != "/metrics" and "json" in answers[0].headers["content-type"] and answers[0].status_code >= 400:
        assert answers[0].json() == answers[1].json()
        assert answers[0].json()["code"] != "NoSuchRoute"


@pytest.mark.parametrize(
    "fault",
    [
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
        asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
        asyncpg.DeadlockDetectedError("deadlock detected"),
        asyncpg.IdleInTransactionSessionTimeoutError("terminating connection due to idle-in-transaction timeout"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_a_database_that_is_starting_stopping_full_or_slow_is_an_outage(
    fault: Exception,
):
    seen = DBAPIError("SELECT 1", {}, AsyncAdapt_asyncpg_dbapi.Error(str(fault), fault))
    answer = await on_database(Request({"type": "http"}), seen)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
