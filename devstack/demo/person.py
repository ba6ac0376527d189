"""Somebody who is logged in, whatever their role and the kind of booking."""

import threading
import uuid
from typing import Any

import httpx

from devstack.demo.calls import Calls, Json, body_of

API = "/api/v1"


def new_key() -> str:
    """An Idempotency-Key: one operation, however often it is sent."""
    return uuid.uuid4().hex


class Person:
    """Somebody with a phone and a password; logs in when first needed, and again when the token has run out."""

    def __init__(self, calls: Calls, card: Json) -> None:
        self._calls = calls
        self.card = card
        self.id: str = card["id"]
        self.name: str = card["name"]
        self.email: str = card["email"]
        self._token: str | None = None
        self._one_login = threading.Lock()

    def send(self, method: str, path: str, key: str | None = None, **content: Any) -> httpx.Response:
        """The answer to this person's call; anything that changes something carries a key."""
        headers = {} if method == "GET" else {"Idempotency-Key": key or new_key()}
        answer = self._calls.send(method, API + path, headers=headers | self.login(), **content)
        if answer.status_code == 401:
            self._token = None
            answer = self._calls.send(method, API + path, headers=headers | self.login(), **content)
        return answer

    def get(self, path: str, **params: Any) -> Any:
        return body_of(self.send("GET", path, params=params))

    def post(self, path: str, body: Json | None = None, key: str | None = None) -> Any:
        return body_of(self.send("POST", path, key, **({} if body is None else {"json": body})))

    def put(self, path: str, body: Json | None = None, key: str | None = None) -> Any:
        return body_of(self.send("PUT", path, key, **({} if body is None else {"json": body})))

    def patch(self, path: str, body: Json, key: str | None = None) -> Any:
        return body_of(self.send("PATCH", path, key, json=body))

    def booking(self, booking_id: int) -> Json:
        """The booking as this person may see it."""
        shown: Json = self.get(f"/bookings/{booking_id}")
        return shown

    def timeline(self, booking_id: int) -> list[Json]:
        entries: list[Json] = self.get(f"/bookings/{booking_id}/timeline")
        return entries

    def file(self, path: str) -> bytes:
        """A document, by the path that the API gave."""
        answer = self._calls.send("GET", path, headers=self.login())
        if not answer.is_success:
            body_of(answer)
        return answer.content

    def login(self) -> dict[str, str]:
        """The headers that say who asks."""
        with self._one_login:
            if self._token is None:
                form = {"username": self.card["phone"], "password": self.card["password"]}
                self._token = self._calls.json("POST", f"{API}/auth/login", data=form)["access_token"]
            return {"Authorization": f"Bearer {self._token}"}
