"""The OpenAPI document: what generated clients and readers depend on."""

import re

import pytest

from tests.api.asking import Api
from tests.api.document import Operation, document, operations
from tests.api.doors import DOORS, OPEN


async def test_the_running_api_says_what_the_code_says(api: Api):
    assert (await api.http.get("/openapi.json")).json() == document()


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_has_a_tag_a_summary_and_a_plain_id(operation: Operation):
    assert operation.spec["tags"]
    assert 3 <= len(operation.spec["summary"]) <= 120
    assert re.fullmatch(r"[a-z][a-z0-9_]+", operation.spec["operationId"])


def test_no_two_operations_share_an_id():
    ids = [operation.spec["operationId"] for operation in operations()]
    assert len(set(ids)) == len(ids)


def test_every_route_is_known_to_the_table_of_doors():
    assert {str(operation) for operation in operations()} == OPEN | DOORS.keys()


def test_the_document_says_which_routes_need_a_token():
    assert {str(operation) for operation in operations() if not operation.secured} == OPEN


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/docs/"])
async def test_the_documentation_is_there_for_everybody(api: Api, page: str):
    assert (await api.http.get(page)).status_code == 200


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
async def test_the_documentation_loads_nothing_from_elsewhere(api: Api, page: str):
    text = (await api.http.get(page)).text
    loaded = re.findall(r"<(?:script|link)[^>]*(?:src|href)=\"([^\"]+)\"", text)
    assert loaded
    assert [path for path in loaded if not path.startswith("/reference/")] == []
    for path in loaded:
        found = await api.http.get(path)
        assert found.status_code == 200
        assert found.content
