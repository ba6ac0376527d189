"""Every field of every body, asked of the models alone: another type is refused, never read as something else."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import AliasChoices, BaseModel, TypeAdapter, ValidationError

from api.app import create_app
from api.schemas.payments import CheckoutCallback
from kinds.vehicle_service.api import API
from settings import Settings
from tests.api.document import Operation, Way, operations

KNOWN: Mapping[str, Any] = {
    "phone": "7000000001",
    "email": "nobody@example.com",
    "customer_email": "nobody@example.com",
    "password": "Secret-123",
    "new_password": "Secret-456",
    "current_password": "Secret-123",
    "name": "Nobody",
    "dob": "1990-01-01",
    "pincode": "411999",
    "start_time": "01:00",
    "end_time": "02:00",
    "year": 2020,
    "registration_number": "MH12ZZ0001",
    "mechanic_id": "MEC000034",
    "token": "no.such.link",
    "scopes[]": "READ:BOOKINGS",
    "payment_method_id": 1,
    "razorpay_payment_id": "pay_AAAAAAAAAAAAAA",
    "razorpay_order_id": "order_AAAAAAAAAAAAAA",
}
_NEITHER = [[], {}, ["x"], {"$gt": ""}, [[]], [None]]
WRONG: Mapping[str, list[Any]] = {
    "string": [5, 1.5, True, False, 0, *_NEITHER],
    "integer": ["1", "45", " 1 ", "1.0", "", "x", 1.5, True, False, *_NEITHER],
    "boolean": ["true", "yes", "on", "1", "", 1, 0, 1.0, *_NEITHER],
    "number": ["", "x", "1e1", "1_0", "٣", "NaN", "Infinity", True, False, *_NEITHER],
    "array": ["x", "", 5, True, False, {}, {"0": 1}, {"$gt": ""}],
    "object": ["x", "", 5, True, False, [], ["x"], [{}]],
}
WITH_BODY = [each for each in operations() if each.takes_json and not each.path.endswith("/webhook")]


@cache
def models() -> Mapping[str, TypeAdapter[Any]]:
    """What reads the body of an operation."""
    found: dict[str, TypeAdapter[Any]] = {
        "POST /payment/verify": TypeAdapter(CheckoutCallback)
    }  # it reads JSON or a form itself
    for context in iter_route_contexts(create_app(API, settings=Settings()).routes):
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
    return "number" if isinstance(schema.get("type"), list) else str(schema.get("type", "string"))


def wrong_values(operation: Operation) -> Iterator[tuple[Way, Any]]:
    for way, schema in operation.fields():
        for value in WRONG[kind_of(schema)]:
            if not (kind_of(schema) == "object" and "additionalProperties" in schema and value == {}):
                yield way, value


def _is_about(named: Way, way: Way) -> bool:
    return named[: len(way)] == way or way[: len(named)] == named


def went_through(operation: Operation) -> list[str]:
    """The fields, and the values of another type, that the body's model takes."""
    model, found = models()[str(operation)], []
    for way, value in wrong_values(operation):
        body = operation.with_fields(KNOWN, {way: value})
        try:
            model.validate_python(body)
        except ValidationError as refused:
            if any(_is_about(error["loc"], way) for error in refused.errors()):
                continue
        found.append(f"{operation}: {'.'.join(map(str, way))} = {value!r}")
    return found


def test_each_operation_with_a_body_has_a_model_that_takes_what_fits():
    assert len(WITH_BODY) > 50
    for operation in WITH_BODY:
        models()[str(operation)].validate_python(operation.sample(KNOWN))


def test_no_value_of_another_type_goes_through():
    assert [each for operation in WITH_BODY for each in went_through(operation)] == []


def second_names(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    for field in model.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            first, *others = map(str, field.validation_alias.choices)
            yield from ((first, other) for other in others)


def test_what_is_sent_by_a_second_name_is_read_or_refused():
    unread = []
    for operation in WITH_BODY:
        model = models()[str(operation)]
        inner = getattr(model, "_type", None)
        for first, other in second_names(inner) if isinstance(inner, type) and issubclass(inner, BaseModel) else ():
            sample = operation.sample(KNOWN)
            for wrong in ({"$gt": ""}, [], "another", 2**40, None):
                for body in ({**sample, other: wrong}, {first: wrong, **sample, other: sample.get(first, wrong)}):
                    if first in body and (body[first], type(body[first])) != (body[other], type(body[other])):
                        try:
                            model.validate_python(body)
                            unread.append(f"{operation}: {other} = {wrong!r} beside {first} = {body[first]!r}")
                        except ValidationError:
                            pass
            try:
                model.validate_python({**{k: v for k, v in sample.items() if k != first}, other: {"$gt": ""}})
                unread.append(f"{operation}: {other} alone")
            except ValidationError:
                pass
    assert unread == []
