"""Every field of every body, asked of the models alone: another type is refused, never read as something else."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import AliasChoices, BaseModel, TypeAdapter, ValidationError

from api.schemas.payments import CheckoutCallback
from tests.api.bare import bare_application
from tests.api.document import operations
from tests.api.wrong_types import Models, models_of, went_through

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
WITH_BODY = [each for each in operations() if each.takes_json and not each.path.endswith("/webhook")]


@cache
def models() -> Models:
    """What reads the body of an operation; one reads JSON or a form itself."""
    found = models_of(bare_application())
    return {"POST /payment/verify": TypeAdapter(CheckoutCallback), **found}


def test_each_operation_with_a_body_has_a_model_that_takes_what_fits():
    assert len(WITH_BODY) > 50
    for operation in WITH_BODY:
        models()[str(operation)].validate_python(operation.sample(KNOWN))


def test_no_value_of_another_type_goes_through():
    assert [each for operation in WITH_BODY for each in went_through(models()[str(operation)], operation, KNOWN)] == []


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
