"""The routes: all that were promised, and none that nobody knows of."""

import re

from tests.api.concurrent import Api
from tests.api.contract_routes import BESIDES, CONTRACT, PRINTED


async def there(api: Api) -> set[str]:
    """What the running API says that it has."""
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    return {f"{method.upper()} {_plain(path)}" for path, methods in paths.items() for method in methods}


def _plain(path: str) -> str:
    """Without the prefix, the names of parameters and the slash at the end."""
    return re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1")).rstrip("/")


async def test_the_routes_are_those_of_the_contract_and_no_others(api: Api):
    found, promised = await there(api), CONTRACT | BESIDES.keys()
    assert (sorted(promised - found), sorted(found - promised)) == ([], [])


def test_what_goes_beyond_the_contract_is_not_in_it_and_has_a_reason():
    assert not BESIDES.keys() & CONTRACT
    assert all(BESIDES.values())


def test_every_path_that_the_documents_print_is_in_the_contract():
    assert PRINTED <= CONTRACT


async def test_every_path_that_the_documents_print_is_there(api: Api):
    assert sorted(PRINTED - await there(api)) == []


async def test_a_path_is_there_with_and_without_its_slash(api: Api):
    for route in sorted(route for route in CONTRACT if route.startswith("GET ") and "{}" not in route):
        path = route.removeprefix("GET ")
        first, second = [(await api.ask("GET", path + end, api.card("A"))).status_code for end in ("", "/")]
        assert first == second != 404, path
