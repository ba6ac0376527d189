"""Identities of other providers: logging in with one, registering with one, linking one to one's account."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from adapters.auth.claims import fingerprint
from adapters.postgres.people.sessions import SessionQueries
from api.auth import known_devices
from api.auth.handing_over import HandingOver
from api.dependencies import Auth, OpenResources, OptionalUser
from api.http.rate_limits import count_request
from api.responses import reply
from domain.errors import Duplicate, SecondFactorNeeded, TooMany, Unauthenticated
from kinds.local_services.api.accounts import ACCOUNTS
from kinds.local_services.api.issuers import IssuerInPath
from kinds.local_services.api.schemas.auth import IdentityToken
from kinds.local_services.api.schemas.auth_answers import BegunAnswer, LoginAnswer, UserAnswer
from kinds.local_services.postgres import identities, people
from kinds.local_services.postgres.identities import Identity
from throttle_settings import HOUR

router = APIRouter(prefix="/auth/social", tags=["auth"])

_PER_HOUR = 60
"""Logins of one identity: each that nobody has yet leaves a row behind."""
Provider = Annotated[str, Path(max_length=40, examples=["google"])]


@router.post(
    "/{provider}",
    response_model=LoginAnswer | BegunAnswer | UserAnswer,
    summary="Log in with, or link, an identity of another provider",
)
async def social(
    provider: Provider,
    body: IdentityToken,
    issuer: IssuerInPath,
    person: OptionalUser,
    request: Request,
    opened: OpenResources,
    auth: Auth,
) -> Response:
    """A known identity answers a login. An unknown one answers a `registration_token` for `POST /auth/register`. With a
    login the identity is linked to the account, 409 if it opens another one. Accounts are never joined by a mail
    address that is alike."""
    claims = await issuer.read(body.id_token, body.nonce)
    identity = Identity(provider, claims.subject)
    if person is not None:
        async with opened.database.write.begin() as connection:
            if not await identities.link(connection, identity, person.id):
                raise Duplicate("this identity opens another account already")
            return reply({"user": await people.oneself(connection, person.id)})
    if await count_request(opened, f"identity {fingerprint(f'{provider} {claims.subject}')[:32]}", HOUR) > _PER_HOUR:
        raise TooMany("too many logins of this identity; wait an hour", retry_after=int(HOUR.total_seconds()))
    async with opened.database.write.begin() as connection:
        owner = await identities.owner_of(connection, identity)
        token = None if owner else await identities.begin_registration(connection, identity)
    if owner is None:
        told = {"first_name": claims.first_name, "last_name": claims.last_name, "email": claims.email}
        lasts = round(identities.REGISTRATION_LIFETIME.total_seconds())
        return reply({"registration_token": token, "expires_in": lasts, "profile": told})
    who = await SessionQueries(opened.database).who_logs_in("id", owner)
    if who is not None and who.second_factor:
        raise SecondFactorNeeded("log in with your password and a code of your second factor")
    device = known_devices.device_of(request, auth.tokens, owner)
    answer = who and await HandingOver(request, opened, auth, ACCOUNTS).log_in(who, device)
    if not answer:
        raise Unauthenticated("the account was changed meanwhile: log in again")
    return answer
