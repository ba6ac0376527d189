"""Answers held to the OpenAPI document of the application that gave them."""

import re
from functools import cached_property
from typing import Any, Protocol

import httpx
from jsonschema_rs import Draft202012Validator

Json = dict[str, Any]


class Describing(Protocol):
    """An application, or whatever else has a document."""

    def openapi(self) -> Json: ...


class Documented:
    """The document of an application, as answers are compared with it."""

    def __init__(self, app: Describing) -> None:
        self._app = app
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}

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
            self._validator(method, found, status, schema).validate(answer.json())

    @cached_property
    def _document(self) -> Json:
        return self._app.openapi()

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        """Those without parameters first, as they are looked for."""
        paths = sorted(self._document["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path).rstrip("/") + "/?"), path) for path in paths]

    def _resolved(self, answer: Json) -> Json:
        if "$ref" in answer:
            return dict(self._document["components"]["responses"][answer["$ref"].rpartition("/")[2]])
        return answer

    def _validator(self, method: str, path: str, status: str, schema: Json) -> Draft202012Validator:
        known = (method, path, status)
        if known not in self._validators:
            whole = {**schema, "components": self._document["components"]}
            self._validators[known] = Draft202012Validator(whole, validate_formats=True)
        return self._validators[known]
