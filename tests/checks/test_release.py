"""A repository with a release, and what may not happen to it afterwards."""

import copy
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from checks import openapi_diff, release
from checks.files import REPOSITORY

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 20},
        "size": {"type": "string", "enum": ["s", "m"]},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
    },
}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
OPENAPI: dict[str, Any] = {
    "paths": {
        "/things/{id}": {
            "put": {
                "parameters": [{"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 100}}],
                "requestBody": BODY,
                "responses": {"200": BODY, "404": {}},
            }
        }
    },
    "components": {"schemas": {"Thing": THING, "Gadget": {"type": "string"}}},
}
INTERFACE: dict[str, Any] = {
    "settings": {"PORT": {"default": "1", "needed_in_production": False}},
    "mail_headers": ["X-RevCare-Notice"],
    "metrics": ["revcare_http_requests_total"],
    "stack_json": ["api"],
}


def put(document: Any) -> Any:
    return document["paths"]["/things/{id}"]["put"]


def thing(document: Any) -> Any:
    return document["components"]["schemas"]["Thing"]


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A repository whose only release holds these two documents."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "openapi.json").write_text(json.dumps(OPENAPI))
    (docs / "interface.json").write_text(json.dumps(INTERFACE))
    (docs / "api-changes.md").write_text("# Changes\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "release")):
        subprocess.run([*GIT, *words], cwd=tmp_path, check=True)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=tmp_path, check=True, capture_output=True, text=True)
    (docs / "releases.toml").write_text(f'[[release]]\nversion = "0.1.0"\ncommit = "{commit.stdout.strip()}"\n')
    return tmp_path


def test_the_newest_release_is_kept():
    assert release.problems(REPOSITORY) == []


def test_the_version_is_the_same_wherever_it_stands():
    """The package, the newest release among the changes and the image of the compose file."""
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    newest_change = re.search(r"^## (\d\S*)", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    image = re.search(r"image: revcare:(\S+)", (REPOSITORY / "docker-compose.yml").read_text())
    assert newest_change
    assert newest_change[1] == version
    assert image
    assert image[1] == version


def test_before_the_first_release_nothing_is_compared_and_it_says_so(tmp_path):
    assert release.problems(tmp_path) == []
    assert release.notes(tmp_path) == ["no release yet (docs/releases.toml): the interface is not compared"]


def test_a_tree_like_its_release_is_well(released):
    assert release.problems(released) == []
    assert release.notes(released) == []


def test_what_is_removed_is_found_until_it_is_listed(released):
    (released / "docs/interface.json").write_text(json.dumps({**INTERFACE, "metrics": []}))
    change = "metrics: revcare_http_requests_total removed"
    assert release.problems(released) == [
        f"since 0.1.0: `{change}` (undo it, or list it in docs/api-changes.md)",
    ]
    (released / "docs/api-changes.md").write_text(f"# Changes\n\n* `{change}`: nobody read it\n")
    assert release.problems(released) == []


def test_a_commit_that_this_clone_does_not_have_is_a_problem(released):
    (released / "docs/releases.toml").write_text(f'[[release]]\nversion = "0.1.0"\ncommit = "{"0" * 40}"\n')
    assert len(release.problems(released)) == 1


@pytest.mark.parametrize("part", ["mail_headers", "metrics", "stack_json", "settings"])
def test_a_name_that_is_gone_is_found(part):
    assert len(list(release.narrowed(INTERFACE, {**INTERFACE, part: {} if part == "settings" else []}))) == 1


def test_a_setting_that_production_suddenly_needs_is_found():
    needed = {"default": None, "needed_in_production": True}
    for settings in ({"PORT": needed}, {**INTERFACE["settings"], "HOST": needed}):
        assert len(list(release.narrowed(INTERFACE, {**INTERFACE, "settings": settings}))) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda new: new["paths"].clear(),
        lambda new: put(new)["responses"].pop("404"),
        lambda new: put(new)["parameters"].clear(),
        lambda new: put(new)["parameters"][0].update(required=True),
        lambda new: put(new)["parameters"].append({"in": "query", "name": "x", "required": True}),
        lambda new: put(new)["parameters"][0]["schema"].update(maximum=50),
        lambda new: put(new)["parameters"][0]["schema"].update(type="string"),
        lambda new: put(new)["requestBody"].update(required=True),
        lambda new: put(new)["responses"]["200"].update(content={}),
        lambda new: new["components"]["schemas"].pop("Gadget"),
        lambda new: thing(new)["required"].append("size"),
        lambda new: thing(new)["required"].remove("name"),
        lambda new: thing(new)["properties"].pop("size"),
        lambda new: thing(new)["properties"]["size"].update(enum=["s"]),
        lambda new: thing(new)["properties"]["name"].update(maxLength=10),
        lambda new: thing(new)["properties"]["name"].update(minLength=1),
        lambda new: thing(new)["properties"]["name"].update(pattern="^a"),
        lambda new: thing(new)["properties"]["id"].update(type="string"),
    ],
)
def test_each_way_to_narrow_the_api_is_found(change):
    new = copy.deepcopy(OPENAPI)
    put(new)["responses"]["200"] = copy.deepcopy(put(new)["responses"]["200"])
    change(new)
    assert list(openapi_diff.narrowed(OPENAPI, new)) != []


@pytest.mark.parametrize(
    "change",
    [
        lambda new: new["paths"].update({"/more": {"get": {"responses": {}}}}),
        lambda new: put(new)["responses"].update({"409": {}}),
        lambda new: put(new)["parameters"].append({"in": "query", "name": "x"}),
        lambda new: thing(new)["properties"].update(colour={"type": "string"}),
        lambda new: thing(new)["properties"]["size"]["enum"].append("l"),
        lambda new: thing(new)["properties"]["name"].update(maxLength=40, description="longer"),
    ],
)
def test_what_is_added_or_widened_is_free(change):
    new = copy.deepcopy(OPENAPI)
    change(new)
    assert list(openapi_diff.narrowed(OPENAPI, new)) == []
