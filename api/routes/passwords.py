"""Changing a password, and resetting a forgotten one."""

import hashlib
import secrets

from fastapi import APIRouter, Request, Response

from adapters.auth.password_links import SPENT
from adapters.postgres.people import passwords
from api.auth.current_password import proven
from api.auth.handing_over import COOKIE, COOKIE_PATH
from api.auth.login_by import LoginBy
from api.auth.password_rules import must_not_name
from api.dependencies import Auth, LoggedIn, OpenResources
from api.emails import email_queue
from api.http.rate_limits import count_request, must_not_be_too_often
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.passwords import PasswordChange, ResetConfirmation, ResetRequest
from domain.accounts import AccountAct
from domain.errors import Invalid

_WHOEVER = "if we know that address or phone, a mail with a link is on its way"


def password_routes(login_by: LoginBy) -> APIRouter:
    """The routes, for a kind whose people log in by phone or by e-mail."""
    router = APIRouter(prefix="/auth/password", tags=["auth"])

    @router.post("/change", response_model=Message, summary="Another password; ends every session, also this one")
    async def change(
        body: PasswordChange, person: LoggedIn, request: Request, opened: OpenResources, auth: Auth
    ) -> Response:
        """A wrong current password counts as a failed login and has the same limits."""
        must_not_name(body.new_password, person.row.name, person.row.phone, person.row.email)
        known = await proven(opened, login_by, person, body.current_password, request)
        new = await opened.passwords.hash(body.new_password)
        async with auth.writing() as connection:
            if not await passwords.change(connection, person.id, known, new):
                raise Invalid("the password was changed meanwhile")
            await request.app.state.storage.record_act(connection, AccountAct("password-change", person.id, person.id))
        answer = done("the password is changed; log in with the new one")
        answer.delete_cookie(COOKIE, path=COOKIE_PATH)
        return answer

    @router.post(
        "/reset/request", status_code=202, response_model=Message, summary="Mail me a link to set a new password"
    )
    async def ask_for_link(body: ResetRequest, request: Request, opened: OpenResources) -> Response:
        """The answer and its time are the same whether somebody has that address or phone or not."""
        throttles = opened.settings.throttles
        await must_not_be_too_often(opened, request, "reset from", throttles.resets_per_address)
        # Of many requests for one person the first few are mailed, and nobody is told which.
        if await count_request(opened, f"reset for {_fingerprint(body)}") <= throttles.resets_per_person:
            await email_queue.send_reset_link(
                opened,
                request.app.state.kind.name,
                secrets.token_hex(8),
                body.email,
                body.phone if not body.email else None,
            )
        return reply({"message": _WHOEVER}, 202)

    @router.post("/reset/confirm", response_model=Message, summary="Set a new password with the link from the mail")
    async def set_by_link(body: ResetConfirmation, request: Request, opened: OpenResources, auth: Auth) -> Response:
        """Works once, and not after another change of the password. Ends every session and opens a locked phone."""
        said = opened.password_links.read(request.app.state.kind.name, body.token)
        new = await opened.passwords.hash(body.new_password)
        async with auth.writing() as connection:
            if not await passwords.set_by_link(connection, said.person_id, said.asked_at, new):
                raise Invalid(SPENT)
            act = AccountAct("password-change", said.person_id, said.person_id, {"by": "link"})
            await request.app.state.storage.record_act(connection, act)
        return done("the password is set; log in with it")

    return router


def _fingerprint(body: ResetRequest) -> str:
    """Whom it is about, as a counter's name: an address that is no customer's need not be kept."""
    return hashlib.sha256(f"{(body.email or '').lower()} {body.phone}".encode()).hexdigest()[:32]
