"""The errors of the API as parts that operations point to: what each means, its shape, its codes, an example."""

from dataclasses import dataclass
from typing import Any

from pydantic.json_schema import models_json_schema

from api.documentation.headers import headers
from api.documentation.references import reference, template
from api.errors import status_of_kind
from api.schemas.errors import BookingConflict, Error, ShapeError
from domain.errors import BookingError, family

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a status means here; ``phrase``, ``detail`` and ``code`` are an example's."""

    name: str
    phrase: str
    code: str
    detail: str
    meaning: str


KINDS: dict[int, Kind] = {
    400: Kind(
        "BadRequest",
        "Bad Request",
        "Invalid",
        "the dates lie in the past",
        "A rule of the business says no, or a value cannot be stored",
    ),
    401: Kind(
        "Unauthenticated",
        "Unauthorized",
        "Unauthenticated",
        "a Bearer token is needed",
        "No token, or one that is expired, revoked or not genuine",
    ),
    403: Kind(
        "Forbidden",
        "Forbidden",
        "ScopeRequired",
        "WRITE:BOOKINGS scope required",
        "A scope or a role is missing, or it belongs to somebody else",
    ),
    404: Kind(
        "NotFound",
        "Not Found",
        "NotFound",
        "there is no booking 1021",
        "There is no such thing, or it is not yours to know of",
    ),
    408: Kind("TooSlow", "Request Timeout", "TooSlow", "the body does not arrive", "The body takes too long to arrive"),
    409: Kind("Conflict", "Conflict", "Duplicate", "that exists already", "The state of things says no"),
    413: Kind(
        "TooLarge",
        "Request Entity Too Large",
        "TooLarge",
        "the body is larger than 1000000 bytes",
        "The body is too large",
    ),
    414: Kind(
        "AddressTooLong",
        "Request-URI Too Long",
        "AddressTooLong",
        "the address is too long",
        "The address with its query is too long",
    ),
    415: Kind(
        "UnsupportedMediaType",
        "Unsupported Media Type",
        "UnsupportedMediaType",
        "the body must be application/json",
        "The body has another media type",
    ),
    422: Kind(
        "WrongShape",
        "Unprocessable Entity",
        "ShapeMismatch",
        "body.booking_id: Field required",
        "The request has the wrong shape; `errors` says where",
    ),
    429: Kind(
        "TooMany",
        "Too Many Requests",
        "TooMany",
        "too many failed logins; wait 15 minutes",
        "Too many at once, or too often",
    ),
    431: Kind(
        "HeadersTooLarge",
        "Request Header Fields Too Large",
        "HeadersTooLarge",
        "the headers are too large",
        "The headers are too large",
    ),
    503: Kind(
        "Unavailable",
        "Service Unavailable",
        "Unavailable",
        "a part that this needs is down; try again shortly",
        "A part that this needs is down",
    ),
    504: Kind(
        "NotFinished",
        "Gateway Timeout",
        "NotFinished",
        "accepted but not finished; ask again with the same Idempotency-Key",
        "Accepted but not finished: asking again with the same Idempotency-Key is safe",
    ),
}
_RETRIED = (429, 503, 504)
_CONFLICT = "BookingConflict"


def error(status: int, *, of_a_booking: bool = False) -> Json:
    """What stands at an operation for one of its errors."""
    return reference("responses", _CONFLICT if of_a_booking and status == 409 else KINDS[status].name)


def answers(domain: str) -> Json:
    """The shared answers by name, with the engine's codes and those of the kind whose ``domain`` package it is."""
    shapes = {status: "ShapeError" if status == 422 else "Error" for status in KINDS}
    found = {kind.name: _answer(status, shapes[status], domain) for status, kind in KINDS.items()}
    return {**found, _CONFLICT: _answer(409, _CONFLICT, domain)}


def schemas() -> Json:
    """The shapes that they have."""
    modes: list[tuple[Any, Any]] = [(model, "serialization") for model in (Error, ShapeError, BookingConflict)]
    _, definitions = models_json_schema(modes, ref_template=template("schemas"))
    found: Json = definitions["$defs"]
    return found


def _answer(status: int, model: str, domain: str) -> Json:
    kind = KINDS[status]
    extra = ["Retry-After"] if status in _RETRIED else ["WWW-Authenticate"] if status == 401 else []
    media: Json = {"schema": reference("schemas", model)}
    if model == "Error":  # the others bring an example of their own
        media["example"] = {"status": status, "message": kind.phrase, "detail": kind.detail, "code": kind.code}
    return {
        "description": f"{kind.meaning}. Codes: {', '.join(_codes(status, domain))}",
        "headers": headers(*extra),
        "content": {"application/json": media},
    }


def _codes(status: int, domain: str) -> list[str]:
    """By the alphabet: in which order the classes were made depends on what was imported first."""
    packages = ("domain.", f"{domain}.")
    ours = [kind for kind in family() if kind is not BookingError and kind.__module__.startswith(packages)]
    names = [kind.__name__ for kind in ours if status_of_kind(kind) == status]
    return sorted({*names, KINDS[status].code})
