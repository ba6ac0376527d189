"""Firebase Cloud Messaging by its HTTP v1 interface. iOS devices register with it too: it speaks to APNs for us."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from adapters.push.credentials import NoToken, ServiceAccount
from domain.errors import Invalid
from domain.pushes import GONE, SENT, Device, Outcome, Push, later

_TIMEOUT_SECONDS = 10.0
_LIFETIME = "86400s"
_BUSY_FOR, _UNREACHABLE_FOR, _REFUSED_FOR = 30.0, 10.0, 300.0
"""Seconds until another attempt: where a busy service names none, where none answers, where it refuses us."""
_LONGEST = 3600.0
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"


class FcmSender:
    """Sends pushes in the name of a service account; ``close()`` it at the end."""

    def __init__(self, credentials: Path, base_url: str) -> None:
        """Read the service account.

        Raises:
            ValueError: the file is none of a service account.
        """
        self._account = ServiceAccount(credentials)
        self._url = f"{base_url.rstrip('/')}/v1/projects/{self._account.project}/messages:send"
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS)

    async def send(self, device: Device, push: Push) -> Outcome:
        """Have a device show a push.

        Raises:
            Invalid: no device would be shown that; it is our fault, and trying again is of no use.
        """
        message = _message(device, push)
        try:
            token = await self._account.token()
            answer = await self._post(message, token)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                answer = await self._post(message, await self._account.token(refused=token))
        except NoToken as fault:
            refused = not getattr(fault, "retryable", False)
            pause = _REFUSED_FOR if refused else _UNREACHABLE_FOR
            return later(pause, f"no access token: {fault}"[:300], attention=refused)
        except httpx.HTTPError as fault:
            return later(_UNREACHABLE_FOR, f"the push service does not answer ({type(fault).__name__})")
        return _outcome(answer)

    async def _post(self, message: dict[str, Any], token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return await self._client.post(self._url, json={"message": message}, headers=headers)

    async def close(self) -> None:
        """End the connections."""
        self._account.close()
        await self._client.aclose()


def _message(device: Device, push: Push) -> dict[str, Any]:
    data = {"type": push.type, "notification_id": str(push.notification_id)}
    if push.booking_id is not None:
        data["booking_id"] = str(push.booking_id)
    return {
        "token": device.token,
        "notification": {"title": push.title, "body": push.body},
        "data": data,
        "android": {"collapse_key": push.collapse_key, "ttl": _LIFETIME},
        "apns": {"headers": {"apns-collapse-id": push.collapse_key}},
    }


def _outcome(answer: httpx.Response) -> Outcome:
    code, told = answer.status_code, f"the push service answers {answer.status_code}"
    if answer.is_success:
        return SENT
    error = _fcm_error(answer)
    if (code, error) in ((HTTPStatus.NOT_FOUND, "UNREGISTERED"), (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT")):
        return GONE
    if code == HTTPStatus.BAD_REQUEST:
        raise Invalid(f"the push service takes no such message: {answer.text[:300]}")
    if code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return later(_retry_after(answer), told)
    return later(_REFUSED_FOR, f"{told} {error}".strip(), attention=True)


def _fcm_error(answer: httpx.Response) -> str:
    """The code of the service's own error, beside which the status of an answer may mean anything."""
    try:
        details = answer.json()["error"]["details"]
        return next(str(each["errorCode"]) for each in details if each.get("@type") == _FCM_ERROR)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return ""


def _retry_after(answer: httpx.Response) -> float:
    """Seconds; a date is not read, for the service names none."""
    named = answer.headers.get("retry-after", "")
    return min(float(named), _LONGEST) if named.isdecimal() else _BUSY_FOR
