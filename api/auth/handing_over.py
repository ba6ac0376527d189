"""How a login ends: a session is opened, and its tokens are handed over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from adapters.auth.authenticator import Authenticator
from adapters.auth.claims import Issued
from adapters.postgres.people.sessions import LoginRow, open_session
from adapters.resources import Resources
from api.auth import known_devices
from api.auth.account_rules import AccountRules
from api.auth.new_devices import tell_of_new_device
from api.auth.origins import origin_of
from api.responses import reply

COOKIE, COOKIE_PATH = "refresh_token", "/api/v1/auth"


@dataclass(frozen=True, slots=True)
class HandingOver:
    """The end of a login of one kind, in one request."""

    request: Request
    opened: Resources
    auth: Authenticator
    rules: AccountRules

    async def log_in(
        self,
        who: LoginRow,
        device: str | None,
        *,
        status: int = 200,
        more: Mapping[str, Any] | None = None,
    ) -> Response | None:
        """Open a session of somebody who has proven who they are; None if that is not so any more.

        ``device``: the known one that they log in on; of another one they are told by mail.
        """
        auth, now, origin = self.auth, datetime.now(UTC), origin_of(self.request)
        tokens = auth.tokens.pair(who.id, who.role, now)
        kind, session = self.request.app.state.kind.name, tokens[1].claims.jti
        async with self.request.app.state.login_turns.of(who.id), auth.writing() as connection:
            if not await open_session(connection, who, *tokens, origin):
                return None
            await self.rules.admit(connection, who.id)
        if device is None:
            await tell_of_new_device(self.opened, kind, who, session, origin)
        await self.rules.logged_in(self.opened, kind, who, session)
        lacking = auth.must_set_up(who.role, second_factor=who.second_factor)
        said = {**(more or {}), **({"second_factor_needed": True} if lacking else {})}
        answer = await self.answer(who.id, *tokens, said, status)
        known = auth.tokens.issue("device", who.id, who.role, now)
        days = self.opened.settings.secrets.known_device_days
        self._set_cookie(answer, known_devices.COOKIE, known.token, days)
        return answer

    async def answer(
        self,
        person_id: str,
        access: Issued,
        refresh: Issued,
        more: Mapping[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        """The access token in the body, the refresh token in a cookie, for apps in the body too."""
        body: dict[str, Any] = {"access_token": access.token, "token_type": "bearer"}
        if self.rules.for_apps:
            lasts = self.opened.settings.secrets.access_token_expire_minutes * 60
            body |= {"refresh_token": refresh.token, "expires_in": lasts}
        shown = await self.rules.shown(self.opened, person_id)
        answer = reply({**body, **shown, **(more or {})}, status)
        self._set_cookie(answer, COOKIE, refresh.token, self.opened.settings.secrets.refresh_token_expire_days)
        return answer

    def _set_cookie(self, answer: Response, name: str, value: str, days: int) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=days * 86400,
            path=COOKIE_PATH,
            httponly=True,
            samesite="lax",
            secure=self.opened.settings.process.environment == "production",
        )
