"""Which errors an operation can give, from what it takes and what it needs."""

from typing import Any

from api.documentation.facts import Facts

Json = dict[str, Any]

EVERYWHERE = {414, 431}
"""Refused by the middleware before a route is looked for."""

BESIDES: dict[str, set[int]] = {
    "POST /api/v1/auth/login": {401, 403, 429},
    "POST /api/v1/auth/refresh": {401},
    "POST /api/v1/auth/password/change": {429},
    "POST /api/v1/auth/password/reset/request": {429},
    "POST /api/v1/auth/password/reset/confirm": {401, 429},
    "POST /api/v1/auth/contact/undo": {409, 429},
    "POST /api/v1/auth/second-factor": {429},
    "POST /api/v1/auth/second-factor/confirm": {429},
    "POST /api/v1/auth/second-factor/verify": {429},
    "POST /api/v1/auth/second-factor/recovery-codes": {429},
    "POST /api/v1/auth/second-factor/disable": {429},
    "POST /api/v1/admins/": {429},
    "PUT /api/v1/admins/{admin_id}": {429},
    "PUT /api/v1/customers/{customer_id}": {429},
    "POST /api/v1/customers/": {409, 429},
    "POST /api/v1/queries/": {429},
    "POST /api/v1/utils/images": {429},
    "GET /api/v1/customers/{customer_id}/export": {400, 413, 429},
    "GET /api/v1/gst/": {404},
    "GET /api/v1/bookings/{booking_id}/events": {429},
    "POST /api/v1/backup/restore": {404},
    "POST /api/v1/payment/verify": {401, 404},
    "POST /api/v1/payment/webhook": {401},
}
"""What no dependency shows: passwords are checked by a few at a time, guesses and live streams are counted, the
provider signs, a document may not be there yet.
"""


def statuses(method: str, operation: Json, facts: Facts, schemas: Json) -> set[int]:
    """The errors of one operation. A 405 has none of its own: it is for methods that a path does not have."""
    found = EVERYWHERE | BESIDES.get(facts.name, set())
    found |= _of_who_asks(facts)
    found |= _of_the_request(method, operation)
    if facts.reads_a_body:
        found |= _of_the_body(operation, schemas)
    if facts.needs and (method in ("post", "delete") or facts.reads_a_body):
        found |= {409}
    if facts.repeatable:
        found |= {400, 409, 429, 504}
    if facts.connected:
        found |= {503}
    return found


def _of_who_asks(facts: Facts) -> set[int]:
    """Whoever is logged in may have to set up a second factor first."""
    return {401, 403} if facts.takes_a_token else set()


def _of_the_request(method: str, operation: Json) -> set[int]:
    parameters = operation.get("parameters", [])
    found: set[int] = set()
    if parameters or method != "get":
        found |= {422}
    if any(parameter["in"] == "path" for parameter in parameters):
        found |= {404}
    if method != "get":
        found |= {408, 413}
    if method != "get" and any(parameter["in"] == "query" for parameter in parameters):
        found |= {400}
    if any(parameter["in"] == "query" and _is_free_text(parameter["schema"]) for parameter in parameters):
        found |= {400}
    return found


def _of_the_body(operation: Json, schemas: Json) -> set[int]:
    content = operation["requestBody"]["content"]
    found = {400, 415}
    if any(_names_rows(media.get("schema", {}), schemas) for media in content.values()):
        found |= {404}
    return found


def _names_rows(schema: Json, schemas: Json) -> bool:
    """Whether a body has ids in it: what they name may not be there."""
    if "$ref" in schema:
        return _names_rows(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    inner = [*schema.get("anyOf", []), *schema.get("allOf", []), schema.get("items", {})]
    properties = schema.get("properties", {})
    return (
        any(name.endswith(("_id", "_ids", "categories")) for name in properties)
        or any(_names_rows(each, schemas) for each in properties.values())
        or any(_names_rows(each, schemas) for each in inner if each)
    )


def _is_free_text(schema: Json) -> bool:
    """Text that a database may be unable to take, a NUL in it say."""
    options = schema.get("anyOf", [schema])
    return any(option.get("type") == "string" and not {"pattern", "enum", "format"} & set(option) for option in options)
