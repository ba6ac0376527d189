"""Hands a mail to the SMTP server.

A mail's headers say which notice it is, and its Message-ID is made of the same words: should a crash make us send it
twice, the reader's mail server can tell that it is one mail.
"""

import re
from collections.abc import Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from functools import lru_cache
from typing import Any

import aiosmtplib

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail.connections import Connections
from adapters.mail.headers import POLICY, REMEMBERED
from adapters.mail.parts import words_part
from adapters.mail.render import KindTemplates, Renderer, Shop, one_line
from adapters.mail_addresses import with_ascii_domain
from domain.account_emails import Mail
from domain.emails import Attachment, BookingEmail
from domain.errors import Invalid
from settings import Mail as MailServer

_TIMEOUT_SECONDS = 10
_ADDRESS = re.compile(r"(?!.*=\?)[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,253}")
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,"]')
_WORDS, _ALL = "=_words", "=_all"
"""What separates the parts of a mail. Neither quoted-printable nor base64 can contain it, so nobody has to look."""
_NOT_THE_ADDRESS = frozenset({503, 530})
"""Permanent answers to RCPT that speak of us (wrong order of commands, login needed), not of the reader."""


def connection_options(config: MailServer) -> dict[str, Any]:
    """How the server is reached, as ``aiosmtplib.SMTP`` takes it."""
    return {
        "hostname": config.server,
        "port": config.port,
        "username": config.username,
        "password": config.password.get_secret_value() if config.password else None,
        "use_tls": config.ssl_tls,
        "start_tls": config.starttls and not config.ssl_tls,
        "timeout": _TIMEOUT_SECONDS,
        "local_hostname": config.mail_from.rpartition("@")[2],  # else every mail would look our own name up in the DNS
    }


class MailSender:
    """Sends mails from the shop's address; ``close()`` it at the end."""

    def __init__(
        self,
        config: MailServer,
        public_url: str,
        password_links: PasswordLinks,
        contact_links: ContactLinks,
        kinds: Mapping[str, KindTemplates],
        *,
        codes: Codes,
        rehearsal: bool = False,
    ) -> None:
        self._config = config
        shop = Shop(config.from_name, public_url)
        self._renderer = Renderer(
            shop=shop,
            password_links=password_links,
            contact_links=contact_links,
            codes=codes,
            kinds=kinds,
            rehearsal=rehearsal,
        )
        self._host = config.mail_from.rpartition("@")[2]
        self._connections = Connections(**connection_options(config))

    def subject(self, mail: Mail) -> str:
        """The subject line, for the log."""
        return self._renderer.subject(mail)

    async def send(self, mail: Mail, attachments: Sequence[Attachment] = ()) -> str:
        """Hand the mail over; answers its Message-ID.

        Raises:
            Invalid: the address is malformed or refused for good; sending again is of no use.
        """
        message = self.compose(mail, attachments)  # half a millisecond: a thread would make it longer
        try:
            await self._connections.send(message, self._config.mail_from, with_ascii_domain(mail.to))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            if all(_for_good(answer.code) for answer in refused.recipients):
                raise Invalid("the mail server refuses the address for good") from refused
            raise
        return str(message["Message-ID"])

    def compose(self, mail: Mail, attachments: Sequence[Attachment] = ()) -> EmailMessage:
        """The mail as it travels."""
        rendered = self._renderer.render(mail)
        message = EmailMessage(policy=POLICY)
        shop = self._renderer.shop_of(mail)
        message["From"] = _mailbox(shop.name, self._config.mail_from)
        message["To"] = _recipient(mail)
        message["Subject"] = _header(rendered.subject)
        # The moment it tells of, so that a repeat is the same mail.
        message["Date"] = mail.at
        message["Message-ID"] = f"<{mail.identity}{f'-resend-{mail.resend}' if mail.resend else ''}@{self._host}>"
        message["X-RevCare-Notice"] = str(mail.slug)
        if isinstance(mail, BookingEmail):
            message["X-RevCare-Booking"] = str(mail.booking_id)
            message["X-RevCare-Sequence"] = str(mail.sequence)
        message["Auto-Submitted"] = "auto-generated"
        message["MIME-Version"] = "1.0"
        message["Content-Type"] = f'multipart/alternative; boundary="{_WORDS}"'
        message.attach(words_part("plain", rendered.text))
        message.attach(words_part("html", rendered.html))
        if attachments:
            message.make_mixed(boundary=_ALL)
        for attachment in attachments:
            _attach(message, attachment)
        return message

    async def close(self) -> None:
        """End the connections to the mail server."""
        await self._connections.close()


def _for_good(code: int) -> bool:
    return code >= 500 and code not in _NOT_THE_ADDRESS


def _recipient(mail: Mail) -> str:
    address = with_ascii_domain(mail.to)
    if not _ADDRESS.fullmatch(address):
        raise Invalid("the mail address is malformed")
    try:
        return _mailbox(mail.name, address)
    except (ValueError, IndexError, MessageError) as malformed:
        raise Invalid("the mail address is malformed") from malformed


@lru_cache(REMEMBERED)
def _mailbox(name: str, address: str) -> str:
    """As a header has it. A malformed address is refused each time."""
    return str(Address(_display_name(name), addr_spec=address))


def _header(text: str) -> str:
    """Words for a header. An encoded word ("=?utf-8?q?...") would be decoded again, line breaks included."""
    return one_line(text).replace("=?", "= ?")


def _display_name(text: str) -> str:
    """A name beside an address, without what could make it another address: the quotes around a long name are lost
    when the standard library folds the line."""
    return one_line(_SPECIAL.sub(" ", _header(text)))


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    kind, _, subtype = attachment.content_type.partition("/")
    filename = re.sub(r"[^\w.()-]+", "-", attachment.filename)
    message.add_attachment(attachment.content, maintype=kind, subtype=subtype, filename=filename)
