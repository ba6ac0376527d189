"""Whether an answer is what the document says: its status, media type, headers and shape."""

import json
import re
from functools import cache, lru_cache
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from tests.api.document import Operation, document, operations

Json = dict[str, Any]
PROTECTION = ("content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options")
"""What every answer tells a browser."""


def what_is_wrong(answer: httpx.Response) -> str:
    """Empty for an answer that is as documented, or of a route or method that there is not; none without protection."""
    request = answer.request
    if unsaid := [name for name in PROTECTION if len(answer.headers.get_list(name)) != 1]:
        return f"{request.method} {request.url.path} answered {answer.status_code} without {unsaid}, or with two of it"
    operation = _operation(request.method, request.url.path)
    if operation is None:
        return ""
    told = f"{operation} answered {answer.status_code}"
    described = _described(operation, answer.status_code)
    if described is None:
        return f"{told}, which the document does not know: {answer.text[:300]}"
    missing = [name for name in described.get("headers", {}) if name.lower() not in answer.headers]
    if missing:
        return f"{told} without {missing}"
    media = answer.headers.get("content-type", "").partition(";")[0]
    content = described.get("content", {})
    if not content:
        return f"{told} with {media}, and no body is documented" if answer.content else ""
    if media not in content:
        return f"{told} with {media}, not {list(content)}"
    return _of_another_shape(told, answer, content[media]["schema"]) if media == "application/json" else ""


def _of_another_shape(told: str, answer: httpx.Response, schema: Json) -> str:
    faults = [
        f"{'.'.join(map(str, fault.instance_path))}: {fault.message[:300]}"
        for fault in validator(schema, whole=answer.status_code < 400).iter_errors(answer.json())
    ]
    return f"{told} in another shape: {'; '.join(faults[:5])}" if faults else ""


@cache
def _by_path() -> list[tuple[str, re.Pattern[str], Operation]]:
    """Fixed paths before those with an id."""
    every = sorted(operations(), key=lambda each: each.path.count("{"))
    return [
        (each.method, re.compile(re.sub(r"\{\w+\}", "[^/]+", each.path.rstrip("/")) + "/?"), each) for each in every
    ]


@lru_cache(maxsize=1000)
def _operation(method: str, path: str) -> Operation | None:
    # Most paths are asked often, and each is held against all patterns.
    there = [(verb, each) for verb, pattern, each in _by_path() if pattern.fullmatch(path)]
    known = [(verb, each) for verb, each in there if each.path == there[0][1].path]
    return next((each for verb, each in known if verb == method), None)


def _described(operation: Operation, status: int) -> Json | None:
    found: Json | None = operation.spec["responses"].get(str(status))
    if found is not None and "$ref" in found:
        kind, name = found["$ref"].split("/")[2:]
        return document()["components"][kind][name]
    return found


def validator(schema: Json, *, whole: bool = False) -> Draft202012Validator:
    """What judges values by a schema of the document; ``whole``: a field that is not documented is a fault as well."""
    return _validator(json.dumps(schema), whole)


@cache
def _validator(schema: str, whole: bool) -> Draft202012Validator:
    schemas = document()["components"]["schemas"]
    if whole:
        schemas = {name: _closed(each) for name, each in schemas.items()}
    return Draft202012Validator({**json.loads(schema), "components": {"schemas": schemas}}, validate_formats=True)


def _closed(schema: Json) -> Json:
    return {"additionalProperties": False, **schema} if "properties" in schema else schema
