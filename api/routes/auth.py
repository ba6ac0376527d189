"""Login, refresh and logout: tokens for a phone, or an e-mail address, and a password."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from adapters.auth.tokens import Tokens
from adapters.postgres.people.sessions import LoginRow, SessionQueries, end_session, renew_session
from adapters.resources import Resources
from api.auth import known_devices
from api.auth.account_rules import AccountRules
from api.auth.entered import Login, form_of, form_or_json_of, from_body_or_cookie, from_cookie
from api.auth.handing_over import COOKIE, COOKIE_PATH, HandingOver
from api.auth.login_by import LoginBy
from api.auth.login_failures import LoginFailures
from api.auth.origins import origin_of
from api.auth.second_factor import is_right
from api.dependencies import Auth, LoggedIn, OpenResources, WriteTransaction, without_second_factor
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.auth import Me
from domain.accounts import AccountAct
from domain.errors import SecondFactorNeeded, TooMany, Unauthenticated

_SPENT = "the refresh token is not valid any more"


def auth_routes(login_by: LoginBy, rules: AccountRules) -> APIRouter:
    """The routes, for a kind whose people log in by phone or by e-mail, and what it adds to that."""
    router = APIRouter(prefix="/auth", tags=["auth"])
    reader = form_or_json_of(login_by) if rules.for_apps else form_of(login_by)
    presented = from_body_or_cookie if rules.for_apps else from_cookie

    @router.post(
        "/login",
        response_model=rules.answer,
        summary=f"Log in with {login_by} and password",
        openapi_extra=reader.documented,
    )
    async def login(
        form: Annotated[Login, Depends(reader.read)], request: Request, opened: OpenResources, auth: Auth
    ) -> Response:
        """The access token goes into the body, the refresh token into an HttpOnly cookie. Another one, which outlives
        the session, says that this device is known: wrong passwords from elsewhere do not hold up a login on it. Of a
        login on a device that is not, the person is told by mail.

        An admin with a second factor sends a `code` of it beside the password; without one it is 403
        `SecondFactorNeeded`. Where it is required and not there, `second_factor_needed` says so: the token is good for
        setting one up and for nothing else."""
        who, device = await _recognised(login_by, form, request, opened, auth.tokens)
        answer = await HandingOver(request, opened, auth, rules).log_in(who, device)
        if answer is None:
            raise _wrong(login_by)
        return answer

    @router.post("/refresh", response_model=rules.answer, summary="A new access token for the refresh cookie")
    async def refresh(
        request: Request,
        opened: OpenResources,
        auth: Auth,
        refresh_token: Annotated[str | None, Depends(presented)],
    ) -> Response:
        """The cookie is replaced. Used again within some seconds (`REVCARE_REFRESH_GRACE`), as by two tabs at once, it
        is answered in the same way; a later use ends the session: the token was stolen or copied."""
        if not refresh_token:
            raise Unauthenticated("the refresh_token cookie is needed")
        claims, grace = auth.tokens.read("refresh", refresh_token), opened.settings.web.refresh_grace
        async with auth.writing() as connection:
            renewed = await renew_session(
                connection, claims, refresh_token, auth.tokens.pair_after, grace, origin_of(request)
            )
            if renewed.reused:
                act = AccountAct("refresh-reuse", claims.sub, claims.sub)
                await request.app.state.storage.record_act(connection, act)
        if renewed.tokens is None:
            raise Unauthenticated(_SPENT)
        return await HandingOver(request, opened, auth, rules).answer(claims.sub, *renewed.tokens)

    @router.post(
        "/logout",
        response_model=Message,
        dependencies=[Depends(without_second_factor)],
        summary="End this session everywhere, at once",
    )
    async def logout(person: LoggedIn, connection: WriteTransaction) -> Response:
        """Both tokens are refused from now on, by every process; sessions on other devices go on."""
        await end_session(connection, person.id, person.jti, person.token_expires_at)
        answer = done("Successfully logged out")
        answer.delete_cookie(COOKIE, path=COOKIE_PATH)
        return answer

    @router.get("/me", response_model=Me, summary="Who am I, what may I do")
    async def me(person: LoggedIn, request: Request) -> Response:
        names, role = ("id", "name", "first_name", "last_name", "email", "phone"), str(person.role)
        shown = request.app.state.kind.shown_role(role)
        user = {**{name: getattr(person.row, name) for name in names}, "role": shown}
        return reply({"user": user, "role": shown, "scopes": sorted(person.scopes)})

    return router


async def _recognised(
    login_by: LoginBy, form: Login, request: Request, opened: Resources, tokens: Tokens
) -> tuple[LoginRow, str | None]:
    """The person of a name and a password, with the code of their second factor, and the device if it is known.

    A failure costs the same time whichever of the two was wrong.
    """
    row = await SessionQueries(opened.database).who_logs_in(login_by, form.name)
    device = known_devices.device_of(request, tokens, row.id if row else None)
    failures = LoginFailures(opened, request, login_by, form.name, device)
    await _must_not_be_too_many(failures)
    known = row.id if row and device else None
    right = await opened.passwords.matches(form.password, row.password_hash if row else None, known)
    # Again: of many tries at once, those after the last allowed failure do not count and tell nothing.
    await _must_not_be_too_many(failures)
    if row is None or not right:
        await failures.count()
        raise _wrong(login_by)
    if row.second_factor:
        await _must_show_second_factor(opened, request, row, form.code, failures)
    await failures.clear()
    return row, device


async def _must_show_second_factor(
    opened: Resources, request: Request, who: LoginRow, code: str | None, failures: LoginFailures
) -> None:
    if not code:
        raise SecondFactorNeeded("send a code of your second factor as well")
    if not await is_right(opened, request, who.id, code):
        await failures.count()
        raise Unauthenticated("the code is not right, or was used already")


def _wrong(login_by: LoginBy) -> Unauthenticated:
    return Unauthenticated(f"unknown {login_by} or wrong password")


async def _must_not_be_too_many(failures: LoginFailures) -> None:
    try:
        await failures.must_not_be_too_many("failed logins")
    except TooMany:
        await asyncio.sleep(0.05)
        raise
