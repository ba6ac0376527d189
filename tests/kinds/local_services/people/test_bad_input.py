"""Whatever comes in, on whatever route of local services: a clear 4xx in the shape of errors, and nothing written."""

from collections.abc import Iterable

import pytest

from tests.api import malformed
from tests.api.concurrent import is_refusal
from tests.api.document import Operation
from tests.api.malformed import Malformed
from tests.kinds.local_services.api.documented import KNOWN, operations
from tests.kinds.local_services.people.house import PREFIX, Json, People

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

TAKES_ANYTHING = {"POST /payment/webhook", "POST /payment/verify", "POST /backup/create", "POST /auth/login"}
"""Of the engine, which asks them in its own tests: they read their bodies in other ways."""
WITH_BODY = [each for each in operations() if each.takes_json and str(each) not in TAKES_ANYTHING]
_NOTHING_OF_OURS = ("an operator",)
"""What is unknown is ignored, so a change of nothing may be granted."""
WITH_ADDRESS = [
    each
    for each in operations()
    if each.path.startswith(PREFIX) and (each.parameters("path") or each.parameters("query"))
]


@pytest.fixture(scope="module")
async def crowd(people: People) -> dict[str, Json]:
    """Somebody of each role."""
    return {
        "admin": await people.admin(),
        "SERVICE_PROVIDER": await people.verified(role="SERVICE_PROVIDER"),
        "SERVICE_SEEKER": await people.verified(),
    }


def least(operation: Operation, crowd: dict[str, Json]) -> Json | None:
    """Somebody who may."""
    if not operation.secured:
        return None
    roles = operation.spec.get("x-roles") or list(crowd)
    return next(person for role, person in reversed(crowd.items()) if role in roles)


async def refused(people: People, operation: Operation, who: Json | None, requests: Iterable[Malformed]) -> list[str]:
    """What was not refused as it should be, of all these."""
    wrong: list[str] = []
    for each in requests:
        content = each.content() if callable(each.content) else each.content
        path = each.url.removeprefix(PREFIX)
        answer = await people.ask(operation.method, path, who, content=content, headers=dict(each.headers))
        if operation.method == "PATCH" and each.what in _NOTHING_OF_OURS and answer.status_code == 200:
            continue
        if verdict := is_refusal(answer):
            wrong.append(f"{operation} with {each}: {verdict}")
        else:
            named = {error["field"] for error in answer.json().get("errors", [])}
            if alone := each.unnamed(named):
                wrong += await refused(people, operation, who, alone)
    return wrong


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
async def test_a_body_that_is_none_is_refused(people: People, crowd: dict[str, Json], operation: Operation):
    requests = malformed.bodies(operation, KNOWN)
    assert await refused(people, operation, least(operation, crowd), requests) == []


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
async def test_a_field_that_is_wrong_is_refused(people: People, crowd: dict[str, Json], operation: Operation):
    requests = malformed.fields_together(operation, KNOWN)
    assert await refused(people, operation, least(operation, crowd), requests) == []


@pytest.mark.parametrize("operation", WITH_ADDRESS, ids=str)
async def test_a_path_or_query_that_is_wrong_is_refused(people: People, crowd: dict[str, Json], operation: Operation):
    who = least(operation, crowd)
    assert await refused(people, operation, who, malformed.paths(operation, KNOWN)) == []
    assert await refused(people, operation, who, malformed.queries_together(operation, KNOWN)) == []
