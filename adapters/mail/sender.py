"""Hands a notice to the SMTP server.

A mail's headers say which notice it is, and its Message-ID is made of the same words: should a crash make us send it
twice, the reader's mail server can tell that it is one mail.
"""

import re
from collections.abc import Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

from adapters.mail.render import Renderer, one_line
from domain.errors import Invalid
from domain.notices import Attachment, Notice
from settings import Mail

_TIMEOUT_SECONDS = 10
_ADDRESS = re.compile(r"(?!.*=\?)[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,253}")
_NOT_THE_ADDRESS = frozenset({503, 530})
"""Permanent answers to RCPT that speak of us (wrong order of commands, login needed), not of the reader."""


class MailSender:
    """Sends notices from the shop's address. Every mail has a connection of its own, so nothing can go stale."""

    def __init__(self, config: Mail, public_url: str) -> None:
        self._config = config
        self._renderer = Renderer(public_url=public_url, shop=config.from_name)
        self._host = config.mail_from.rpartition("@")[2]

    def subject(self, notice: Notice) -> str:
        """The subject line, for the log."""
        return self._renderer.subject(notice)

    async def send(self, notice: Notice, attachments: Sequence[Attachment] = ()) -> str:
        """Hand the mail over; answers its Message-ID.

        Raises:
            Invalid: the address is malformed or refused for good; sending again is of no use.
        """
        message = self.compose(notice, attachments)
        try:
            await self._deliver(message, notice.to)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(_for_good(answer.code) for answer in refused.recipients):
                raise Invalid("the mail server refuses the address for good") from refused
            raise
        return str(message["Message-ID"])

    def compose(self, notice: Notice, attachments: Sequence[Attachment] = ()) -> EmailMessage:
        """The mail as it travels."""
        rendered = self._renderer.render(notice)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(_header(self._config.from_name), addr_spec=self._config.mail_from)
        message["To"] = _recipient(notice)
        message["Subject"] = _header(rendered.subject)
        # The moment it tells of, so that a repeat is the same mail.
        message["Date"] = notice.at
        message["Message-ID"] = f"<{notice.booking_id}.{notice.kind.value}.{notice.sequence}@{self._host}>"
        message["X-RevCare-Booking"] = str(notice.booking_id)
        message["X-RevCare-Notice"] = notice.kind.value
        message["X-RevCare-Sequence"] = str(notice.sequence)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(rendered.text, cte="quoted-printable")
        message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        for attachment in attachments:
            _attach(message, attachment)
        return message

    async def _deliver(self, message: EmailMessage, to: str) -> None:
        config = self._config
        await aiosmtplib.send(
            message,
            sender=config.mail_from,
            recipients=[to],
            hostname=config.server,
            port=config.port,
            username=config.username,
            password=config.password.get_secret_value() if config.password else None,
            use_tls=config.ssl_tls,
            start_tls=config.starttls and not config.ssl_tls,
            timeout=_TIMEOUT_SECONDS,
            local_hostname=self._host,  # else every mail would look our own name up in the DNS
        )


def _for_good(code: int) -> bool:
    return code >= 500 and code not in _NOT_THE_ADDRESS


def _recipient(notice: Notice) -> Address:
    if not _ADDRESS.fullmatch(notice.to):
        raise Invalid("the mail address is malformed")
    try:
        return Address(_header(notice.name), addr_spec=notice.to)
    except (ValueError, IndexError, MessageError) as malformed:
        raise Invalid("the mail address is malformed") from malformed


def _header(text: str) -> str:
    """Words for a header. An encoded word ("=?utf-8?q?...") would be decoded again, line breaks included."""
    return one_line(text).replace("=?", "= ?")


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    kind, _, subtype = attachment.content_type.partition("/")
    filename = re.sub(r"[^\w.()-]+", "-", attachment.filename)
    message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=filename)
