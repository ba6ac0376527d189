"""Codes that a request sends: so often per phone or mail address, and per address of the client."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.auth.claims import fingerprint
from adapters.resources import Resources
from api.dependencies import OpenResources
from api.emails import email_queue
from api.http.rate_limits import count_request, duration_text, must_not_be_too_often
from domain.account_emails import code_email
from domain.errors import TooMany
from domain.text_messages import TextOrder
from kinds.local_services.api.policy import PolicyNow
from kinds.local_services.postgres.codes import CodeRows, Purpose, Sent, Shown, new_number
from kinds.local_services.postgres.text_bounds import is_within_all_texts
from kinds.local_services.settings import LocalServicesSettings
from throttle_settings import HOUR


@dataclass(frozen=True, slots=True)
class Sending:
    """Makes codes, sends them, and looks at those that come back, in one request."""

    request: Request
    opened: Resources
    policy: LocalServicesSettings

    @property
    def kind(self) -> str:
        """Whose people they are."""
        return str(self.request.app.state.kind.name)

    async def must_not_be_too_many(self, purpose: Purpose, target: str) -> None:
        """Count one more code for a phone or mail address, before anybody knows whose it is.

        Raises:
            TooMany: there was one a moment ago, or there were too many in this hour.
        """
        whom = fingerprint(target)[:32]
        await must_not_be_too_often(self.opened, self.request, "codes from", self.policy.codes_per_address, HOUR)
        if every := self.policy.code_every:
            await self._count(f"code {purpose} {whom}", 1, every)
        await self._count(f"codes to {whom}", self.policy.codes_per_phone, HOUR)

    async def must_not_ask_too_often(self, person_id: str) -> None:
        """Count one more code that this person asks for to a phone of their choice: each costs the shop a text message.

        Raises:
            TooMany: there were too many in this hour.
        """
        await self._count(f"codes for {person_id}", self.policy.codes_per_phone, HOUR)

    async def must_be_within_all_texts(self) -> None:
        """Count one more text to a phone that nobody has shown to be theirs, once it is sure to be sent.

        Raises:
            TooMany: all accounts and addresses together were sent too many in this hour.
        """
        if not await is_within_all_texts(self.opened.database, self.policy.texts_in_all, confirmed=False):
            raise TooMany("too many codes are being sent; try again later", retry_after=int(HOUR.total_seconds()))

    async def _count(self, subject: str, most: int, window: timedelta) -> None:
        if await count_request(self.opened, subject, window) > most:
            seconds = max(1, round(window.total_seconds()))
            raise TooMany(f"too many codes; try again in {duration_text(window)}", retry_after=seconds)

    async def make(self, connection: AsyncConnection, person_id: str, purpose: Purpose, target: str) -> Sent:
        """A code of this person; send it once the transaction has ended."""
        return await self._rows.add(connection, person_id, purpose, target, self.policy.code_lifetime)

    async def shown(self, connection: AsyncConnection, person_id: str, purpose: Purpose, entered: str) -> Shown | None:
        """Use a code up; None if it is not good. A try counts: let the transaction end without an error."""
        return await self._rows.shown(connection, person_id, purpose, entered, self.policy.code_tries)

    async def text(self, sent: Sent) -> None:
        """Send it to the phone.

        Raises:
            Unavailable: nobody could take it.
        """
        await email_queue.send_text(self.opened, TextOrder(self.kind, sent.number, sent.at, sent.good_until))

    async def reset_code(self, phone: str) -> None:
        """Send a code for a new password to whoever has that phone; nothing here tells who that is.

        Raises:
            Unavailable: nobody could take it.
        """
        await email_queue.send_reset_code(self.opened, self.kind, new_number(), phone, self.policy.code_lifetime)

    async def mail(self, sent: Sent) -> None:
        """Send it to the mail address.

        Raises:
            Unavailable: nobody could take it.
        """
        await email_queue.send(
            self.opened, code_email(self.kind, sent.number, sent.person_id, sent.at, sent.good_until)
        )

    @property
    def _rows(self) -> CodeRows:
        return CodeRows(self.opened.codes, self.kind)


async def _sending(request: Request, opened: OpenResources, policy: PolicyNow) -> Sending:
    return Sending(request, opened, policy)


CodeSending = Annotated[Sending, Depends(_sending)]
