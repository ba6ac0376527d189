"""Lost passwords: a code by SMS, or a link by mail. Each works once and ends every session."""

import secrets

from fastapi import APIRouter, Request, Response

from adapters.auth.claims import fingerprint
from api.dependencies import Auth, OpenResources
from api.emails import email_queue
from api.http.rate_limits import count_request, must_not_be_too_often
from api.responses import done, reply
from api.schemas.answers import Message
from kinds.local_services.api.codes import CodeSending
from kinds.local_services.api.lost_passwords import set_by_code, set_by_link
from kinds.local_services.api.schemas.auth import ResetProof, ResetWanted
from kinds.local_services.domain.account_errors import CodeRefused
from kinds.local_services.postgres.codes import Purpose

router = APIRouter(prefix="/auth/password/reset", tags=["auth"])

_SENT = {"message": "if we know that phone or mail address, a code or a link is on its way"}
_REFUSED = "the code or link is not right, or not good any more; ask for a new one"


@router.post("/request", status_code=202, response_model=Message, summary="I lost my password: send a code or a link")
async def ask_for_reset(body: ResetWanted, request: Request, opened: OpenResources, sending: CodeSending) -> Response:
    """The answer and its time are the same whether somebody has that phone or address or not."""
    if body.phone is not None:
        await sending.must_not_be_too_many(Purpose.RESET_PASSWORD, body.phone)
        await sending.reset_code(body.phone)
        return reply(_SENT, 202)
    throttles = opened.settings.throttles
    await must_not_be_too_often(opened, request, "reset from", throttles.resets_per_address)
    # Of many requests for one person the first few are mailed, and nobody is told which.
    whom = fingerprint((body.email or "").lower())[:32]
    if await count_request(opened, f"reset for {whom}") <= throttles.resets_per_person:
        await email_queue.send_reset_link(opened, sending.kind, secrets.token_hex(8), body.email, None)
    return reply(_SENT, 202)


@router.post("/confirm", response_model=Message, summary="Set a new password with the code or the link")
async def set_password(body: ResetProof, auth: Auth, sending: CodeSending) -> Response:
    """The phone that the code came to, or the mail address of the link, is confirmed with it."""
    if body.token is not None:
        is_set = await set_by_link(auth, sending, body.token, body.new_password)
    else:
        is_set = await set_by_code(auth, sending, body.phone or "", body.code or "", body.new_password)
    if not is_set:
        raise CodeRefused(_REFUSED)
    return done("the password is set; log in with it")
