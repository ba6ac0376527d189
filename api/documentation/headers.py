"""The headers that come with answers."""

from typing import Any

from api.documentation.references import reference

Json = dict[str, Any]

_HEADERS: dict[str, tuple[str, Json]] = {
    "X-Request-Id": ("The request in our logs; the caller's own, if one was sent", {"type": "string"}),
    "X-Total-Count": ("How many rows there are in all", {"type": "integer", "minimum": 0}),
    "Link": ('The neighbouring parts, `<url>; rel="next"` and the like; empty if there are none', {"type": "string"}),
    "Retry-After": ("Seconds to wait", {"type": "string", "pattern": "^[0-9]+$"}),
    "WWW-Authenticate": ("What is asked for", {"type": "string", "const": "Bearer"}),
    "Set-Cookie": (
        "The refresh token, after a login also what the device is known by; HttpOnly, SameSite=Lax, for `/api/v1/auth`",
        {"type": "string"},
    ),
    "Content-Disposition": ("The name of the file", {"type": "string"}),
    "Location": ("Where the browser goes", {"type": "string"}),
}
_BESIDES: dict[str, tuple[str, ...]] = {
    "POST /api/v1/auth/login": ("Set-Cookie",),
    "POST /api/v1/auth/refresh": ("Set-Cookie",),
    "POST /api/v1/auth/logout": ("Set-Cookie",),
}


def headers(*names: str) -> Json:
    """Headers of an answer, by name; each answer has a request id."""
    return {name: reference("headers", name) for name in ("X-Request-Id", *names)}


def of_success(name: str, status: str, operation: Json) -> Json:
    """The headers of an answer that is no error. ``name`` is the method and the path."""
    extra = list(_BESIDES.get(name, ())) if status < "300" else ["Location"]
    if {"limit", "offset"} <= {parameter["name"] for parameter in operation.get("parameters", [])}:
        extra += ["X-Total-Count", "Link"]
    if "application/pdf" in operation["responses"][status].get("content", {}):
        extra += ["Content-Disposition"]
    return headers(*extra)


def all_headers() -> Json:
    """The shared headers by name."""
    return {
        name: {"description": text, "required": True, "schema": schema} for name, (text, schema) in _HEADERS.items()
    }
