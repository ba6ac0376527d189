"""The second factor of an admin: set up, shown again, taken off."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from adapters.auth.qr_codes import qr_code
from adapters.auth.second_factors import recovery_codes
from adapters.postgres.people import second_factors
from api.auth.current_password import proven
from api.auth.factor_mails import tell_of_factor
from api.auth.login_by import LoginBy
from api.auth.second_factor import is_required, is_right, must_not_be_too_many
from api.dependencies import Auth, CurrentUser, OpenResources, ReadConnection, requires, without_second_factor
from api.responses import done, reply
from api.schemas.answers import Message
from api.schemas.second_factor import (
    RecoveryCodes,
    SecondFactorAnswer,
    SecondFactorCode,
    SecondFactorRemoval,
    SecondFactorSecret,
    SecondFactorSetup,
)
from domain.account_emails import FactorEvent
from domain.errors import Conflict, Invalid
from domain.people import Role

AnAdmin = Annotated[CurrentUser, requires(roles=(Role.ADMIN,))]
_ALSO_WITHOUT: list[Any] = [Depends(without_second_factor)]
_UNKEPT = {"Cache-Control": "no-store"}
_WRONG = "the code is not right, or was used already"
_NONE = "you have no second factor"


def second_factor_routes(login_by: LoginBy) -> APIRouter:
    """The routes, for a kind whose people log in by phone or by e-mail."""
    router = APIRouter(prefix="/auth/second-factor", tags=["auth"])

    @router.get(
        "", response_model=SecondFactorAnswer, dependencies=_ALSO_WITHOUT, summary="Whether I have a second factor"
    )
    async def shown(person: AnAdmin, opened: OpenResources, connection: ReadConnection) -> Response:
        known = await second_factors.factor_of(connection, person.id)
        confirmed_at = known.confirmed_at if known else None
        return reply(
            {
                "enabled": confirmed_at is not None,
                "required": is_required(opened.settings),
                "confirmed_at": confirmed_at,
                "recovery_codes_left": known.codes_left if known and confirmed_at else 0,
            }
        )

    @router.post(
        "",
        status_code=201,
        response_model=SecondFactorSecret,
        dependencies=_ALSO_WITHOUT,
        summary="Set up a second factor: a secret for an app",
    )
    async def begin(body: SecondFactorSetup, person: AnAdmin, request: Request, opened: OpenResources) -> Response:
        """It counts once a code of the app has confirmed it; until then, asking again makes another one."""
        await proven(opened, login_by, person, body.current_password, request)
        kind, codes = request.app.state.kind.name, opened.second_factors
        secret = codes.new_secret()
        async with opened.database.write.begin() as connection:
            if not await second_factors.begin(connection, person.id, codes.seal(kind, person.id, secret)):
                raise Conflict("you have a second factor already; take it off first")
        issuer = opened.settings.mail.from_name
        uri = codes.uri(secret, person.row.email or person.id, issuer)
        return reply({"secret": secret, "uri": uri, "qr_code": qr_code(uri)}, 201, _UNKEPT)

    @router.post(
        "/confirm",
        response_model=RecoveryCodes,
        dependencies=_ALSO_WITHOUT,
        summary="Confirm it with a code of the app",
    )
    async def confirm(
        body: SecondFactorCode, person: AnAdmin, request: Request, opened: OpenResources, auth: Auth
    ) -> Response:
        """From now on every login asks for a code. One's other sessions end: they have shown none."""
        kind, codes = request.app.state.kind.name, recovery_codes()
        async with opened.database.read.connect() as connection:
            known = await second_factors.factor_of(connection, person.id)
        if known is None or known.confirmed_at is not None:
            raise Conflict("there is no second factor to confirm")
        await must_not_be_too_many(opened, person.id)
        step = opened.second_factors.step_of(kind, person.id, known.sealed, body.code, datetime.now(UTC))
        if step is None:
            raise Invalid(_WRONG)
        async with auth.writing() as connection:
            if not await second_factors.confirm(connection, person.id, known.sealed, step, codes, person.jti):
                raise Conflict("it was set up anew meanwhile")
        await tell_of_factor(opened, request, person.id, FactorEvent.SET_UP)
        return reply({"recovery_codes": codes}, headers=_UNKEPT)

    @router.post("/verify", response_model=Message, summary="Show a code again")
    async def verify(body: SecondFactorCode, person: AnAdmin, request: Request, opened: OpenResources) -> Response:
        """For some minutes (`REVCARE_CODE_GOOD_FOR`) this session may do what asks for a fresh code."""
        await _must_be_right(request, opened, person, body.code)
        async with opened.database.write.begin() as connection:
            await second_factors.verify_session(connection, person.jti)
        return done("the code is right")

    @router.post("/recovery-codes", response_model=RecoveryCodes, summary="New recovery codes in place of those left")
    async def renew(body: SecondFactorCode, person: AnAdmin, request: Request, opened: OpenResources) -> Response:
        await _must_be_right(request, opened, person, body.code)
        codes = recovery_codes()
        async with opened.database.write.begin() as connection:
            if not await second_factors.renew_codes(connection, person.id, codes):
                raise Conflict(_NONE)
        await tell_of_factor(opened, request, person.id, FactorEvent.NEW_RECOVERY_CODES)
        return reply({"recovery_codes": codes}, headers=_UNKEPT)

    @router.post("/disable", response_model=Message, summary="Take my second factor off")
    async def disable(
        body: SecondFactorRemoval, person: AnAdmin, request: Request, opened: OpenResources, auth: Auth
    ) -> Response:
        """Where one is required, the next thing to do is to set up another."""
        await proven(opened, login_by, person, body.current_password, request)
        await _must_be_right(request, opened, person, body.code)
        async with auth.writing() as connection:
            if not await second_factors.remove(connection, person.id):
                raise Conflict(_NONE)
        await tell_of_factor(opened, request, person.id, FactorEvent.TAKEN_OFF)
        return done("the second factor is off")

    return router


async def _must_be_right(request: Request, opened: OpenResources, person: CurrentUser, code: str) -> None:
    if not person.row.second_factor:
        raise Conflict(_NONE)
    if not await is_right(opened, request, person.id, code):
        raise Invalid(_WRONG)
