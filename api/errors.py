"""One table: refusal -> status. And one shape for every error that leaves the API."""

import math
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from adapters.mongo import OUTAGE as DOCUMENTS_DOWN
from domain import errors

log = structlog.get_logger("api")

STATUSES: dict[type[errors.BookingError], int] = {
    errors.NotFound: 404,
    errors.Unauthenticated: 401,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.PaymentProblem: 400,
    errors.Invalid: 400,
    errors.TooLarge: 413,
    errors.UnsupportedMediaType: 415,
    errors.UnreadableImage: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.NotFinished: 504,
    errors.BookingError: 400,
}
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "5"},
    503: {"Retry-After": "2"},
    504: {"Retry-After": "2"},
}
_CODES = {
    400: "Unreadable",
    401: "Unauthenticated",
    403: "NotAllowed",
    404: "NoSuchRoute",
    405: "MethodNotAllowed",
    413: "TooLarge",
    414: "AddressTooLong",
    415: "UnsupportedMediaType",
    426: "UpgradeRequired",
    431: "HeadersTooLarge",
    500: "InternalError",
}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
OUTAGES = (OSError, OperationalError, InterfaceError, PoolTimeout)
# A lock that was not had in time, a deadlock, a row that another one overtook, a transaction that the server ended
# because it was idle for too long: the same request may succeed now.
_TRANSIENT = ("55P03", "40P01", "40001", "25P03")
# SQLSTATE classes: connection lost, no room for another one, cancelled by a timeout or shutting down, disk trouble.
_OUTAGE_CLASSES = ("08", "53", "57", "58")
_RESERVED = {"status", "message", "detail", "code"}


def status_of(refusal: errors.BookingError) -> int:
    """The status of a refusal: its own row of the table, or its family's."""
    return status_of_kind(type(refusal))


def status_of_kind(kind: type[errors.BookingError]) -> int:
    """The status of every refusal of this kind."""
    return next(STATUSES[parent] for parent in kind.__mro__ if parent in STATUSES)


def code_of_status(status: int) -> str:
    """The code of what is refused before any rule of ours is asked."""
    return _CODES.get(status, "HttpError")


def refusal_body(refusal: errors.BookingError) -> tuple[int, dict[str, Any]]:
    """Status and body of a refusal; its facts stand beside the four fixed fields."""
    status = status_of(refusal)
    facts = {name: value for name, value in refusal.data.items() if name not in _RESERVED}
    return status, {**error_body(status, refusal.detail, refusal.code), **facts}


def error_body(status: int, detail: str, code: str) -> dict[str, Any]:
    """The four fields that every error has."""
    return {"status": status, "message": HTTPStatus(status).phrase, "detail": detail, "code": code}


def error_response(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """An error as it leaves."""
    merged = {**_HEADERS.get(status, {}), **(headers or {})}
    return Response(orjson.dumps(body, default=str), status, merged, "application/json")


async def on_refusal(_request: Request, refusal: Exception) -> Response:
    """An expected refusal: an answer, not an incident."""
    assert isinstance(refusal, errors.BookingError)  # noqa: S101 - registered for this class
    status, body = refusal_body(refusal)
    wait = refusal.data.get("retry_after")  # seconds, where the refusal knows better than its kind
    return error_response(status, body, {"Retry-After": str(wait)} if wait else None)


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown routes, methods."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code = code_of_status(error.status_code)
    detail = "there is no such route" if error.status_code == 404 else str(error.detail)
    headers = {**(error.headers or {}), **(_allowed(request) if error.status_code == 405 else {})}
    return error_response(error.status_code, error_body(error.status_code, detail, code), headers)


async def on_shape(request: Request, error: Exception) -> Response:
    """A body, path or query of the wrong shape: a readable sentence and the list of fields."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    if (understood := _of_another_type(request, error)) is not None:
        detail = f"the body must be {understood}"
        return error_response(415, error_body(415, detail, _CODES[415]))
    fields = [
        {"field": ".".join(str(part) for part in found["loc"]), "message": found["msg"], "type": found["type"]}
        for found in error.errors()[:20]
    ]
    detail = "; ".join(f"{field['field']}: {field['message']}" for field in fields) or "the request has the wrong shape"
    body = {**error_body(422, detail[:2000], "ShapeMismatch"), "errors": fields}
    return error_response(422, _printable(body))


async def on_outage(_request: Request, error: Exception) -> Response:
    """A server that we need does not answer."""
    log.warning("a needed part is down", error=f"{type(error).__name__}: {error}"[:300])
    refusal = errors.Unavailable("a part that this needs is down; try again shortly")
    return error_response(503, refusal_body(refusal)[1])


async def on_database(request: Request, error: Exception) -> Response:
    """Values that PostgreSQL cannot take are the client's mistake; anything else is ours."""
    assert isinstance(error, DBAPIError)  # noqa: S101 - registered for this class
    code = str(getattr(error.orig, "sqlstate", ""))
    kind = code[:2]
    down = error.connection_invalidated or isinstance(error, OUTAGES) or kind in _OUTAGE_CLASSES
    if down or code in _TRANSIENT:
        return await on_outage(request, error)
    if kind == "22":
        return error_response(400, error_body(400, "a value is out of range or cannot be stored", "Invalid"))
    return fault_response(error)


def fault_response(error: Exception) -> Response:
    """A bug of ours: logged with its trace, answered without it."""
    log.error("unexpected failure", exc_info=error)
    return error_response(500, error_body(500, "something broke on our side", "InternalError"))


def install(app: FastAPI) -> None:
    """Give every error its shape."""
    app.add_exception_handler(errors.BookingError, on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_shape)
    app.add_exception_handler(DBAPIError, on_database)
    for outage in (OSError, PoolTimeout, DOCUMENTS_DOWN):
        app.add_exception_handler(outage, on_outage)


def _allowed(request: Request) -> dict[str, str]:
    """Every method of the path: the framework names those of the first route that has it, and there may be several."""
    routes = iter_route_contexts(request.app.routes)
    there = [route for route in routes if route.methods and route.path_regex.match(request.scope["path"])]
    return {"Allow": ", ".join(sorted({method for route in there for method in route.methods or ()}))}


def _of_another_type(request: Request, error: RequestValidationError) -> str | None:
    """What the route reads, when the body that was sent has another media type."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    field = getattr(request.scope.get("route"), "body_field", None)
    if not sent or field is None or all(found["loc"][0] != "body" for found in error.errors()):
        return None
    if isinstance(field.field_info, Form):
        return None if sent in _FORMS else " or ".join(_FORMS)
    return None if sent == "application/json" or sent.endswith("+json") else "application/json"


def _printable(value: Any) -> Any:
    """Errors repeat what the client sent; lone surrogates and infinities cannot be written as JSON."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return value
