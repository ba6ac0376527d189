"""Answers held to the OpenAPI document of local services."""

import json
import re
from functools import cache, cached_property
from typing import Any

import httpx
from jsonschema_rs import Draft202012Validator

from tests.kinds.local_services.api.documented import WRITTEN

Json = dict[str, Any]
_SCHEMA = re.compile(r'"#/components/schemas/([^"/]+)"')


class Documented:
    """A document, as answers are compared with it."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._validators: dict[str, Draft202012Validator] = {}

    def must_hold(self, method: str, path: str, answer: httpx.Response) -> None:
        """Of this answer: its status is told, and its body is what is told of it."""
        found = next((known for pattern, known in self._paths if pattern.fullmatch(path)), None)
        if found is None or method.lower() not in self._document["paths"][found]:
            assert answer.status_code in (404, 405), f"{method} {path} stands in no document"
            return
        told = self._document["paths"][found][method.lower()]["responses"]
        status = str(answer.status_code)
        assert status in told, f"{method} {found} answered {status}, which is not told: {answer.text}"
        schema = self._resolved(told[status]).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and answer.content:
            self._validator(schema).validate(answer.json())

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """Those without parameters first, as they are looked for."""
        paths = sorted(self._document["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path).rstrip("/") + "/?"), path) for path in paths]

    def _resolved(self, answer: Json) -> Json:
        if "$ref" in answer:
            return dict(self._document["components"]["responses"][answer["$ref"].rpartition("/")[2]])
        return answer

    def _validator(self, schema: Json) -> Draft202012Validator:
        """With the parts that it needs alone: all of them take longer to read than most answers to make."""
        known = json.dumps(schema)
        if known not in self._validators:
            whole = {**schema, "components": {"schemas": self._parts(known)}}
            self._validators[known] = Draft202012Validator(whole, validate_formats=True)
        return self._validators[known]

    def _parts(self, schema: str) -> Json:
        """By their names, those that a schema refers to, and those that these refer to."""
        found: Json = {}
        wanted = _SCHEMA.findall(schema)
        while wanted:
            name = wanted.pop()
            if name not in found:
                found[name] = self._document["components"]["schemas"][name]
                wanted += _SCHEMA.findall(json.dumps(found[name]))
        return found


@cache
def documented() -> Documented:
    """The document as it is written down, which is that of this code (``api/test_openapi.py``)."""
    return Documented(json.loads(WRITTEN.read_text(encoding="utf-8")))
