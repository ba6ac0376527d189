"""Coming in and going out: tokens for a phone and a password."""

import asyncio
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Form, Request, Response

from adapters.postgres.access import AccessReads
from adapters.resources import Resources
from adapters.security import Issued
from api.dependencies import CurrentUser, Open
from domain.errors import TooMany, Unauthenticated

router = APIRouter(prefix="/auth", tags=["auth"])

COOKIE = "refresh_token"
_PATH = "/api/v1/auth"
_WRONG = "unknown phone or wrong password"
_SPENT = "the refresh token is not valid any more"


class Login:
    """The form of OAuth2's password flow; the username is a phone."""

    def __init__(
        self,
        username: Annotated[str, Form(min_length=1, max_length=20, examples=["9841385379"])],
        password: Annotated[str, Form(min_length=1, max_length=128)],
        grant_type: Annotated[str | None, Form(max_length=20)] = None,
    ) -> None:
        self.phone = "+91" + re.sub(r"[\s\x00-]", "", username).removeprefix("+91")
        self.password = password


@router.post("/login", summary="Log in with phone and password")
async def login(
    form: Annotated[Login, Depends()], request: Request, response: Response, opened: Open
) -> dict[str, str]:
    access = AccessReads(opened.database)
    after = datetime.now(UTC) - opened.settings.web.login_lockout
    subjects = [f"phone {form.phone}", f"address {request.client.host if request.client else 'unknown'}"]
    await _not_locked(access, subjects, after, opened)
    row = await access.by_phone(form.phone)
    if not await opened.passwords.matches(form.password, row.password_hash if row else None) or row is None:
        await access.count_failure(subjects, after)
        raise Unauthenticated(_WRONG)
    # Again: of many guesses at once, those after the last allowed failure do not count, not even the right one.
    await _not_locked(access, subjects, after, opened)
    await access.forget_failures(subjects[0])
    tokens = _issue(opened, row.id, row.role)
    await access.open_session(*tokens, secrets.token_urlsafe(16))
    return _handed_over(opened, response, *tokens)


@router.post("/refresh", summary="A new access token for the refresh cookie")
async def refresh(
    response: Response, opened: Open, refresh_token: Annotated[str | None, Cookie(max_length=2000)] = None
) -> dict[str, str]:
    if not refresh_token:
        raise Unauthenticated("the refresh_token cookie is needed")
    claims = opened.tokens.read("refresh", refresh_token)
    access = AccessReads(opened.database)
    person = await access.person(claims.sub, claims.jti)
    if person is None:
        raise Unauthenticated(_SPENT)
    tokens = _issue(opened, person.id, person.role)
    if not await access.rotate(claims.jti, refresh_token, *tokens):
        raise Unauthenticated(_SPENT)
    return _handed_over(opened, response, *tokens)


@router.post("/logout", summary="End this session everywhere, at once")
async def logout(person: CurrentUser, response: Response, opened: Open) -> dict[str, str]:
    minutes = opened.settings.secrets.access_token_expire_minutes
    await AccessReads(opened.database).end_session(person.jti, timedelta(minutes=minutes))
    response.delete_cookie(COOKIE, path=_PATH)
    return {"message": "Successfully logged out"}


@router.get("/me", summary="Who am I, what may I do")
async def me(person: CurrentUser) -> dict[str, Any]:
    names = ("id", "name", "first_name", "last_name", "email", "phone", "role")
    user = {name: getattr(person.row, name) for name in names}
    return {"user": user, "role": str(person.role), "scopes": sorted(person.scopes)}


async def _not_locked(access: AccessReads, subjects: list[str], after: datetime, opened: Resources) -> None:
    web = opened.settings.web
    failures = await access.failures(subjects, after)
    limits = dict(zip(subjects, (web.login_failures_per_phone, web.login_failures_per_address), strict=True))
    if any(failures.get(subject, 0) >= limit for subject, limit in limits.items()):
        await asyncio.sleep(0.05)
        raise TooMany("too many failed logins; wait a quarter of an hour")


def _issue(opened: Resources, person_id: str, role: str) -> tuple[Issued, Issued]:
    now = datetime.now(UTC)
    issue = opened.tokens.issue
    return issue("access", person_id, str(role), now), issue("refresh", person_id, str(role), now)


def _handed_over(opened: Resources, response: Response, access: Issued, refresh: Issued) -> dict[str, str]:
    response.set_cookie(
        COOKIE,
        refresh.token,
        max_age=opened.settings.secrets.refresh_token_expire_days * 86400,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=opened.settings.process.environment == "production",
    )
    return {"access_token": access.token, "token_type": "bearer"}
