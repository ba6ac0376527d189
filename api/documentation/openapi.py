"""Builds the OpenAPI document and installs it in the application."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from api.documentation import errors, examples, headers, tidiness
from api.documentation.facts import Facts, facts_of
from api.documentation.statuses import statuses
from api.documentation.tags import tags
from api.kind import KindApi
from api.routes import health

Json = dict[str, Any]

URL = "/openapi.json"
_COOKIE = "RefreshCookie"
_REFRESH = "POST /api/v1/auth/refresh"
_BYTES = {"type": "string", "format": "binary"}


def install(app: FastAPI, kind: KindApi[Any]) -> None:
    """Make this the application's document; FastAPI's own is what it begins with."""

    def openapi() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, kind)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    served = _Served(lambda: orjson.dumps(app.openapi()))

    @app.get(URL, include_in_schema=False)
    async def openapi_document() -> Response:
        return Response(await served.content(), media_type="application/json")


class _Served:
    """The document as it is sent. It takes half a second to build: in a thread, once, and only when somebody asks."""

    def __init__(self, build: Callable[[], bytes]) -> None:
        self._build = build
        self._built: asyncio.Task[bytes] | None = None

    async def content(self) -> bytes:
        """Whoever asks meanwhile waits for the same one, and does not take it along when hanging up."""
        if self._built is None or (self._built.done() and (self._built.cancelled() or self._built.exception())):
            self._built = asyncio.create_task(asyncio.to_thread(self._build))
        return await asyncio.shield(self._built)


def document(app: FastAPI, kind: KindApi[Any]) -> Json:
    """The whole document."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        servers=[{"url": "/", "description": "This server"}],
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    shared, domain = found["components"], kind.kind.state.__module__.rpartition(".")[0]
    shared["schemas"] |= errors.schemas()
    examples.restore(shared["schemas"], domain.rpartition(".")[0])
    refusals = health.REFUSALS | {_under(kind.prefix, name): statuses for name, statuses in kind.refusals.items()}
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.original_route.include_in_schema:
            _enrich(found, route, kind, refusals)
    shared |= {
        "responses": errors.answers(domain),
        "headers": headers.all_headers(),
    }
    shared["securitySchemes"][_COOKIE] = _refresh_cookie()
    for operation in _operations(found):
        if "parameters" in operation:
            operation["parameters"] = [tidiness.never_null(each) for each in operation["parameters"]]
    found["tags"] = tags(kind.chapters, {tag for each in _operations(found) for tag in each["tags"]})
    return tidiness.tidied(found, kind.schema_names)


def _enrich(found: Json, route: RouteContext, kind: KindApi[Any], refusals: Mapping[str, frozenset[int]]) -> None:
    scopes_of = {role.name: role.scopes for role in kind.kind.roles}
    path = str(route.path_format)
    for method in sorted(route.methods or ()):
        operation = found["paths"][path][method.lower()]
        facts = facts_of(route, f"{method} {path}", scopes_of)
        _say_who(operation, facts)
        _say_what_comes(operation, facts)
        operation["responses"].pop("422", None)
        shown = statuses(method.lower(), operation, facts, found["components"]["schemas"])
        for status in sorted(shown | refusals.get(facts.name, frozenset())):
            answer = errors.error(status, of_a_booking=facts.repeatable)
            operation["responses"].setdefault(str(status), answer)


def _under(prefix: str, name: str) -> str:
    method, path = name.split(" ", 1)
    return f"{method} {prefix}{path}"


def _say_who(operation: Json, facts: Facts) -> None:
    sentences = [operation.get("description", ""), _who(facts)]
    operation["description"] = "\n\n".join(filter(None, sentences))
    operation["x-scopes"], operation["x-roles"] = facts.scopes, facts.roles
    if facts.takes_a_token and not facts.secured:
        operation["security"] = [{}, *operation["security"]]
    if facts.name == _REFRESH:
        # Apps keep no cookies and send the token in the body.
        operation["security"] = [{_COOKIE: []}, *([{}] if "requestBody" in operation else [])]
        operation.pop("parameters", None)


def _who(facts: Facts) -> str:
    if not facts.secured:
        return "Open: a login may be left out." if facts.takes_a_token else "Open: no login needed."
    if not facts.needs:
        return "Any login."
    roles = ", ".join(facts.roles)
    return f"Scope: {', '.join(f'`{scope}`' for scope in facts.scopes)} ({roles})." if facts.scopes else f"For {roles}."


def _say_what_comes(operation: Json, facts: Facts) -> None:
    for status, answer in operation["responses"].items():
        if status == "422":
            continue
        if answer.get("description") == "Successful Response":
            answer["description"] = operation["summary"]
        for media, content in answer.get("content", {}).items():
            if media.startswith(("image/", "application/pdf")):
                content["schema"] = _BYTES
            content.setdefault("schema", {"type": "string"})
        answer["headers"] = headers.of_success(facts.name, status, operation) | answer.get("headers", {})


def _refresh_cookie() -> Json:
    return {
        "type": "apiKey",
        "in": "cookie",
        "name": "refresh_token",
        "description": "Set by a login, HttpOnly: a browser sends it, no script reads it. Each refresh replaces it.",
    }


def _operations(found: Json) -> list[Json]:
    return [operation for methods in found["paths"].values() for operation in methods.values()]
