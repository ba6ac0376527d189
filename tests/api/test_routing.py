"""The table of routes finds the route that the framework's own order says, whatever the path."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from api.http.routing import RouteTable
from tests.api.bare import bare_application

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PROPFIND")
FILLED = ("1", "admin", "customer", "me", "CST000001", "a b", "x.pdf", "a\n")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return bare_application()


def contexts(app: FastAPI) -> list[RouteContext]:
    return [each for each in iter_route_contexts(app.routes) if isinstance(each.original_route, Route)]


def paths(app: FastAPI) -> set[str]:
    """Every route's own, with each of some words in the places of its parameters, and neighbours of those."""
    found = set()
    for context in contexts(app):
        for word in FILLED:
            path = "/".join(word if "{" in part else part for part in str(context.path_format).split("/"))
            found |= {path, path + "/", path.rstrip("/"), path + "/x", path.replace("/v1", "/v2"), path.upper()}
    return found


class Answered(Exception):
    """By this route."""


def table(app: FastAPI) -> RouteTable:
    def answers(context: RouteContext) -> ASGIApp:
        async def answer(scope: Scope, *_: Any) -> None:
            raise Answered(context.path_format, scope["path_params"], scope["route"])

        return answer

    found = RouteTable(app.router, answers)

    async def nobody(*_: Any) -> None:
        raise Answered(None)

    found._otherwise = nobody
    return found


async def test_each_request_is_answered_by_the_first_route_that_fits(app: FastAPI):
    ordered, of_table = contexts(app), table(app)
    for path in paths(app):
        fitting = [(each, found) for each in ordered if (found := each.path_regex.match(path))]
        for method in METHODS:
            wanted = next(((each, found) for each, found in fitting if method in (each.methods or ())), None)
            answered = await answer_of(of_table, {"type": "http", "path": path, "method": method})
            if answered == (None,):
                assert wanted is None or path.endswith("\n"), (method, path)
            else:
                assert wanted is not None
                each, found = wanted
                assert answered == (each.path_format, found.groupdict(), each.original_route), (method, path)


async def answer_of(of_table: RouteTable, scope: Scope) -> tuple[Any, ...]:
    nothing: Any = None
    try:
        await of_table(scope, nothing, nothing)
    except Answered as told:
        return told.args
    raise AssertionError("nobody answered")


def test_no_path_has_to_be_compared_with_many_routes(app: FastAPI):
    of_table = table(app)
    assert max(len(of_table._entries(path)) for path in paths(app)) <= 6
