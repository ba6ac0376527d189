"""Admins with a second factor, and the app on their phone."""

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pyotp

from tests.api.concurrent import Api, Json, bearer
from tests.api.people import appointed
from tests.api.test_login import session

HERE = "/auth/second-factor"


@dataclass
class Holder:
    """An admin who has set one up, in the session in which they did."""

    api: Api
    card: Json
    access: str
    app: pyotp.TOTP
    recovery_codes: list[str]

    async def code(self) -> str:
        """What the app shows now, with no code used yet in this half minute."""
        await self.api.rows.execute("UPDATE second_factors SET last_step = 0 WHERE user_id = $1", self.card["id"])
        return shown_by(self.app)

    async def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        return await self.api.ask(method, path, headers=bearer(self.access), **content)

    async def aged(self, minutes: int) -> None:
        """Their sessions have shown a code that long ago."""
        await self.api.rows.execute(
            "UPDATE sessions SET verified_at = verified_at - make_interval(mins => $2) WHERE user_id = $1",
            self.card["id"],
            minutes,
        )


def shown_by(app: pyotp.TOTP) -> str:
    return app.at(datetime.now(UTC))


def wrong_for(app: pyotp.TOTP) -> str:
    """A code that the app does not show around now."""
    step = app.timecode(datetime.now(UTC))
    near = {app.generate_otp(each) for each in range(step - 5, step + 6)}
    return next(code for code in (f"{number:06}" for number in range(100)) if code not in near)


async def begun(api: Api, card: Json, access: str) -> pyotp.TOTP:
    """The app, once it was given the secret."""
    answer = await api.ask("POST", HERE, headers=bearer(access), json={"current_password": card["password"]})
    assert answer.status_code == 201, answer.text
    return pyotp.TOTP(answer.json()["secret"])


async def holder(api: Api, card: Json | None = None) -> Holder:
    card = card or await appointed(api)
    access, _ = await session(api, card)
    app = await begun(api, card, access)
    answer = await api.ask("POST", f"{HERE}/confirm", headers=bearer(access), json={"code": shown_by(app)})
    assert answer.status_code == 200, answer.text
    return Holder(api, card, access, app, answer.json()["recovery_codes"])


async def login_with(api: Api, card: Json, code: str | None, address: str = "") -> httpx.Response:
    """A login with a code, or without."""
    form = {"username": card["phone"], "password": card["password"], **({"code": code} if code else {})}
    headers = {"X-Forwarded-For": address} if address else {}
    answer = await api.ask("POST", "/auth/login", data=form, headers=headers)
    api.http.cookies.clear()
    return answer
