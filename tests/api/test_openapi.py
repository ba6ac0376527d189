"""The OpenAPI document: what generated clients and readers depend on."""

import asyncio
import json
import re
import threading
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.documentation import openapi
from domain.errors import family
from kinds import load_layer
from kinds.vehicle_service.api import API
from settings import Settings
from tests.api.access_table import ACCESS, OPEN
from tests.api.bare import bare_application
from tests.api.concurrent import Api
from tests.api.conforming import validator
from tests.api.document import Operation, document, operations
from tests.of_every import of_every

SCHEMAS = document()["components"]["schemas"]
REFUSALS = document()["components"]["responses"]


async def test_the_running_api_says_what_is_written(api: Api):
    assert (await api.http.get("/openapi.json")).json() == document()


async def test_nobody_waits_while_the_document_is_built_and_it_is_built_once(monkeypatch: pytest.MonkeyPatch):
    begun, may_end, builds = threading.Event(), threading.Event(), list[str]()

    def slow(app: object, kind: object) -> dict[str, str]:
        builds.append("begun")
        begun.set()
        return {"openapi": "3.1.0" if may_end.wait(20) else "others had to wait"}

    monkeypatch.setattr(openapi, "document", slow)
    app = httpx.ASGITransport(create_app(API, settings=Settings()))
    async with httpx.AsyncClient(transport=app, base_url="http://here") as http:
        readers = [asyncio.create_task(http.get("/openapi.json")) for _ in range(3)]
        await asyncio.to_thread(begun.wait)
        assert (await http.get("/health/live")).json() == {"status": "alive"}
        readers.pop().cancel()
        may_end.set()
        assert [(await reader).json() for reader in readers] == [{"openapi": "3.1.0"}] * 2
    assert builds == ["begun"]


def test_the_document_in_the_repository_is_the_one_of_this_code_whichever_other_kinds_are_loaded():
    load_layer("kinds.local_services", "api")
    of_this_code = json.loads(json.dumps(bare_application().openapi()))
    assert document() == of_this_code, "write it anew: make openapi"


@of_every(operations())
def test_an_operation_has_a_tag_a_summary_and_a_plain_id(operation: Operation):
    assert set(operation.spec["tags"]) <= API.chapters.keys()
    assert 3 <= len(operation.spec["summary"]) <= 120
    assert re.fullmatch(r"[a-z][a-z0-9_]+", operation.spec["operationId"])


def test_no_two_operations_share_an_id():
    ids = [operation.spec["operationId"] for operation in operations()]
    assert len(set(ids)) == len(ids)


def test_chapters_come_in_order_and_each_is_described_and_used():
    chapters = {chapter["name"]: chapter["description"] for chapter in document()["tags"]}
    assert list(chapters) == [name for name in API.chapters if name in chapters]
    assert set(chapters) == {tag for operation in operations() for tag in operation.spec["tags"]}
    assert all(chapters.values())


def test_every_route_is_known_to_the_access_table():
    assert {str(operation) for operation in operations()} == OPEN | ACCESS.keys()


def test_the_document_says_which_routes_need_a_token():
    assert {str(operation) for operation in operations() if not operation.secured} == OPEN


@of_every([each for each in operations() if str(each) in ACCESS])
def test_the_document_says_who_may_use_a_route(operation: Operation):
    scope, roles = ACCESS[str(operation)]
    assert operation.spec["x-scopes"] == ([scope] if scope else [])
    assert not scope or f"`{scope}`" in operation.spec["description"]
    assert {role[0].upper() for role in operation.spec["x-roles"]} >= set(roles)


@of_every(operations())
def test_a_success_has_a_shape_of_its_own(operation: Operation):
    found = {status: answer for status, answer in operation.spec["responses"].items() if status < "400"}
    assert found
    bodies = [media for answer in found.values() for media in answer.get("content", {}).items()]
    assert bodies
    for media, content in bodies:
        shape = content["schema"].get("items", content["schema"])
        told = "$ref" in shape or all("$ref" in option for option in shape.get("anyOf", [{}]))
        assert told or media != "application/json", f"{media}: {shape}"


def _fields_of_any_kind() -> list[str]:
    names = {name for name in SCHEMAS if not name.endswith(("Body", "Change"))}
    return [
        f"{name}.{field}"
        for name in sorted(names)
        for field, schema in SCHEMAS[name].get("properties", {}).items()
        if not _says_something(schema)
    ]


def _says_something(schema: dict[str, Any]) -> bool:
    if "anyOf" in schema:
        return all(_says_something(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return _says_something(schema["items"])
    if schema.get("type") == "object":
        return isinstance(schema.get("additionalProperties"), dict) or "properties" in schema
    return bool({"$ref", "type", "const", "enum"} & schema.keys())


def test_no_field_is_of_just_any_kind():
    assert _fields_of_any_kind() == ["BackupPart.metadata"]  # whatever the tool that made it notes down


@of_every(operations())
def test_every_error_is_of_the_one_shape_and_has_a_request_id(operation: Operation):
    errors = {status: answer for status, answer in operation.spec["responses"].items() if status >= "400"}
    assert {"414", "431"} <= errors.keys()
    assert ("401" in errors) >= operation.secured
    for answer in errors.values():
        shared = REFUSALS[answer["$ref"].rpartition("/")[2]]
        assert "X-Request-Id" in shared["headers"]
        name = shared["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert {"status", "message", "detail", "code"} <= set(SCHEMAS[name]["required"])


def test_every_refusal_of_ours_is_told_by_its_code_in_an_order_that_no_import_changes():
    lists = [each["description"].partition("Codes: ")[2].split(", ") for each in REFUSALS.values()]
    assert all(codes == sorted(set(codes)) for codes in lists)
    told = {code for codes in lists for code in codes}
    ours = {each.__name__ for each in family()[1:] if each.__module__.startswith(("domain.", "kinds.vehicle_service."))}
    assert ours <= told


def _pointer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_every_example_is_what_its_schema_says():
    examples = {name: schema["examples"] for name, schema in SCHEMAS.items() if "examples" in schema}
    assert examples.keys() >= {"BookingAnswer", "CreateBooking", "SubmitProgressBody", "Error"}
    wrong = {
        name: [fault.message for one in shown for fault in validator(_pointer(name)).iter_errors(one)]
        for name, shown in examples.items()
    }
    assert {name: faults for name, faults in wrong.items() if faults} == {}


def test_the_parts_that_operations_share_are_all_there_and_all_used():
    pointers = set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(document())))
    kinds = ("schemas", "responses", "headers")
    assert pointers == {(kind, name) for kind in kinds for name in document()["components"][kind]}
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) for name in SCHEMAS)


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
