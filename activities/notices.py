"""Mails: each exactly once by its identity, every attempt in the log."""

from collections.abc import Sequence
from typing import Protocol

from temporalio import activity

from domain.account_emails import AccountEmail, Mail
from domain.emails import Attachment, BookingEmail
from domain.errors import Invalid


class Sender(Protocol):
    """The way to the mail server."""

    def subject(self, mail: Mail) -> str:
        """The subject line, for the log."""

    async def send(self, mail: Mail, attachments: Sequence[Attachment]) -> str:
        """Hand the mail over; answers its Message-ID. ``Invalid`` when the address is refused for good."""


class NoticeLog(Protocol):
    """Which mails left, and how each attempt went."""

    async def was_sent(self, mail: Mail) -> bool:
        """That very mail was handed over before."""

    async def record(
        self,
        mail: Mail,
        subject: str,
        attachments: list[str],
        message_id: str | None,
        error: str | None,
        *,
        for_good: bool = False,
    ) -> None:
        """One attempt; with a Message-ID it succeeded. An error ``for_good`` is one that trying again cannot mend."""


class Documents(Protocol):
    """The books' documents, ready to attach."""

    async def pdf(self, number: str) -> bytes:
        """The printed document of that number."""


class NoticeActivities:
    """Sending mails, on a queue of its own so that a sleeping mail server delays nothing else."""

    def __init__(self, sender: Sender, log: NoticeLog, documents: Documents) -> None:
        self._sender = sender
        self._log = log
        self._documents = documents

    @activity.defn
    async def send_notice(self, notice: BookingEmail) -> bool:
        """Send the mail unless it left before; True when it left now."""
        if await self._log.was_sent(notice):
            return False
        return await self._send(notice, await self._attachments(notice))

    @activity.defn
    async def send_letter(self, letter: AccountEmail) -> bool:
        """The same for a mail that belongs to no booking."""
        if await self._log.was_sent(letter):
            return False
        return await self._send(letter, [])

    async def _send(self, mail: Mail, attachments: list[Attachment]) -> bool:
        subject, names = self._sender.subject(mail), [attachment.filename for attachment in attachments]
        try:
            message_id = await self._sender.send(mail, attachments)
        except Exception as failure:
            for_good = isinstance(failure, Invalid)
            error = f"{type(failure).__name__}: {failure}"[:500]
            await self._log.record(mail, subject, names, None, error, for_good=for_good)
            if for_good:
                return False
            raise
        await self._log.record(mail, subject, names, message_id, None)
        return True

    async def _attachments(self, notice: BookingEmail) -> list[Attachment]:
        if notice.document is None:
            return []
        content = await self._documents.pdf(notice.document)
        return [Attachment(f"{notice.document}.pdf", "application/pdf", content)]
