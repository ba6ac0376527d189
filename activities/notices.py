"""Mails: exactly once per (booking, kind, sequence), every attempt in the log."""

from collections.abc import Sequence
from typing import Protocol

from temporalio import activity

from domain.errors import Invalid
from domain.notices import Attachment, Notice


class Sender(Protocol):
    """The way to the mail server."""

    def subject(self, notice: Notice) -> str:
        """The subject line, for the log."""

    async def send(self, notice: Notice, attachments: Sequence[Attachment]) -> str:
        """Hand the mail over; answers its Message-ID. ``Invalid`` when the address is refused for good."""


class NoticeLog(Protocol):
    """Which mails left, and how each attempt went."""

    async def was_sent(self, notice: Notice) -> bool:
        """That very mail was handed over before."""

    async def record(
        self, notice: Notice, subject: str, attachments: list[str], message_id: str | None, error: str | None
    ) -> None:
        """One attempt; with a Message-ID it succeeded and the mail is marked as sent."""


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
    async def send_notice(self, notice: Notice) -> bool:
        """Send the mail unless it left before; True when it left now."""
        if await self._log.was_sent(notice):
            return False
        attachments = await self._attachments(notice)
        subject, names = self._sender.subject(notice), [attachment.filename for attachment in attachments]
        try:
            message_id = await self._sender.send(notice, attachments)
        except Exception as failure:
            await self._log.record(notice, subject, names, None, f"{type(failure).__name__}: {failure}"[:500])
            if isinstance(failure, Invalid):
                return False
            raise
        await self._log.record(notice, subject, names, message_id, None)
        return True

    async def _attachments(self, notice: Notice) -> list[Attachment]:
        if notice.document is None:
            return []
        content = await self._documents.pdf(notice.document)
        return [Attachment(f"{notice.document}.pdf", "application/pdf", content)]
