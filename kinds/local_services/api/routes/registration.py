"""Registering as a seeker or a provider of services, by phone."""

from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response

from adapters.postgres.people.sessions import SessionQueries
from adapters.postgres.people.users import add_person, have_an_account
from api.auth.handing_over import HandingOver
from api.dependencies import Auth, OpenResources
from api.http.rate_limits import count_request, must_not_be_too_often
from domain.errors import Duplicate, RoleRequired, TooMany, Unauthenticated, Unavailable
from kinds.local_services.api.accounts import ACCOUNTS
from kinds.local_services.api.codes import CodeSending, Sending
from kinds.local_services.api.schemas.auth import Registration
from kinds.local_services.api.schemas.auth_answers import RegistrationAnswer
from kinds.local_services.domain.account_errors import CodeRefused
from kinds.local_services.domain.roles import SERVICE_PROVIDER, SERVICE_SEEKER, Role, role_of
from kinds.local_services.postgres import identities, profiles
from kinds.local_services.postgres.audit import masked
from kinds.local_services.postgres.codes import Purpose, Sent
from throttle_settings import HOUR

router = APIRouter(prefix="/auth", tags=["auth"])

_KNOWN = "there is an account with this phone or mail address already: log in, or set a new password"
_SPENT = "the registration token is not good any more: begin anew"
_log = structlog.get_logger("api")


@router.post("/register", status_code=201, response_model=RegistrationAnswer, summary="Register; open to everybody")
async def register(
    body: Registration, request: Request, opened: OpenResources, auth: Auth, sending: CodeSending
) -> Response:
    """Answers a login, and sends the phone a code. A limited number of times per address and hour.

    With the token of an identity that nobody has (`POST /auth/social/{provider}`) the identity opens the account, and
    a password may be left out. 409 says that the phone or the mail address has an account, not which.
    """
    if body.role == "ADMIN":
        raise RoleRequired("nobody registers as an admin", role="ADMIN")
    verifying = sending.policy.phone_verification == "on"
    throttles = opened.settings.throttles
    await must_not_be_too_often(opened, request, "registration from", throttles.registrations_per_address, HOUR)
    if verifying:
        await sending.must_not_be_too_many(Purpose.VERIFY_PHONE, body.phone)
    if await have_an_account(opened.database, body.phone, body.email):
        raise Duplicate(_KNOWN)
    if await count_request(opened, "registrations", HOUR) > throttles.registrations_in_all:
        raise TooMany("too many people are registering; try again later", retry_after=int(HOUR.total_seconds()))
    if verifying:
        await sending.must_be_within_all_texts()
    person_id, sent = await _added(body, sending, verifying=verifying)
    verification = _told(sent) if sent and await _text(sending, sent) else None
    who = await SessionQueries(opened.database).who_logs_in("id", person_id)
    more = {"verification": verification}
    answer = who and await HandingOver(request, opened, auth, ACCOUNTS).log_in(who, None, status=201, more=more)
    if not answer:
        raise Unauthenticated("the account was changed meanwhile: log in")
    return answer


async def _added(body: Registration, sending: Sending, *, verifying: bool) -> tuple[str, Sent | None]:
    opened = sending.opened
    password_hash = await opened.passwords.hash(body.password) if body.password else None
    columns = {"first_name": body.first_name, "last_name": body.last_name or ""}
    columns |= {"phone": body.phone, **({"email": body.email} if body.email else {})}
    role = SERVICE_PROVIDER if role_of(body.role) == Role.PROVIDER else SERVICE_SEEKER
    async with opened.database.write.begin() as connection:
        identity = None
        if body.registration_token:
            identity = await identities.use_registration(connection, body.registration_token)
            if identity is None:
                raise CodeRefused(_SPENT)
        try:
            person_id = await add_person(connection, role, columns, password_hash)
        except Duplicate:
            raise Duplicate(_KNOWN) from None
        await profiles.begin(connection, person_id)
        if identity and not await identities.link(connection, identity, person_id):
            raise Duplicate("this identity opens another account already")
        if not verifying:
            return person_id, None
        return person_id, await sending.make(connection, person_id, Purpose.VERIFY_PHONE, body.phone)


async def _text(sending: Sending, sent: Sent) -> bool:
    """An outage keeps nobody from registering: they ask for another code."""
    try:
        await sending.text(sent)
    except Unavailable:
        _log.warning("a code could not be sent", person=sent.person_id)
        return False
    return True


def _told(sent: Sent) -> dict[str, Any]:
    until: datetime = sent.good_until
    return {"channel": "sms", "to": masked(sent.target), "expires_at": until}
