"""Whoever looks for a package with a known fault finds it in the bill of materials."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.schema._res import BOM_JSON, JSF, SPDX_JSON
from jsonschema_rs import Draft7Validator, Registry

from checks.files import REPOSITORY
from checks.sbom import bill_of_materials

LOCK = (REPOSITORY / "requirements.product.lock").read_text()
Json = dict[str, Any]


@pytest.fixture(scope="module")
def bill() -> Json:
    read: Json = json.loads(bill_of_materials(REPOSITORY))
    return read


def test_every_locked_package_is_listed_with_its_version_files_and_licence(bill: Json):
    listed = {part["name"]: part for part in bill["components"]}
    assert {name: part["version"] for name, part in listed.items()} == dict(
        re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.MULTILINE)
    )
    hashes = [file["content"] for part in listed.values() for file in part["externalReferences"][0]["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK))
    assert listed["fastapi"]["purl"] == f"pkg:pypi/fastapi@{listed['fastapi']['version']}"
    assert listed["fastapi"]["licenses"] == [{"expression": "MIT"}]
    assert "pytest" not in listed


def test_it_says_of_each_package_who_asks_for_it(bill: Json):
    wants = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    product = bill["metadata"]["component"]
    assert (product["name"], product["type"]) == ("revcare", "application")
    assert {"fastapi", "temporalio"} <= set(wants["revcare"])
    assert "starlette" in wants["fastapi"]
    assert {part["bom-ref"] for part in bill["components"]} == {name for names in wants.values() for name in names}


def test_tools_that_read_the_format_can_read_it(bill: Json):
    parts = {Path(path).name: json.loads(Path(path).read_bytes()) for path in (JSF, SPDX_JSON)}
    registry = Registry([(f"http://cyclonedx.org/schema/{name}", schema) for name, schema in parts.items()])
    schema = json.loads(Path(BOM_JSON[SchemaVersion.V1_6]).read_bytes())
    assert [str(fault) for fault in Draft7Validator(schema, registry=registry).iter_errors(bill)] == []
    broken = {**bill, "components": [{"type": "library"}]}
    assert list(Draft7Validator(schema, registry=registry).iter_errors(broken)) != []
