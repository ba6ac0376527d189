"""Admins who cannot help themselves: the first of a kind, and one who has lost phone and recovery codes."""

from datetime import UTC, datetime

from adapters.auth.password_links import PasswordLinks
from adapters.postgres.database import Database
from adapters.postgres.kind_operations import Operations
from adapters.postgres.people import second_factors
from adapters.postgres.people.users import add_person
from adapters.temporal.client import connect
from api.auth.factor_mails import factor_mail
from api.emails import email_queue
from api.schemas.people import NewPerson
from domain.account_emails import FactorEvent
from domain.accounts import AccountAct
from domain.errors import Unavailable
from domain.people import SYSTEM, Role
from settings import Settings


async def add_admin(database: Database, kind: Operations, settings: Settings, person: NewPerson) -> tuple[str, str]:
    """An admin without a password; answers the id, and the link with which they choose one.

    Raises:
        Duplicate: somebody of the kind has that phone or mail address.
    """
    now, name = datetime.now(UTC), kind.kind.name
    async with database.write.begin() as connection:
        person_id = await add_person(connection, kind.kind.role(Role.ADMIN), person.columns(), None)
        await kind.storage.record_act(connection, AccountAct("admin-create", SYSTEM.id, person_id))
    good_until = now + settings.web.invitation_lifetime
    secret = PasswordLinks(settings.secrets).issue(name, person_id, now, good_until)
    return person_id, f"{settings.web.public_url.rstrip('/')}/password#token={secret}"


async def reset_second_factor(database: Database, person_id: str) -> None:
    """Take somebody's second factor off and log them out; where one is required, their next login sets one up.

    Raises:
        LookupError: they have none.
    """
    async with database.write.begin() as connection:
        if not await second_factors.reset(connection, person_id):
            raise LookupError(f"{person_id} has no second factor")


async def reset_and_tell(person_id: str, database: Database, kind: Operations, settings: Settings) -> str:
    """The same, and mail them that it was done; answers whether they know.

    Raises:
        LookupError: they have none.
    """
    await reset_second_factor(database, person_id)
    event, zone = FactorEvent.TAKEN_OFF_BY_OPERATOR, settings.company.shop_timezone
    try:
        await email_queue.send_by(await connect(), factor_mail(kind.kind.name, person_id, event, zone))
    except Unavailable:
        return "Temporal does not answer, so no mail tells them: do it yourself"
    return "a mail tells them"
