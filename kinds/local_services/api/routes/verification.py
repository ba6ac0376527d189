"""Codes that show whose a phone and a mail address are, and the change of one's own phone."""

from fastapi import APIRouter, Request, Response

from adapters.postgres.people.users import change_person, have_an_account
from api.auth.current_password import proven
from api.dependencies import Auth, CurrentUser, LoggedIn, OpenResources
from api.responses import reply
from api.schemas.answers import Message
from domain.accounts import AccountAct
from domain.errors import Duplicate, PasswordNeeded
from kinds.local_services.api.codes import CodeSending
from kinds.local_services.api.schemas.auth import CodeConfirmation, CodeRequest, PhoneChange, PhoneConfirmation
from kinds.local_services.api.schemas.auth_answers import UserAnswer
from kinds.local_services.domain.account_errors import AlreadyVerified, CodeRefused, NoEmail
from kinds.local_services.domain.roles import ROLES
from kinds.local_services.postgres import audit, people, profiles, security
from kinds.local_services.postgres.codes import Purpose, end_codes

router = APIRouter(prefix="/auth", tags=["auth"])

REFUSED = "the code is not right, or not good any more; ask for a new one"
_ON_ITS_WAY = "a code is on its way"


@router.post("/verify/request", status_code=202, response_model=Message, summary="Send me a code")
async def ask_for_code(body: CodeRequest, person: LoggedIn, opened: OpenResources, sending: CodeSending) -> Response:
    """To the phone or the mail address of the account; the one before is good no more. So often per phone and hour and
    per address and hour, and not again at once."""
    purpose, target = _wanted(person, body.channel)
    async with opened.database.read.connect() as connection:
        _must_be_open(await people.oneself(connection, person.id), body.channel)
    await sending.must_not_be_too_many(purpose, target)
    if body.channel == "sms":
        await sending.must_be_within_all_texts()
    async with opened.database.write.begin() as connection:
        sent = await sending.make(connection, person.id, purpose, target)
    await (sending.text(sent) if body.channel == "sms" else sending.mail(sent))
    return reply({"message": _ON_ITS_WAY}, 202)


@router.post("/verify/confirm", response_model=UserAnswer, summary="The code that came")
async def confirm_code(
    body: CodeConfirmation, person: LoggedIn, opened: OpenResources, sending: CodeSending
) -> Response:
    """One text for a wrong code, an old one and one that was tried too often."""
    purpose, target = _wanted(person, body.channel)
    async with opened.database.write.begin() as connection:
        _must_be_open(await people.oneself(connection, person.id), body.channel)
        shown = await sending.shown(connection, person.id, purpose, body.code)
        right = shown is not None and shown.target == target
        if right:
            await profiles.verified(connection, person.id, "phone" if body.channel == "sms" else "email")
        user = await people.oneself(connection, person.id)
    if not right:
        raise CodeRefused(REFUSED)
    return reply({"user": user})


@router.post("/phone/change", status_code=202, response_model=Message, summary="Another phone: send it a code")
async def change_phone(
    body: PhoneChange, person: LoggedIn, request: Request, opened: OpenResources, sending: CodeSending
) -> Response:
    """Asks for the password of who has one. The old phone stays until the code is confirmed."""
    async with opened.database.read.connect() as connection:
        has_password = await profiles.has_password(connection, person.id)
    if has_password:
        if body.current_password is None:
            raise PasswordNeeded("current_password is needed to change your own phone")
        await proven(opened, request.app.state.login_by, person, body.current_password, request)
    await sending.must_not_ask_too_often(person.id)
    await sending.must_not_be_too_many(Purpose.CHANGE_PHONE, body.phone)
    if await have_an_account(opened.database, body.phone, None):
        raise Duplicate("there is one with the same phone already")
    await sending.must_be_within_all_texts()
    async with opened.database.write.begin() as connection:
        sent = await sending.make(connection, person.id, Purpose.CHANGE_PHONE, body.phone)
    await sending.text(sent)
    return reply({"message": _ON_ITS_WAY}, 202)


@router.post("/phone/confirm", response_model=UserAnswer, summary="The code that came to the new phone")
async def confirm_phone(
    body: PhoneConfirmation, person: LoggedIn, auth: Auth, opened: OpenResources, sending: CodeSending
) -> Response:
    """It is the phone of the account from now on. Codes that were sent to the old one are good no more."""
    role = next(each for each in ROLES if each.name == person.role)
    async with auth.writing() as connection:
        shown = await sending.shown(connection, person.id, Purpose.CHANGE_PHONE, body.code)
        if shown is not None:
            await change_person(connection, role, person.id, {"phone": shown.target})
            await profiles.phone_is_new(connection, person.id)
            await end_codes(connection, person.id)
            phones = [audit.masked(person.row.phone or ""), audit.masked(shown.target)]
            act = AccountAct("phone-change", person.id, person.id, {"phone": phones})
            await security.record_and_tell(connection, act)
        user = await people.oneself(connection, person.id)
    if shown is None:
        raise CodeRefused(REFUSED)
    return reply({"user": user})


def _wanted(person: CurrentUser, channel: str) -> tuple[Purpose, str]:
    if channel == "sms":
        return Purpose.VERIFY_PHONE, person.row.phone or ""
    if person.row.email is None:
        raise NoEmail("there is no mail address to send a code to: PATCH /users/me")
    return Purpose.VERIFY_EMAIL, person.row.email.lower()


def _must_be_open(user: people.Json | None, channel: str) -> None:
    name = "phone" if channel == "sms" else "email"
    if user is not None and user[f"{name}_verified"]:
        raise AlreadyVerified(f"the {name} is confirmed already")
