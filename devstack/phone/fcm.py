"""Firebase Cloud Messaging as its HTTP v1 interface answers: tokens for a service account, messages to one device.

What is checked and refused follows Google's pages on the interface and its error codes; a push that was refused is kept
as well, with the status of its answer.
"""

import secrets
from http import HTTPStatus
from typing import Annotated, Any

import jwt
from fastapi import APIRouter, Body, Form, Header
from fastapi.responses import JSONResponse

from devstack.phone.keys import Keys
from devstack.phone.names import ACCOUNT, PROJECT
from devstack.phone.store import Store, TokenState

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_SCOPES = {"https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"}
_GOOGLE = "https://oauth2.googleapis.com/token"
"""Whom google-auth speaks to in its assertions, wherever it sends them."""
_LIFETIME = 3599
_MOST_BYTES = 4096
_RETRY_AFTER = "1"
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_REFUSALS: dict[TokenState, tuple[HTTPStatus, str, str, str]] = {
    TokenState.UNREGISTERED: (HTTPStatus.NOT_FOUND, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
    TokenState.INVALID: (
        HTTPStatus.BAD_REQUEST,
        "INVALID_ARGUMENT",
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
    ),
    TokenState.BUSY: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "RESOURCE_EXHAUSTED",
        "QUOTA_EXCEEDED",
        "Resource has been exhausted (e.g. check quota).",
    ),
    TokenState.DENIED: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"),
}


def fcm_router(store: Store, keys: Keys, address: str) -> APIRouter:
    """The two routes that a sender of pushes needs."""
    router = APIRouter()
    granted: set[str] = set()

    @router.post("/token")
    def token(grant_type: Annotated[str, Form()], assertion: Annotated[str, Form()]) -> JSONResponse:
        if grant_type != _GRANT:
            return _no_token("unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        try:
            claims = jwt.decode(
                assertion,
                keys.account.public_key(),
                algorithms=["RS256"],
                audience=[_GOOGLE, f"{address}/token"],
                issuer=ACCOUNT,
                options={"require": ["exp", "iat", "scope"]},
            )
        except jwt.InvalidTokenError as refused:
            return _no_token("invalid_grant", f"Invalid JWT: {refused}")
        if not _SCOPES & set(str(claims["scope"]).split()):
            return _no_token("invalid_scope", "the scope does not allow messages")
        granted.add(access := secrets.token_urlsafe(32))
        return JSONResponse({"access_token": access, "expires_in": _LIFETIME, "token_type": "Bearer"})

    @router.post("/v1/projects/{project}/messages:send")
    def send(project: str, body: Annotated[Any, Body()], authorization: Annotated[str, Header()] = "") -> JSONResponse:
        scheme, _, access = authorization.partition(" ")
        if scheme.lower() != "bearer" or access not in granted:
            return _error(HTTPStatus.UNAUTHORIZED, "UNAUTHENTICATED", "the access token is not good (any more)")
        if project != PROJECT:
            return _error(HTTPStatus.FORBIDDEN, "PERMISSION_DENIED", f"no access to the project {project}")
        if fault := _fault(body):
            field, what = fault
            violations = [{"field": field, "description": what}]
            details = {"@type": _BAD_REQUEST, "fieldViolations": violations}
            return _error(HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT", what, details)
        message = body["message"]
        return _answer(store, message["token"], message)

    return router


def _answer(store: Store, token: str, message: dict[str, Any]) -> JSONResponse:
    state = store.state(token)
    if state is TokenState.OK:
        number = store.add_push(token, message, HTTPStatus.OK)
        return JSONResponse({"name": f"projects/{PROJECT}/messages/{number}"})
    status, name, code, what = _REFUSALS[state]
    store.add_push(token, message, status)
    headers = {"Retry-After": _RETRY_AFTER} if state is TokenState.BUSY else {}
    return _error(status, name, what, {"@type": _FCM_ERROR, "errorCode": code}, headers)


def _fault(body: Any) -> tuple[str, str] | None:
    """Field and fault of a message that no device would get."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict):
        return "message", "a message is missing"
    if not isinstance(message.get("token"), str) or not message["token"]:
        return "message.token", "exactly one of token, topic or condition is needed; the sandbox knows tokens"
    data = message.get("data", {})
    if not isinstance(data, dict):
        return "message.data", "data is a map of strings"
    for name, value in data.items():
        if not isinstance(value, str):
            return f"message.data[{name}]", f"Invalid value at 'message.data[{name}]' (TYPE_STRING), {value}"
        if name in ("from", "message_type") or name.startswith(("google", "gcm")):
            return f"message.data[{name}]", f"Invalid data payload key: {name}"
    told = {**data, **(message.get("notification") or {})}
    if sum(len(str(name).encode()) + len(str(value).encode()) for name, value in told.items()) > _MOST_BYTES:
        return "message", "Android message is too big"
    return None


def _no_token(error: str, what: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": what}, HTTPStatus.BAD_REQUEST)


def _error(
    status: HTTPStatus, name: str, what: str, details: Any = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    error = {"code": int(status), "message": what, "status": name}
    if details is not None:
        error["details"] = [details]
    return JSONResponse({"error": error}, status, headers)
