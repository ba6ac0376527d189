"""The provider's callback, by the customer's browser, and its webhook. No login: both are signed."""

import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.background import BackgroundTask

from adapters.postgres.idempotency import Claim, StoredResponse
from adapters.postgres.payment_queries import Order
from adapters.resources import Resources
from api.bookings.dependencies import Idempotent, Services, reply
from api.dependencies import OpenResources
from api.http.rate_limits import address_of, count_request
from api.kind import BookingModels
from api.schemas.payment_answers import WebhookAnswer
from api.schemas.payments import CheckoutCallback
from api.services import BookingServices
from domain.billing.provider import PaymentStatus
from domain.errors import PaymentRejected

BOOKING_PAGE, LIST_PAGE = "/bookings/{}", "/"
LOOKS_FROM_AN_ADDRESS, LOOKS_AT_AN_ORDER = 5, 20
"""Callbacks of one order within ``throttle_window`` that have its booking look."""
_ORDER_ID = re.compile(r"order_[A-Za-z0-9]{1,40}")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_CALLBACK = CheckoutCallback.model_json_schema()
_BODIES = {"application/json": {"schema": _CALLBACK}, "application/x-www-form-urlencoded": {"schema": _CALLBACK}}
Signature = Annotated[str | None, Header(alias="X-Razorpay-Signature", max_length=500)]
EventId = Annotated[str | None, Header(alias="X-Razorpay-Event-Id", max_length=500)]


def payment_webhook_routes(models: BookingModels) -> APIRouter:
    """The routes; ``payment_confirmation`` names the booking's status, which is the kind's."""
    router = APIRouter(prefix="/payment", tags=["payments"])

    @router.post(
        "/verify",
        response_model=models.payment_confirmation,
        summary="The checkout's callback",
        openapi_extra={"requestBody": {"required": True, "content": _BODIES}},
        responses={303: {"description": "A browser's form: back to the booking's page, paid or not"}},
    )
    async def verify(
        request: Request,
        opened: OpenResources,
        services: Services,
        request_key: Idempotent,
        signature: Signature = None,
        event_id: EventId = None,
    ) -> Response:
        """Verified with the order that we stored. It waits seconds for the fact, and never marks a payment failed."""
        if signature is not None:
            return await _taken(services, await request.body(), signature, event_id)
        fields = await _fields(request)
        if _is_a_browsers_form(request) and _says_it_failed(fields):
            return RedirectResponse(await _page_after_failure(services, fields), status_code=303)
        said = _callback(fields)
        order, order_id = await services.payments.verify_callback(said), said.razorpay_order_id

        async def may_look() -> bool:
            return await _may_look(opened, request, order_id)

        if _is_a_browsers_form(request):
            await services.payments.callback(order, order_id, may_look)
            return RedirectResponse(BOOKING_PAGE.format(order.booking_id), status_code=303)

        async def confirm(_: Claim | None, __: str) -> StoredResponse:
            return _verified(await services.payments.callback(order, order_id, may_look))

        return reply(await services.bookings.once(f"order {order_id}", request_key, confirm))

    @router.post(
        "/webhook",
        response_model=WebhookAnswer,
        summary="The provider's webhook",
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    )
    async def webhook(
        request: Request, services: Services, signature: Signature = None, event_id: EventId = None
    ) -> Response:
        """Answered with 200 once the message is committed; what it says is fetched before it counts."""
        return await _taken(services, await request.body(), signature, event_id)

    return router


async def _may_look(opened: Resources, request: Request, order_id: str) -> bool:
    """Each look costs calls of the provider, whose quota is everybody's: a few for an order and address, some more for
    the order from anywhere. Beyond that a callback is answered from the rows; the polls find what it would."""
    if await count_request(opened, f"callback {order_id} {address_of(request)}") > LOOKS_FROM_AN_ADDRESS:
        return False
    return await count_request(opened, f"callback {order_id}") <= LOOKS_AT_AN_ORDER


async def _taken(services: BookingServices, raw: bytes, signature: str | None, event_id: str | None) -> Response:
    message, stored = await services.payments.webhook(raw, signature, event_id)
    hint = BackgroundTask(services.payments.dispatch, message, stored) if stored is not None else None
    return Response(b'{"status":"ok"}', media_type="application/json", background=hint)


async def _fields(request: Request) -> Any:
    if request.headers.get("content-type", "").lower().startswith(_FORMS):
        return dict(await request.form())
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as fault:
        wrong = {"type": "json_invalid", "loc": ("body", fault.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([wrong]) from None


def _says_it_failed(fields: Any) -> bool:
    return isinstance(fields, dict) and "error[code]" in fields and "razorpay_signature" not in fields


async def _page_after_failure(services: BookingServices, fields: dict[str, Any]) -> str:
    """The booking's page, where another try can be made. The order's id is promised by nobody; without it the list."""
    try:
        told = orjson.loads(str(fields.get("error[metadata]")))
    except orjson.JSONDecodeError:
        return LIST_PAGE
    order_id = told.get("order_id") if isinstance(told, dict) else None
    if not isinstance(order_id, str) or not _ORDER_ID.fullmatch(order_id):
        return LIST_PAGE
    order = await services.payments.order(order_id)
    return LIST_PAGE if order is None else BOOKING_PAGE.format(order.booking_id)


def _callback(fields: Any) -> CheckoutCallback:
    if _says_it_failed(fields):
        # What a failed try brings is unsigned, so it says nothing; a later try with the same order may succeed.
        raise PaymentRejected("the payment was not made; it can be tried again")
    try:
        return CheckoutCallback.model_validate(fields)
    except ValidationError as fault:
        located = [{**error, "loc": ("body", *error["loc"])} for error in fault.errors(include_url=False)]
        raise RequestValidationError(located) from None


def _is_a_browsers_form(request: Request) -> bool:
    form = request.headers.get("content-type", "").lower().startswith(_FORMS)
    return form and "text/html" in request.headers.get("accept", "")


def _verified(order: Order) -> StoredResponse:
    paid = order.status == PaymentStatus.SUCCESS
    body = {
        "message": "the payment is confirmed" if paid else "the payment is genuine and is being confirmed",
        "status": order.status,
        "booking_id": order.booking_id,
        "booking_status": order.booking_status,
    }
    return StoredResponse(200, orjson.dumps(body).decode())
