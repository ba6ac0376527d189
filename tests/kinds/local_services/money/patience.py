"""People of the marketplace who live through crashes: what found no answer is asked again, with the same key."""

import time
import uuid
from typing import Any

import httpx

from devstack.demo.calls import TookTooLong
from tests.kinds.local_services.market import Market, Person

_AGAIN = frozenset({502, 503, 504})
_PAUSE = 0.25
_PATIENCE = 120.0


class PatientHttp:
    """A client that repeats what it got no answer to; each request has an ``Idempotency-Key`` of its own."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def request(self, method: str, path: str, **content: Any) -> httpx.Response:
        """The answer, once there is one."""
        until, trouble = time.monotonic() + _PATIENCE, ""
        headers = {"Idempotency-Key": str(uuid.uuid4()), **content.pop("headers", {})}
        while time.monotonic() < until:
            try:
                answer = self._http.request(method, path, headers=headers, **content)
            except httpx.TransportError as cut:
                trouble = f"{type(cut).__name__} {cut}"
            else:
                if answer.status_code not in _AGAIN:
                    return answer
                trouble = f"{answer.status_code} {answer.text[:200]}"
            time.sleep(_PAUSE)
        raise TookTooLong(f"{method} {path} found no answer in {_PATIENCE:.0f} s; the last was: {trouble}")

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.request("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.request("POST", path, **content)

    def close(self) -> None:
        self._http.close()


class PatientMarket(Market):
    """The marketplace, with the provider as its operator sees it. Everybody has a device for pushes."""

    def __init__(self, info: dict[str, Any]) -> None:
        super().__init__(info)
        self.info = info
        self.http = PatientHttp(self.http)  # type: ignore[assignment]
        keys = info["razorpay"]
        self._route = httpx.Client(
            base_url=keys["base_url"], auth=(keys["key_id"], keys["key_secret"]), timeout=30, trust_env=False
        )

    def close(self) -> None:
        super().close()
        self._route.close()

    def registers(self, role: str, **given: Any) -> Person:
        person = super().registers(role, **{"email": f"{uuid.uuid4().hex[:12]}@example.com", **given})
        device = {"token": f"phone-of-{person.id}", "platform": "android"}
        person.does("POST", "/notifications/device-tokens", 201, json=device)
        return person

    def at_provider(self, method: str, path: str, **content: Any) -> Any:
        """A call of the operator, or of staff in the provider's dashboard."""
        answer = self._route.request(method, path, **content)
        assert answer.is_success, answer.text
        return answer.json()

    def account(self, provider: Person, *, activated: bool = True) -> str:
        """The provider's linked account, by which he is paid out."""
        made = self.at_provider("POST", "/sandbox/accounts", json={"name": "Ravi Rao", "activated": activated})
        path = f"/users/{provider.id}/payout-account"
        self.admin.does("PUT", path, json={"account_id": made["id"]})
        return str(made["id"])

    def misbehaves(self, **rules: list[dict[str, Any]]) -> None:
        """These rules at the provider instead of all others: ``api=[...]``, ``webhooks=[...]``."""
        self.at_provider("PUT", "/sandbox/chaos", json=rules)

    def state(self) -> dict[str, Any]:
        """All that the provider knows."""
        known: dict[str, Any] = self.at_provider("GET", "/sandbox/state")
        return known
