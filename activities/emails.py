"""Sending of e-mails: each once by its identity, every attempt logged."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Protocol

from temporalio import activity

from domain.account_emails import AccountEmail, AccountEmailSlug, Mail, Recipient
from domain.emails import Attachment, BookingEmail
from domain.errors import Invalid

SENT_WITHIN = timedelta(seconds=20)
"""For composing an e-mail with its document and handing it over; what takes longer is an attempt that failed."""

UNKNOWN_FOR = timedelta(minutes=10)
"""An invitation may leave before the transaction that makes its reader has ended; none lasts so long."""


class Sender(Protocol):
    """Renders e-mails and hands them to the mail server."""

    def subject(self, mail: Mail) -> str:
        """The subject line, for the log."""

    async def send(self, mail: Mail, attachments: Sequence[Attachment]) -> str:
        """Hand the e-mail over; answers its Message-ID. ``Invalid`` when the address is refused for good."""


class EmailLog(Protocol):
    """Sent e-mails, and every attempt with its outcome."""

    async def was_sent(self, mail: Mail) -> bool:
        """Whether this e-mail was handed over before."""

    async def asker_has_left(self, mail: Mail) -> bool:
        """Whether it answers the question of somebody who has left since."""

    async def record(
        self,
        mail: Mail,
        subject: str,
        attachments: list[str],
        message_id: str | None,
        error: str | None,
        *,
        for_good: bool = False,
        version: int | None = None,
    ) -> None:
        """Log an attempt; with a Message-ID it succeeded. An error ``for_good`` is one that a retry cannot repair.

        What need not be tried again is removed from the outbox with it, when it waits there, for this version.
        """


class Documents(Protocol):
    """Printed documents, ready to attach."""

    async def pdf(self, number: str) -> bytes:
        """The printed document of that number."""


class Contacts(Protocol):
    """What people are called and where they can be reached now."""

    async def contact(
        self, person_id: str, mentioned: Collection[str] = (), about: str = ""
    ) -> tuple[Recipient | None, dict[str, str]]:
        """A reader's name and e-mail address, and names of others by id. None for who has left, has no address, or
        wants no e-mails ``about`` that, a slug.

        Raises:
            LookupError: there is no such reader, or not yet. No refusal, which would never be retried.
        """

    async def contact_before(self, change: str) -> Recipient:
        """Name and e-mail address of whose contact was changed, as the address was before.

        Raises:
            LookupError: there is no such change, not yet or not any more.
        """


class Reminders(Protocol):
    """Tells the readers of e-mails that no move sends the same in the application."""

    async def remind(self, email: BookingEmail) -> None:
        """Have it told, once."""


class EmailActivities:
    """Sends e-mails, on a queue of their own so that a slow mail server delays nothing else.

    ``contacts`` are the people of each kind of booking, ``reminders`` those of kinds that have notices.
    """

    def __init__(
        self,
        sender: Sender,
        log: EmailLog,
        documents: Documents,
        contacts: Mapping[str, Contacts],
        reminders: Mapping[str, Reminders] = MappingProxyType({}),
    ) -> None:
        self._sender = sender
        self._log = log
        self._documents = documents
        self._contacts = contacts
        self._reminders = reminders

    @activity.defn
    async def send_booking_email(self, email: BookingEmail) -> bool:
        """Send an e-mail about a booking unless it was sent before; True when it was sent now.

        It goes to the address that its reader has today. Who has none any more gets nothing.
        """
        if (reminders := self._reminders.get(email.kind)) is not None and not email.resend:
            await reminders.remind(email)
        return await self._send_once(email)

    @activity.defn
    async def send_account_email(self, email: AccountEmail) -> bool:
        """The same for an e-mail that belongs to no booking."""
        return await self._send_once(email)

    async def send_from_outbox(self, email: BookingEmail, version: int) -> bool:
        """The same for one that was not sent before and waits in the outbox, for this version of its booking.

        True: it is not there any more.
        """
        return await self._send_to_reader(email, version)

    async def _send_once(self, mail: Mail) -> bool:
        return not await self._log.was_sent(mail) and await self._send_to_reader(mail)

    async def _send_to_reader(self, mail: Mail, version: int | None = None) -> bool:
        try:
            addressed = await self._addressed(mail)
        except LookupError:
            if activity.info().started_time - mail.at < UNKNOWN_FOR:
                raise
            addressed = None
        if addressed is None:
            activity.logger.info("e-mail %s is not sent: its reader has no address, or wants none", mail.identity)
            return False
        return await self._send(addressed, version)

    async def _addressed(self, mail: Mail) -> Mail | None:
        """The e-mail with the address and the names of today; one to an address that was typed goes there, unless it
        was the address of somebody who has left."""
        if not mail.person_id or not mail.kind:
            return None if await self._log.asker_has_left(mail) else mail
        contacts = self._contacts[mail.kind]
        if isinstance(mail, AccountEmail) and mail.slug is AccountEmailSlug.CONTACT_CHANGED:
            before = await contacts.contact_before(mail.key)
            return replace(mail, to=before.email, name=before.name)
        people = mail.people if isinstance(mail, BookingEmail) else {}
        reader, names = await contacts.contact(mail.person_id, people.values(), mail.slug)
        if reader is None:
            return None
        facts = mail.facts | {fact: names.get(who, "") for fact, who in people.items()}
        return replace(mail, to=reader.email, name=reader.name, facts=facts)

    async def _send(self, mail: Mail, version: int | None) -> bool:
        """One attempt. It is logged beyond its time limit: what was handed over must be known as sent."""
        document = mail.document if isinstance(mail, BookingEmail) else None
        names, subject = [_filename(document)] if document else [], ""
        try:
            async with asyncio.timeout(SENT_WITHIN.total_seconds()):
                subject = self._sender.subject(mail)
                message_id = await self._sender.send(mail, await self._attachments(document))
        except Exception as failure:
            for_good = isinstance(failure, Invalid)
            error = f"{type(failure).__name__}: {failure}"[:500]
            await self._log.record(mail, subject, names, None, error, for_good=for_good, version=version)
            if for_good:
                return False
            raise
        await self._log.record(mail, subject, names, message_id, None, version=version)
        return True

    async def _attachments(self, document: str | None) -> list[Attachment]:
        if document is None:
            return []
        return [Attachment(_filename(document), "application/pdf", await self._documents.pdf(document))]


def _filename(document: str) -> str:
    return f"{document}.pdf"
