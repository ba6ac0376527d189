"""Every field of every body of local services, asked of the models alone: another type is refused."""

from functools import cache

from pydantic import TypeAdapter

from api.app import create_app
from api.schemas.payments import CheckoutCallback
from kinds.local_services.api import API
from settings import Settings
from tests.api.wrong_types import Models, models_of, went_through
from tests.kinds.local_services.api.documented import KNOWN, operations

_READ_ITSELF = ("/webhook", "/auth/login")
"""What reads its body as it comes, which the engine's own tests ask."""
WITH_BODY = [each for each in operations() if each.takes_json and not each.path.endswith(_READ_ITSELF)]


@cache
def models() -> Models:
    found = models_of(create_app(API, settings=Settings()))
    return {"POST /payment/verify": TypeAdapter(CheckoutCallback), **found}


def test_each_operation_with_a_body_has_a_model_that_takes_what_fits():
    assert len(WITH_BODY) > 40
    for operation in WITH_BODY:
        if str(operation) != "POST /auth/password/reset/request":  # of phone and email, only one fits
            models()[str(operation)].validate_python(operation.sample(KNOWN))


def test_no_value_of_another_type_goes_through():
    wrong = [each for operation in WITH_BODY for each in went_through(models()[str(operation)], operation, KNOWN)]
    assert wrong == []
