"""Login, refresh and logout: tokens for a phone and a password."""

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response

from adapters.auth.security import Issued, Tokens
from adapters.postgres.people.sessions import LoginRow, SessionQueries, end_session, open_session, renew_session
from adapters.resources import Resources
from api.auth.login_failures import LoginFailures
from api.dependencies import Auth, LoggedIn, OpenResources, WriteTransaction
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.auth import AccessToken, Me
from domain.errors import Unauthenticated

router = APIRouter(prefix="/auth", tags=["auth"])

COOKIE, COOKIE_PATH = "refresh_token", "/api/v1/auth"
_WRONG = "unknown phone or wrong password"
_SPENT = "the refresh token is not valid any more"


class Login:
    """The form of OAuth2's password flow; the username is a phone."""

    def __init__(
        self,
        username: Annotated[str, Form(min_length=1, max_length=20, examples=["9841385379"])],
        password: Annotated[str, Form(min_length=1, max_length=128, examples=["Password@123"])],
        grant_type: Annotated[str | None, Form(max_length=20)] = None,
    ) -> None:
        self.phone = "+91" + re.sub(r"[\s\x00-]", "", username).removeprefix("+91")
        self.password = password


@router.post("/login", response_model=AccessToken, summary="Log in with phone and password")
async def login(form: Annotated[Login, Depends()], request: Request, opened: OpenResources, auth: Auth) -> Response:
    """The access token goes into the body, the refresh token into an HttpOnly cookie."""
    who = await _recognised(form, request, opened)
    tokens = _issue(auth.tokens, who.id, who.role)
    async with auth.writing() as connection:
        if not await open_session(connection, who, *tokens):
            raise Unauthenticated(_WRONG)
    return _handed_over(opened, *tokens)


@router.post("/refresh", response_model=AccessToken, summary="A new access token for the refresh cookie")
async def refresh(
    opened: OpenResources, auth: Auth, refresh_token: Annotated[str | None, Cookie(max_length=2000)] = None
) -> Response:
    """The cookie is good once and replaced; a second use ends the session, because the token was stolen or copied."""
    if not refresh_token:
        raise Unauthenticated("the refresh_token cookie is needed")
    claims = auth.tokens.read("refresh", refresh_token)
    async with auth.writing() as connection:
        tokens = await renew_session(connection, claims, refresh_token, partial(_issue, auth.tokens))
    if tokens is None:
        raise Unauthenticated(_SPENT)
    return _handed_over(opened, *tokens)


@router.post("/logout", response_model=Message, summary="End this session everywhere, at once")
async def logout(person: LoggedIn, connection: WriteTransaction) -> Response:
    """Both tokens are refused from now on, by every process; sessions on other devices go on."""
    await end_session(connection, person.id, person.jti, person.token_expires_at)
    answer = done("Successfully logged out")
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer


@router.get("/me", response_model=Me, summary="Who am I, what may I do")
async def me(person: LoggedIn) -> Response:
    names = ("id", "name", "first_name", "last_name", "email", "phone", "role")
    user = {name: getattr(person.row, name) for name in names}
    return reply({"user": user, "role": str(person.role), "scopes": sorted(person.scopes)})


async def _recognised(form: Login, request: Request, opened: Resources) -> LoginRow:
    """The person of a phone and a password. A failure costs the same time whichever of the two was wrong."""
    failures = LoginFailures(opened, request, form.phone)
    await _must_not_be_too_many(failures)
    row = await SessionQueries(opened.database).by_phone(form.phone)
    if not await opened.passwords.matches(form.password, row.password_hash if row else None) or row is None:
        await failures.count()
        raise Unauthenticated(_WRONG)
    # Again: of many tries at once, those after the last allowed failure do not count, not even the right one.
    await _must_not_be_too_many(failures)
    await failures.clear()
    return row


async def _must_not_be_too_many(failures: LoginFailures) -> None:
    if (refusal := await failures.refusal("failed logins")) is not None:
        await asyncio.sleep(0.05)
        raise refusal


def _issue(tokens: Tokens, person_id: str, role: str) -> tuple[Issued, Issued]:
    now = datetime.now(UTC)
    return tokens.issue("access", person_id, role, now), tokens.issue("refresh", person_id, role, now)


def _handed_over(opened: Resources, access: Issued, refresh: Issued) -> Response:
    answer = reply({"access_token": access.token, "token_type": "bearer"})
    answer.set_cookie(
        COOKIE,
        refresh.token,
        max_age=opened.settings.secrets.refresh_token_expire_days * 86400,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=opened.settings.process.environment == "production",
    )
    return answer
