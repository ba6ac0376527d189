"""Changing people's rows. Phone and mail address let somebody in, so one changes one's own with the password.

Whoever had the mail address before is told of it, with a link that takes the change back. A change that an admin makes
of somebody else is told without a link: it is most often made because the address was not that person's.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.authenticator import Authenticator
from adapters.postgres.people import contact_changes
from adapters.postgres.people.contact_changes import Contact
from adapters.postgres.people.users import change_person
from adapters.postgres.statements import Json
from adapters.resources import Resources
from api.auth.current_password import proven
from api.dependencies import Auth, CurrentUser, OpenResources
from api.emails import email_queue
from api.people.accounts import PeopleOfRole, row_of
from api.people.invitations import invite
from domain.account_emails import contact_changed_email
from domain.accounts import AccountAct
from domain.errors import Invalid, PasswordNeeded


class ContactChange(Protocol):
    """A body that changes something of a person."""

    @property
    def current_password(self) -> str | None:
        """Asked for to change one's own phone or mail address."""

    def columns(self) -> dict[str, Any]:
        """What changes of what every person has."""


_NEEDED = "current_password is needed to change your own phone or mail address"


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """Changes of one request."""

    request: Request
    opened: Resources
    auth: Authenticator

    async def make(
        self,
        person: CurrentUser,
        people: PeopleOfRole,
        person_id: str,
        body: ContactChange,
        more: Callable[[AsyncConnection], Awaitable[None]] | None = None,
    ) -> Json:
        """Change what is given of somebody; answers their row. ``more`` writes what belongs to the role.

        The mail is handed over last and before the commit: nothing is changed of which nobody can be told; who had no
        mail address gets none. Whoever has no password yet is invited again by an admin who changes the mail address.

        Raises:
            NotFound: there is nobody of that id and role (any more).
            Duplicate: somebody else has that phone or mail address, or may want it back.
            PasswordNeeded, Invalid, TooMany: it is one's own, and the password is missing, wrong, or wrong too often.
            Unavailable: no mail can be taken.
        """
        columns, own = body.columns(), person.id == person_id
        proof = await self._proof(person, body) if own else None
        async with self.auth.writing() as connection:
            before = await contact_changes.hold_contact(connection, people.role, person_id)
            changed = before.changed_by(columns)
            if own and changed:
                await _must_be_proven(connection, person_id, before, proof)
            await change_person(connection, people.role, person_id, columns)
            if more is not None:
                await more(connection)
            row = await row_of(connection, people, person_id)
            if "phone" in changed:
                act = AccountAct("phone-change", person.id, person_id)
                await self.request.app.state.storage.record_act(connection, act)
            if changed and before.email:
                await self._tell(connection, person_id, before, changed, own=own)
        if "email" in changed and columns["email"] and before.password_hash is None and not own:
            # After the commit: before it, the invitation would find the address that was just replaced.
            await invite(self.opened, self.request.app.state.kind.name, person_id)
        return row

    async def _proof(self, person: CurrentUser, body: ContactChange) -> str | None:
        """The hash that the current password was checked against, where one is needed and was sent."""
        known = Contact(person.row.phone or "", person.row.email)
        if body.current_password is None or not known.changed_by(body.columns()):
            return None
        login_by = self.request.app.state.login_by
        return await proven(self.opened, login_by, person, body.current_password, self.request)

    async def _tell(
        self, connection: AsyncConnection, person_id: str, before: Contact, changed: list[str], *, own: bool
    ) -> None:
        kind, change, at = self.request.app.state.kind.name, secrets.token_hex(8), datetime.now(UTC)
        moved, good_until = "email" in changed, at + self.opened.settings.web.contact_undo_lifetime
        await contact_changes.record(
            connection, change, person_id, before, moved=moved, can_be_undone=own, at=at, good_until=good_until
        )
        mail = contact_changed_email(kind, change, person_id, changed, at, good_until if own else None)
        await email_queue.send(self.opened, mail)


async def _must_be_proven(connection: AsyncConnection, person_id: str, before: Contact, proof: str | None) -> None:
    """Asked under the lock: the row may be another one than the request has seen. Who logs in by other means than a
    password has none to show."""
    if before.password_hash is None:
        return
    if proof is None:
        raise PasswordNeeded(_NEEDED)
    if proof != before.password_hash:
        raise Invalid("the password was changed meanwhile")
    await contact_changes.must_not_be_too_many(connection, person_id)


async def _account_changes(request: Request, opened: OpenResources, auth: Auth) -> AccountChanges:
    return AccountChanges(request, opened, auth)


Changes = Annotated[AccountChanges, Depends(_account_changes)]
