"""Responses: JSON as it was built, not validated again (``response_model`` only documents it)."""

from typing import Any

import orjson
from fastapi import Response

AS_EVERYWHERE = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer; times become ISO 8601 to the second with ``Z``, whole objects are dicts and lists already."""
    return Response(orjson.dumps(body, option=AS_EVERYWHERE), status, headers, "application/json")


def done(message: str) -> Response:
    """``{message}``: what DELETE and the like answer."""
    return reply({"message": message})
