"""More people than the demo has: somebody new of every role, and what is unlike anybody's."""

import uuid
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.api.concurrent import Api, Json

PASSWORD = "Secret-123"


def unlike() -> Json:
    """A phone and a mail address that nobody has."""
    number = uuid.uuid4().int % 10**9
    return {"phone": f"8{number:09}", "email": f"somebody{number}@example.com"}


async def hired(api: Api, **more: Any) -> Json:
    """A mechanic's card, who can do everything but services."""
    body = {"name": "Moti Lal", "dob": "1990-05-17", "pickup_drop": True, "analysis": True, **unlike()}
    return await _made(api, "/mechanics/", {**body, "password": PASSWORD, **more})


async def appointed(api: Api, **more: Any) -> Json:
    """Another admin's card."""
    body = {"first_name": "Adi", "last_name": "Second", "password": PASSWORD, **unlike(), **more}
    return await _made(api, "/admins/", body)


async def login(api: Api, card: Json) -> int:
    """The status of a login."""
    form = {"username": card["phone"], "password": card["password"]}
    answer = await api.ask("POST", "/auth/login", data=form)
    api.http.cookies.clear()
    return answer.status_code


async def _made(api: Api, path: str, body: Json) -> Json:
    answer = await api.ask("POST", path, api.card("A"), json=body)
    assert answer.status_code == 201, answer.text
    return {**body, **answer.json(), "phone": body["phone"]}


def birthday(age: int, days: int = 0) -> str:
    """When somebody was born who is that old today in the shop, or was or will be some days away."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kolkata")).date()
    day = date.fromordinal(today.toordinal() + days)
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - age, day=28 if leap else day.day).isoformat()
