"""The way to the provider: a deadline on every call, and answers sorted into refusals and faults.

The SDK knows only descriptions: a wrong key, a busy idempotency key and an invalid amount all arrive as its
``BadRequestError``, and it prints to stdout when a connection fails. So a hook judges each answer before the SDK sees
it, and what ``requests`` raises is translated inside the session.
"""

import time
from functools import cached_property
from typing import Any

import razorpay
import requests

from domain.errors import KeyRefused, LowBalance, PaymentRejected

CONNECT_AND_READ = (3.0, 10.0)

_RETRYABLE = frozenset({404, 408, 429})
"""A wrong address is about us, not about the payment (an unknown id is a 400)."""
_REFUSED_KEY = 401
_NOT_KNOWN = "Authentication failed"
"""One page of the provider's documentation gives it status 400."""
_COOLS_FOR = 10.0
_STILL_BUSY = "still in progress"
_RECEIPT_TAKEN = "receipt should be unique"
_LOW_BALANCE = ("enough balance", "invalid request sent")  # the second is how test mode words the first


class GatewayUnavailable(Exception):
    """No answer that can be trusted: whether the call took effect is unknown, or it may be done later. Try again."""

    def __init__(self, detail: str, *, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


class ReceiptTaken(Exception):
    """An account where receipts are unique has an order with this one already."""

    def __init__(self, detail: str, order_id: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.order_id = order_id


class Breaker:
    """After a refused key nothing is asked for a while: more calls with it could lock the account.

    Shared by the threads of a gateway; a plain number, so a race costs one call and nothing else.
    """

    def __init__(self, cools_for: float = _COOLS_FOR) -> None:
        self._cools_for = cools_for
        self._closed_until = 0.0

    def let_pass(self) -> None:
        """Raises KeyRefused while it is open."""
        if time.monotonic() < self._closed_until:
            raise KeyRefused

    def trip(self) -> None:
        """The key was refused."""
        self._closed_until = time.monotonic() + self._cools_for


class Client(razorpay.Client):  # type: ignore[misc]
    """The official SDK, which looks its own version up on disk for each call: nearly a third of what a call costs."""

    @cached_property
    def _version(self) -> str:
        return str(super()._get_version())

    def _get_version(self) -> str:
        return self._version


class Session(requests.Session):
    """Never waits for ever, never follows a redirect with the keys, never lets an exception of its own out.

    All its calls go to ``base_url``. The environment's proxy for it is found once: to look for it with each call is
    nearly a third of what a call costs.
    """

    def __init__(
        self, base_url: str, timeout: tuple[float, float] = CONNECT_AND_READ, breaker: Breaker | None = None
    ) -> None:
        super().__init__()
        self.proxies.update(requests.utils.get_environ_proxies(base_url))
        self.trust_env = False
        self._timeout = timeout
        self._breaker = breaker or Breaker()
        self.hooks["response"].append(judge)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """One call; nothing is retried here, because the caller knows what may be repeated."""
        self._breaker.let_pass()
        options.update(timeout=options.get("timeout") or self._timeout, allow_redirects=False)
        try:
            return super().request(method, url, *args, **options)
        except KeyRefused:
            self._breaker.trip()
            raise
        except requests.RequestException as fault:
            raise GatewayUnavailable(f"{type(fault).__name__}: {fault}") from fault


def judge(response: requests.Response, *_: Any, **__: Any) -> None:
    """Let an entity pass; raise for everything else."""
    status = response.status_code
    try:
        body = response.json()
    except ValueError:
        raise GatewayUnavailable(f"{status} and no JSON in the answer", status=status) from None
    if status == 200 and isinstance(body, dict):
        return
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        raise GatewayUnavailable(f"{status} and no error in the answer", status=status)
    description = str(error.get("description") or "no description")
    if status == _REFUSED_KEY or (status == 400 and description == _NOT_KNOWN):
        raise KeyRefused
    if status == 400 and any(words in description for words in _LOW_BALANCE):
        raise LowBalance(description)
    if _may_pass(status, str(error.get("code")), description):
        raise GatewayUnavailable(f"{status} {description}", status=status)
    metadata = error.get("metadata")
    if _RECEIPT_TAKEN in description and isinstance(metadata, dict) and isinstance(metadata.get("order_id"), str):
        raise ReceiptTaken(description, metadata["order_id"])
    known = {name: error[name] for name in ("field", "reason") if error.get(name)}
    raise PaymentRejected(description, provider_status=status, **known)


def _may_pass(status: int, code: str, description: str) -> bool:
    """Whether waiting can help: busy, throttled, down."""
    if status in _RETRYABLE or not 400 <= status < 500 or code in {"GATEWAY_ERROR", "SERVER_ERROR"}:
        return True
    return status == 409 and _STILL_BUSY in description
