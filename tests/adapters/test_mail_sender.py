"""Mails on the wire: a real SMTP server takes them and may refuse."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail import MailSender
from adapters.mail.render import KindTemplates
from domain.emails import Attachment, BookingEmail
from domain.errors import Invalid
from kinds.vehicle_service.domain.emails import OPTIONAL_FACTS, BookingEmailSlug
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.emails import TEMPLATES
from settings import Mail, Secrets
from tests.adapters.test_mail_words import notice
from tests.of_every import of_every

KINDS = {VEHICLE_SERVICE.name: KindTemplates(VEHICLE_SERVICE.emails, TEMPLATES, OPTIONAL_FACTS)}


class Mailbox:
    """The server's side: ``answers`` are given to RCPT first, then everything is taken."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 taken"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, hostname="localhost", loop=loop), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@pytest.fixture
async def sender(mailbox: Mailbox) -> AsyncIterator[MailSender]:
    sender = sender_to(mailbox.port)
    yield sender
    await sender.close()


def sender_to(port: int, **settings: Any) -> MailSender:
    config = Mail(server="127.0.0.1", port=port, from_name="RevCare", MAIL_FROM="service@revcare.example", **settings)
    links = PasswordLinks(Secrets()), ContactLinks(Secrets())
    return MailSender(config, "https://revcare.example", *links, KINDS, codes=Codes(Secrets()))


ESTIMATE: BookingEmail = notice(BookingEmailSlug.ESTIMATE_READY)


async def test_a_mail_says_which_notice_it_is(sender: MailSender, mailbox: Mailbox) -> None:
    message_id = await sender.send(ESTIMATE)
    (recipients, mail) = mailbox.taken[0]
    assert recipients == ["asha@example.com"]
    assert message_id == "<1021.estimate-ready.1@revcare.example>"
    told = {name: mail[name] for name in ("X-RevCare-Booking", "X-RevCare-Notice", "X-RevCare-Sequence", "Message-ID")}
    assert told == {
        "X-RevCare-Booking": "1021",
        "X-RevCare-Notice": "estimate-ready",
        "X-RevCare-Sequence": "1",
        "Message-ID": message_id,
    }
    assert mail["From"] == "RevCare <service@revcare.example>"
    assert mail["To"] == "Asha Rao <asha@example.com>"
    assert mail["Subject"] == sender.subject(ESTIMATE) == "Booking 1021: your estimate is ready"
    assert mail["Date"].datetime == ESTIMATE.at.replace(microsecond=0)


async def test_a_repeat_is_the_same_mail(sender: MailSender, mailbox: Mailbox) -> None:
    assert await sender.send(ESTIMATE) == await sender.send(ESTIMATE)
    first, second = (mail for _, mail in mailbox.taken)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    assert first.as_bytes() == second.as_bytes()


async def test_words_that_look_like_the_end_of_a_part_do_not_end_it(sender: MailSender, mailbox: Mailbox) -> None:
    facts = ESTIMATE.facts | {"vehicle": "--=_words-- --=_all--"}
    attached = Attachment("RC-1.pdf", "application/pdf", b"\r\n--=_all--\r\n--=_words--\r\n")
    await sender.send(replace(ESTIMATE, facts=facts), [attached])
    mail = mailbox.taken[0][1]
    assert "--=_words-- --=_all--" in mail.get_body(("plain",)).get_content()
    assert mail.get_body(("html",)).get_content().rstrip().endswith("</html>")
    assert [each.get_content() for each in mail.iter_attachments()] == [attached.content]


async def test_another_sequence_is_another_mail(sender: MailSender) -> None:
    assert await sender.send(ESTIMATE) != await sender.send(replace(ESTIMATE, sequence=2))


async def test_a_mail_has_a_text_and_a_page(sender: MailSender, mailbox: Mailbox) -> None:
    await sender.send(ESTIMATE)
    mail = mailbox.taken[0][1]
    assert mail.get_content_type() == "multipart/alternative"
    assert "₹2,950.00" in mail.get_body(("plain",)).get_content()
    assert "₹2,950.00" in mail.get_body(("html",)).get_content()


async def test_attachments_arrive_as_they_were(sender: MailSender, mailbox: Mailbox) -> None:
    pdf = Attachment("RC/26-27/000001.pdf", "application/pdf", bytes(range(256)) * 40)
    await sender.send(notice(BookingEmailSlug.INVOICE), [pdf])
    mail = mailbox.taken[0][1]
    assert mail.get_content_type() == "multipart/mixed"
    (arrived,) = mail.iter_attachments()
    assert arrived.get_filename() == "RC-26-27-000001.pdf"
    assert arrived.get_content_type() == "application/pdf"
    assert arrived.get_content() == pdf.content
    assert mail.get_body(("html",)) is not None


