"""``adapters.mail`` and the relay that is named, or a server of this process."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from adapters.mail import MailSender
from adapters.mail.render import KindTemplates
from domain.errors import Invalid
from kinds.vehicle_service.domain.emails import OPTIONAL_FACTS, BookingEmailSlug
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.emails import TEMPLATES
from settings import Mail, Secrets
from tests.adapters.test_mail_words import notice
from tests.verify.services import MAIL_TO, given

KINDS = {VEHICLE_SERVICE.name: KindTemplates(VEHICLE_SERVICE.emails, TEMPLATES, OPTIONAL_FACTS)}


class Relay:
    """Where mails go, and what arrived there as far as these tests can see it."""

    def __init__(self, settings: Mail, to: str) -> None:
        self.to, self.taken = to, list[EmailMessage]()
        links = PasswordLinks(Secrets()), ContactLinks(Secrets())
        codes = Codes(Secrets())
        self.sender = MailSender(settings, "https://revcare.example", *links, KINDS, codes=codes, rehearsal=True)


class Taking:
    """The server's side of the embedded relay."""

    def __init__(self) -> None:
        self.relay: Relay | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.relay:
            self.relay.taken.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    if named := given("test_mail.py"):
        with pytest.MonkeyPatch.context() as environment:
            for name, value in named.items():
                environment.setenv(name, value)
            relay = Relay(Mail(), named[MAIL_TO])
        yield relay
        await relay.sender.close()
        return
    loop, taking = asyncio.get_running_loop(), Taking()
    server = await loop.create_server(lambda: SMTP(taking, hostname="localhost", loop=loop), "127.0.0.1", 0)
    settings = Mail(server="127.0.0.1", port=server.sockets[0].getsockname()[1], MAIL_FROM="shop@revcare.example")
    relay = taking.relay = Relay(settings, "asha@example.com")
    yield relay
    await relay.sender.close()
    server.close()
    await server.wait_closed()


async def test_two_mails_are_taken_over_one_connection_and_arrive_as_they_were_sent(relay):
    booking = secrets.randbelow(900_000) + 100_000
    mails = [
        replace(notice(BookingEmailSlug.ESTIMATE_READY), to=relay.to, booking_id=booking, sequence=number)
        for number in (1, 2)
    ]
    sent = [await relay.sender.send(mail) for mail in mails]
    assert len(set(sent)) == 2
    if not given("test_mail.py"):  # what arrives in somebody's mailbox is theirs to look at
        assert [mail["Message-ID"] for mail in relay.taken] == sent
        assert all(mail["Subject"].startswith("[Rehearsal]") for mail in relay.taken)


async def test_an_address_that_is_none_is_never_handed_over(relay):
    with pytest.raises(Invalid, match="malformed"):
        await relay.sender.send(replace(notice(BookingEmailSlug.ESTIMATE_READY), to="two@one.example, three"))
    assert relay.taken == []
