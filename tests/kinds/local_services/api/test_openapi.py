"""The OpenAPI document of local services: what generated clients and readers depend on."""

import json
import re
from pathlib import Path
from typing import Any

from api.app import create_app
from api.documentation.examples import restore
from api.schemas.answers import Answer, example
from kinds.local_services.api import API
from kinds.local_services.api.schemas.listing_answers import ListingAnswer
from settings import Settings

WRITTEN = Path(__file__).parents[4] / "docs" / "openapi-local-services.json"
SEED = {
    "POST /auth/register",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/password/reset/request",
    "POST /auth/password/reset/confirm",
    "GET /users/me",
    "PATCH /users/me",
    "POST /users/me/avatar",
    "GET /users/providers",
    "GET /users/{user_id}",
    "GET /services/categories",
    "POST /services/categories",
    "GET /services/listings",
    "POST /services/listings",
    "PATCH /services/listings/{listing_id}",
    "DELETE /services/listings/{listing_id}",
    "POST /bookings/",
    "GET /bookings/",
    "GET /bookings/{booking_id}",
    "PATCH /bookings/{booking_id}/status",
    "POST /bookings/{booking_id}/timeline",
    "POST /reviews/",
    "GET /reviews/",
    "GET /reviews/{review_id}",
}
"""The paths that whoever wrote for this market before expects."""
BESIDE = {
    "POST /auth/verify/request",
    "POST /auth/verify/confirm",
    "POST /auth/phone/change",
    "POST /auth/phone/confirm",
    "POST /auth/social/{provider}",
    "POST /auth/logout",
    "POST /auth/password/change",
    "GET /users/me/availability",
    "PUT /users/me/availability",
    "DELETE /users/me",
    "GET /users/",
    "PATCH /users/{user_id}",
    "PUT /users/{user_id}/payout-account",
    "PATCH /services/categories/{row_id}",
    "DELETE /services/categories/{row_id}",
    "GET /services/listings/{listing_id}",
    "GET /services/listings/{listing_id}/availability",
    "POST /services/listings/{listing_id}/media",
    "DELETE /services/listings/{listing_id}/media/{medium_id}",
    "GET /bookings/{booking_id}/timeline",
    "GET /bookings/{booking_id}/events",
    "GET /bookings/{booking_id}/cancellation",
    "GET /bookings/{booking_id}/invoice",
    "GET /bookings/{booking_id}/invoice.pdf",
    "GET /bookings/{booking_id}/commission-invoice",
    "GET /bookings/{booking_id}/commission-invoice.pdf",
    "GET /bookings/{booking_id}/credit-notes/{number}.pdf",
    "POST /bookings/{booking_id}/offers",
    "POST /bookings/{booking_id}/offers/{offer_id}/accept",
    "POST /bookings/{booking_id}/offers/{offer_id}/decline",
    "POST /bookings/{booking_id}/payment-intents",
    "POST /bookings/{booking_id}/dispute",
    "POST /bookings/{booking_id}/dispute/withdraw",
    "POST /bookings/{booking_id}/dispute/decision",
    "GET /payment/payouts",
    "POST /reviews/{review_id}/flag",
    "PATCH /reviews/{review_id}",
    "GET /notifications/",
    "PATCH /notifications/{notification_id}/read",
    "POST /notifications/read-all",
    "GET /notifications/device-tokens",
    "POST /notifications/device-tokens",
    "DELETE /notifications/device-tokens/{device_id}",
    "GET /messages/threads",
    "POST /messages/threads",
    "GET /messages/threads/{thread_id}",
    "POST /messages/threads/{thread_id}/messages",
    "POST /messages/threads/{thread_id}/read",
    "POST /messages/threads/{thread_id}/block",
    "DELETE /messages/threads/{thread_id}/block",
    "GET /audit-log",
}
"""What a user of such a market needs beside those, and the README and the pages of the kind promise."""


def operations() -> dict[str, dict[str, Any]]:
    paths = json.loads(WRITTEN.read_text())["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def test_the_document_in_the_repository_is_the_one_of_this_code():
    of_this_code = json.loads(json.dumps(create_app(API, settings=Settings()).openapi()))
    assert json.loads(WRITTEN.read_text()) == of_this_code, "write it anew: make openapi"


def test_an_example_is_the_kinds_own_whatever_the_engine_has_by_that_name_and_was_imported_first():
    engines = {"__module__": "api.schemas.later", "model_config": example({"of": "the engine"})}
    later = type(Answer)("ListingAnswer", (Answer,), engines)
    schemas: dict[str, Any] = {later.__name__: {"examples": []}}
    restore(schemas, "kinds.local_services")
    assert schemas["ListingAnswer"] == {"examples": ListingAnswer.model_config["json_schema_extra"]["examples"]}


def test_the_paths_that_were_promised_are_served():
    assert (SEED | BESIDE) - operations().keys() == set()


def test_every_operation_has_a_chapter_a_summary_and_an_id_of_its_own():
    found = operations().values()
    assert {tag for operation in found for tag in operation["tags"]} <= API.chapters.keys()
    assert [each["operationId"] for each in found if not 3 <= len(each["summary"]) <= 120] == []
    ids = [each["operationId"] for each in found]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", each) for each in ids)


def test_every_route_is_for_somebody():
    asked = {name: operation for name, operation in operations().items() if operation["x-scopes"]}
    assert [name for name, operation in asked.items() if not operation["x-roles"]] == []


def test_an_app_renews_its_login_with_the_cookie_or_with_what_it_sends():
    assert operations()["POST /auth/refresh"]["security"] == [{"RefreshCookie": []}, {}]