@of_every(
    [
        "Asha\r\nBcc: everyone@example.com",
        "Asha\nX-RevCare-Booking: 7\n\nbody",
        "=?utf-8?q?Asha=0D=0ABcc:_everyone@example.com?=",
        'Asha" <everyone@example.com>, "',
        "Asha\u2028Bcc: everyone@example.com",
        "आशा राव" * 30,
        "",
        "Asha <everyone@example.com>, " + "Rao " * 30,
        "Asha everyone@example.com, everybody:" + "R" * 90 + ";",
        'A. B. "Rao" \\" ' * 12,
    ],
)
async def test_no_name_can_add_a_header_or_a_reader(name: str, sender: MailSender, mailbox: Mailbox) -> None:
    vehicle = {"vehicle": name, "registration_number": name}
    await sender.send(replace(ESTIMATE, name=name, facts=ESTIMATE.facts | vehicle))
    [(recipients, mail)] = mailbox.taken
    mailbox.taken.clear()
    assert recipients == ["asha@example.com"]
    assert mail["Bcc"] is None
    assert mail.get_all("X-RevCare-Booking") == ["1021"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["asha@example.com"]
    assert mail.get_content_type() == "multipart/alternative"


@of_every(
    [
        "",
        "asha",
        "asha@",
        "@example.com",
        "a b@example.com",
        "asha@example.com\r\nBcc: everyone@example.com",
        "asha@example.com, everyone@example.com",
        "asha@example.com>",
        "asha@example..com.",
        "=?utf-8?q?asha=0D=0ABcc:_everyone?=@example.com",
        "a" * 65 + "@example.com",
    ],
)
async def test_a_malformed_address_is_refused_before_the_wire(
    address: str, sender: MailSender, mailbox: Mailbox
) -> None:
    with pytest.raises(Invalid):
        await sender.send(replace(ESTIMATE, to=address))
    assert mailbox.taken == []


async def test_an_address_refused_for_good_is_not_tried_again(sender: MailSender, mailbox: Mailbox) -> None:
    mailbox.answers = ["550 no such person"]
    with pytest.raises(Invalid):
        await sender.send(ESTIMATE)


@pytest.mark.parametrize("answer", ["451 come back later", "450 greylisted", "530 log in first"])
async def test_a_refusal_that_may_pass_is_a_fault_to_retry(sender: MailSender, mailbox: Mailbox, answer: str) -> None:
    mailbox.answers = [answer]
    with pytest.raises(aiosmtplib.SMTPException):
        await sender.send(ESTIMATE)
    assert await sender.send(ESTIMATE)
    assert len(mailbox.taken) == 1


async def test_a_server_that_is_down_is_a_fault_to_retry(mailbox: Mailbox) -> None:
    nobody = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = nobody.sockets[0].getsockname()[1]
    nobody.close()
    await nobody.wait_closed()
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await sender_to(port).send(ESTIMATE)


async def test_the_login_of_the_settings_is_used() -> None:
    box, logins = Mailbox(), []

    def remember(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword) -> AuthResult:
        logins.append((login.login, login.password))
        return AuthResult(success=True)

    with pytest.warns(UserWarning, match="Requiring AUTH while not requiring TLS"):
        server = SMTP(box, hostname="localhost", authenticator=remember, auth_required=True, auth_require_tls=False)
    listening = await asyncio.get_running_loop().create_server(lambda: server, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        sender = sender_to(port, username="shop", password="secret")
        await sender.send(ESTIMATE)
        await sender.close()
    assert logins == [(b"shop", b"secret")]
    assert len(box.taken) == 1


@pytest.mark.parametrize("encryption", ["starttls", "ssl_tls"])
async def test_a_server_without_the_wanted_encryption_gets_nothing(mailbox: Mailbox, encryption: str) -> None:
    with pytest.raises((aiosmtplib.SMTPException, OSError)):
        await sender_to(mailbox.port, **{encryption: True}).send(ESTIMATE)
    assert mailbox.taken == []


async def test_a_domain_beyond_ascii_is_sent_in_ascii(sender: MailSender, mailbox: Mailbox) -> None:
    await sender.send(replace(ESTIMATE, to="asha@bücher.example"))
    (recipients, mail) = mailbox.taken[0]
    assert recipients == ["asha@xn--bcher-kva.example"]
    assert mail["To"] == "Asha Rao <asha@xn--bcher-kva.example>"
    assert str(mail).isascii()
