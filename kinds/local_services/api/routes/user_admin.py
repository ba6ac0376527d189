"""People as admins find and change them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from adapters.postgres.people.sessions import end_every_session, hold_person
from api.bookings.dependencies import Services
from api.dependencies import Auth, CurrentUser, ReadConnection, WriteTransaction, requires
from api.lists import WantedPage
from api.people.accounts import searched_text
from api.responses import reply
from api.schemas.people_fields import Phone
from domain.billing.transfers import AccountStatus, PayoutAccount
from domain.errors import NotFound, PaymentRejected
from kinds.local_services.api.schemas.auth import RoleName
from kinds.local_services.api.schemas.people import NewPayoutAccount, UserChange
from kinds.local_services.api.schemas.people_answers import PersonOfAdmins
from kinds.local_services.domain.roles import Role, role_of
from kinds.local_services.postgres import audit, people, profiles, security
from kinds.local_services.postgres.payout_accounts import pay_out_to

router = APIRouter(prefix="/users", tags=["users"])

UserId = Annotated[str, Path(pattern="^USR[0-9]{6,12}$", examples=["USR000123"])]
Overseer = Annotated[CurrentUser, requires("READ:USERS", roles=(Role.ADMIN,))]
Changer = Annotated[CurrentUser, requires("UPDATE:USERS", roles=(Role.ADMIN,))]


@router.get("/", response_model=list[PersonOfAdmins], summary="Seekers and providers, the first one first")
async def users(
    person: Overseer,
    connection: ReadConnection,
    wanted: WantedPage,
    role: Annotated[RoleName | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200, description="A part of name, phone or mail address")] = None,
    phone: Annotated[Phone | None, Query(description="The whole phone")] = None,
) -> Response:
    narrowed = {"role": role and role_of(role), "q": q and searched_text(q), "phone": phone, "id": None}
    return await wanted.of(connection, people.EVERYBODY, **narrowed)


@router.patch("/{user_id}", response_model=PersonOfAdmins, summary="Block somebody, or verify certificates")
async def change_somebody(person: Changer, auth: Auth, user_id: UserId, body: UserChange) -> Response:
    """Blocking ends every session and hides the listings; bookings that are open go on."""
    async with auth.writing() as connection:
        if await people.seen_by_admin(connection, user_id) is None:
            raise NotFound(f"there is no person {user_id}")
        if body.is_blocked is not None:
            await hold_person(connection, user_id)
            if await profiles.block(connection, user_id, blocked=body.is_blocked):
                act = "block" if body.is_blocked else "unblock"
                await audit.record(connection, person.id, act, "user", user_id)
                if body.is_blocked:
                    await security.tell_of(connection, user_id, security.Event.BLOCKED)
            if body.is_blocked:
                await end_every_session(connection, user_id)
        if body.certifications_verified:
            known = await profiles.verify_certifications(connection, user_id, body.certifications_verified)
            if unknown := sorted(set(body.certifications_verified) - known):
                raise NotFound(f"{user_id} has no certificate {unknown[0]}")
            ids = sorted(known)
            await audit.record(connection, person.id, "certification-verify", "user", user_id, certifications=ids)
        found = await people.seen_by_admin(connection, user_id)
    return reply(found)


@router.put("/{user_id}/payout-account", response_model=PersonOfAdmins, summary="Where somebody is paid out")
async def payout_account(
    person: Changer, services: Services, connection: WriteTransaction, user_id: UserId, body: NewPayoutAccount
) -> Response:
    """A linked account of Razorpay, made in Razorpay's own onboarding: neither bank data nor papers are kept here. It
    is looked at first; one that Razorpay does not know is 400 `PaymentRejected`. Payouts that waited for it are made
    once it is activated. Naming the same account again looks at it now, where the webhook of its activation was lost;
    else it is looked at once a day."""
    if await people.seen_by_admin(connection, user_id) is None:
        raise NotFound(f"there is no person {user_id}")
    status = await services.payment_client.account_status(body.account_id)
    if status is AccountStatus.NONE:
        raise PaymentRejected(f"the payment provider knows no account {body.account_id}")
    await pay_out_to(connection, services.kind.name, user_id, PayoutAccount(body.account_id, status), person.id)
    return reply(await people.seen_by_admin(connection, user_id))
