"""The OpenAPI document as data: its operations, and values that fit them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Way = tuple[str | int, ...]
"""From the top of a body to one of its fields."""

WRITTEN = Path(__file__).parents[2] / "docs" / "openapi.json"
NOWHERE = 900_000_001
"""An id that no row has."""
_METHODS = ("get", "post", "put", "delete", "patch")


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the document describes it."""

    method: str
    path: str
    spec: Json
    schemas: Json

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/v1')}"

    @property
    def secured(self) -> bool:
        """Whether it needs an access token; where one may be sent, doing without is among the alternatives."""
        ways = self.spec.get("security", [])
        return bool(ways) and all("OAuth2PasswordBearer" in way for way in ways)

    @property
    def body(self) -> Json | None:
        """The schema of the body, if it takes one."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return self.resolved(next(iter(content.values()))["schema"]) if content else None

    @property
    def takes_json(self) -> bool:
        return "application/json" in self.spec.get("requestBody", {}).get("content", {})

    def parameters(self, where: str) -> list[Json]:
        return [parameter for parameter in self.spec.get("parameters", []) if parameter["in"] == where]

    def url(self, values: Mapping[str, Any] | None = None) -> str:
        """The path with these values in it, and ids of nothing where none is given."""
        path = self.path
        for parameter in self.parameters("path"):
            name = parameter["name"]
            path = path.replace("{" + name + "}", str((values or {}).get(name, _nowhere(parameter))))
        return path

    def resolved(self, schema: Json) -> Json:
        """The schema itself, behind references; of alternatives the first that is not null."""
        if "$ref" in schema:
            return self.resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return self.resolved(next(option for option in schema["anyOf"] if option.get("type") != "null"))
        return schema

    def fields(self) -> Iterator[tuple[Way, Json]]:
        """Every field of the body by its way from the top, those within lists and objects too."""
        if self.body is not None:
            yield from self._fields((), self.body)

    def _fields(self, way: Way, schema: Json) -> Iterator[tuple[Way, Json]]:
        schema = self.resolved(schema)
        for name, inner in schema.get("properties", {}).items():
            yield (*way, name), self.resolved(inner)
            yield from self._fields((*way, name), inner)
        if "items" in schema:
            yield (*way, 0), self.resolved(schema["items"])
            yield from self._fields((*way, 0), schema["items"])
        if isinstance(schema.get("additionalProperties"), dict):
            yield (*way, "45"), self.resolved(schema["additionalProperties"])

    def sample(self, known: Mapping[str, Any], schema: Json | None = None, name: str = "") -> Any:
        """A body that fits: what is required or known by the name of its field."""
        schema = self.resolved(schema if schema is not None else self.body or {})
        if name in known:
            return known[name]
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object" and "properties" in schema:
            names = [each for each in schema["properties"] if each in schema.get("required", ()) or each in known]
            return {each: self.sample(known, schema["properties"][each], each) for each in names}
        if kind == "object":
            return {"45": "100.00"}
        if kind == "array":
            return [self.sample(known, schema["items"], f"{name}[]")]
        if kind == "integer":
            return 1
        if kind == "boolean":
            return True
        return "2030-01-07" if schema.get("format") == "date" else "1.00"

    def with_fields(self, known: Mapping[str, Any], wrong: Mapping[Way, Any]) -> Any:
        """A body that fits but for these fields, none of which is within another."""
        body = self.sample(known)
        for way, value in wrong.items():
            self._put(body, way, value)
        return body

    def _put(self, body: Any, way: Way, value: Any) -> None:
        at, schema = body, self.body or {}
        for step, following in zip(way, (*way[1:], None), strict=True):
            schema = self._inner(schema, step)
            if following is None:
                at[step] = value
            else:
                if (isinstance(at, dict) and step not in at) or not at[step]:
                    at[step] = self.sample({}, schema, str(step))
                at = at[step]

    def _inner(self, schema: Json, step: str | int) -> Json:
        schema = self.resolved(schema)
        if isinstance(step, int):
            return self.resolved(schema["items"])
        return self.resolved(schema.get("properties", {}).get(step) or schema["additionalProperties"])


def _nowhere(parameter: Json) -> str:
    """An id that no row has; of people, one that nobody has."""
    prefix = re.match(r"\^([A-Z]{3})\[0-9\]", parameter["schema"].get("pattern", ""))
    return f"{prefix[1] if prefix else ''}{NOWHERE}"


@cache
def document() -> Json:
    """As it is written in the repository: each process that collects tests would build it for seconds.

    Tests hold it against what the code says and against what the running API says (test_openapi.py).
    """
    written: Json = json.loads(WRITTEN.read_text(encoding="utf-8"))
    return written


@cache
def operations() -> tuple[Operation, ...]:
    """All of them, in the document's order."""
    return operations_of(document())


def operations_of(found: Json) -> tuple[Operation, ...]:
    """Those of another kind's document."""
    return tuple(
        Operation(method.upper(), path, spec, found["components"]["schemas"])
        for path, methods in found["paths"].items()
        for method, spec in methods.items()
        if method in _METHODS
    )


def operation(name: str) -> Operation:
    """The one of that name, "GET /car/{car_id}"."""
    return next(each for each in operations() if str(each) == name)
