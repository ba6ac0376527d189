"""Values of another type than a body's field has, and the models that must refuse them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import TypeAdapter, ValidationError

from tests.api.document import Operation, Way

Models = Mapping[str, TypeAdapter[Any]]
"""What reads the body of an operation, by its name."""
_NEITHER = [[], {}, ["x"], {"$gt": ""}, [[]], [None]]
WRONG: Mapping[str, list[Any]] = {
    "string": [5, 1.5, True, False, 0, *_NEITHER],
    "date-time": [5, 1.5, True, "5", "1830297600", "-1", "1e9", "x", *_NEITHER],
    "integer": ["1", "45", " 1 ", "1.0", "", "x", 1.5, True, False, *_NEITHER],
    "boolean": ["true", "yes", "on", "1", "", 1, 0, 1.0, *_NEITHER],
    "number": ["", "x", "1e1", "1_0", "٣", "NaN", "Infinity", True, False, *_NEITHER],
    "array": ["x", "", 5, True, False, {}, {"0": 1}, {"$gt": ""}],
    "object": ["x", "", 5, True, False, [], ["x"], [{}]],
}


def models_of(app: FastAPI) -> dict[str, TypeAdapter[Any]]:
    """Those of all operations that FastAPI reads a body for."""
    found: dict[str, TypeAdapter[Any]] = {}
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        parameters = list(_bodies(dependant)) if dependant else []
        for method in getattr(context, "methods", None) or () if len(parameters) == 1 else ():
            path = re.sub(r"^/api/v1", "", context.path)
            found[f"{method} {path}"] = TypeAdapter(parameters[0].field_info.annotation)
    return found


def _bodies(dependant: Dependant) -> Iterator[Any]:
    yield from dependant.body_params
    for inner in dependant.dependencies:
        yield from _bodies(inner)


def kind_of(schema: Mapping[str, Any]) -> str:
    """The type that the document gives a field; of several, one of numbers."""
    if isinstance(schema.get("type"), list):
        return "number"
    return "date-time" if schema.get("format") == "date-time" else str(schema.get("type", "string"))


def wrong_values(operation: Operation) -> Iterator[tuple[Way, Any]]:
    for way, schema in operation.fields():
        for value in WRONG[kind_of(schema)]:
            if not (kind_of(schema) == "object" and "additionalProperties" in schema and value == {}):
                yield way, value


def _is_about(named: Way, way: Way) -> bool:
    return named[: len(way)] == way or way[: len(named)] == named


def went_through(model: TypeAdapter[Any], operation: Operation, known: Mapping[str, Any]) -> list[str]:
    """The fields, and the values of another type, that the body's model takes."""
    found = []
    for way, value in wrong_values(operation):
        body = operation.with_fields(known, {way: value})
        try:
            model.validate_python(body)
        except ValidationError as refused:
            if any(_is_about(error["loc"], way) for error in refused.errors()):
                continue
        found.append(f"{operation}: {'.'.join(map(str, way))} = {value!r}")
    return found
