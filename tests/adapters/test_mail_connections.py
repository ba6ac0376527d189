"""Connections to the mail server are kept; whatever the server does with them, what it took is not sent again."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP

from adapters.mail import connections
from adapters.mail.connections import Connections
from tests.workflows.running_booking import eventually

FROM, TO = "service@revcare.example", "asha@example.com"


class Session(SMTP):
    """A connection as the server sees it."""

    def __init__(self, server: "MailServer") -> None:
        super().__init__(server, hostname="localhost", loop=asyncio.get_running_loop())
        self.goodbye = False
        server.sessions.append(self)

    def hang_up(self) -> None:
        self.transport.close()

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        self.goodbye = True
        await super().smtp_QUIT(arg)


class MailServer:
    """Takes every mail; ``at`` says what it does at the next MAIL, RCPT or DATA of somebody."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.taken: list[tuple[str, list[str]]] = []
        self.at: dict[str, str] = {}
        self.port = 0

    async def handle_MAIL(self, server: Any, _s: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if not (answer := self._answer("MAIL", server)):
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(self, server: Any, _s: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802
        if not (answer := self._answer("RCPT", server)):
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, _s: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.content.decode().rsplit("\r\n", 2)[1], envelope.rcpt_tos))
        return self._answer("DATA", server) or "250 taken"

    @property
    def words(self) -> list[str]:
        return [words for words, _ in self.taken]

    @property
    def connected(self) -> list[Session]:
        return [session for session in self.sessions if session.transport and not session.transport.is_closing()]

    def _answer(self, command: str, session: Session) -> str | None:
        answer = self.at.pop(command, None)
        if answer == "hang up":
            session.hang_up()
        return answer


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    server = MailServer()
    listening = await asyncio.get_running_loop().create_server(lambda: Session(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()


@pytest.fixture
async def post(server: MailServer) -> AsyncIterator[Connections]:
    post = Connections(hostname="127.0.0.1", port=server.port, start_tls=False, timeout=2, local_hostname="shop")
    yield post
    await post.close()


async def send(post: Connections, words: str, to: str = TO) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = FROM, to, "words"
    message.set_content(words)
    await post.send(message, FROM, to)


async def test_mails_one_after_another_go_over_one_connection(post: Connections, server: MailServer):
    sent = [f"mail {number}" for number in range(10)]
    for words in sent:
        await send(post, words)
    assert server.words == sent
    assert len(server.sessions) == 1


async def test_of_many_at_once_each_arrives_once_and_few_connections_are_kept(post, server):
    sent = {f"mail {number}" for number in range(25)}
    await asyncio.gather(*(send(post, words) for words in sent))
    assert sorted(server.words) == sorted(sent)
    await eventually(lambda: len(server.connected) == connections._KEPT)


async def test_a_mail_after_the_server_has_hung_up_goes_over_a_new_connection(post, server):
    await send(post, "first")
    server.sessions[0].hang_up()
    await eventually(lambda: not server.connected)
    await send(post, "second")
    assert server.words == ["first", "second"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
@pytest.mark.parametrize("answer", ["hang up", "421 too long unused"])
async def test_a_kept_connection_that_breaks_before_the_words_is_replaced_at_once(post, server, command, answer):
    await asyncio.gather(send(post, "first"), send(post, "second"))
    server.at[command] = answer
    await send(post, "third")
    assert sorted(server.words[:2]) == ["first", "second"]
    assert server.words[2:] == ["third"]
    assert len(server.sessions) == 3


async def test_a_mail_whose_words_were_sent_is_not_sent_again(post, server):
    """The server has it, but hangs up instead of saying so: a fault for the caller, who knows whether to try again."""
    await send(post, "first")
    server.at["DATA"] = "hang up"
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(post, "second")
    assert server.words == ["first", "second"]
    await send(post, "third")
    assert server.words == ["first", "second", "third"]


async def test_a_new_connection_that_breaks_is_a_fault(post, server):
    server.at["MAIL"] = "hang up"
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(post, "first")
    assert server.words == []


async def test_after_a_refusal_the_next_mail_reaches_its_own_reader_only(post, server):
    await send(post, "first")
    server.at["RCPT"] = "550 no such person"
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await send(post, "second", "nobody@example.com")
    await send(post, "third", "ravi@example.com")
    assert server.taken == [("first", [TO]), ("third", ["ravi@example.com"])]


async def test_a_mail_that_is_given_up_leaves_no_connection_that_another_could_take(post, server):
    await send(post, "first")
    asking = asyncio.create_task(send(post, "second"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await send(post, "third")
    assert len(server.sessions) == 2
    assert [words for words in server.words if words != "second"] == ["first", "third"]


async def test_what_is_too_large_for_a_server_is_refused_before_its_words_are_sent(server):
    loop = asyncio.get_running_loop()
    small = await loop.create_server(lambda: SMTP(server, data_size_limit=500, loop=loop), "127.0.0.1", 0)
    async with small:
        port = small.sockets[0].getsockname()[1]
        post = Connections(hostname="127.0.0.1", port=port, start_tls=False, timeout=2, local_hostname="shop")
        for words in ("short", "also short"):
            with pytest.raises(aiosmtplib.SMTPSenderRefused, match="size"):
                await send(post, "word " * 100)
            await send(post, words)
        await post.close()
    assert server.words == ["short", "also short"]


@pytest.mark.parametrize(("limit", "value"), [("_AGE", 0.0), ("_MAILS", 1)])
async def test_an_old_or_much_used_connection_is_ended_politely(post, server, monkeypatch, limit, value):
    monkeypatch.setattr(connections, limit, value)
    for words in ("first", "second"):
        await send(post, words)
    await eventually(lambda: [session.goodbye for session in server.sessions] == [True, True])


async def test_connections_that_nobody_uses_are_ended(post, server, monkeypatch):
    monkeypatch.setattr(connections, "_UNUSED_FOR", 0.05)
    await asyncio.gather(*(send(post, words) for words in ("first", "second")))
    await eventually(lambda: not server.connected)
    assert all(session.goodbye for session in server.sessions)


async def test_at_the_end_all_are_ended_politely(post, server):
    await asyncio.gather(*(send(post, words) for words in ("first", "second")))
    await post.close()
    assert all(session.goodbye for session in server.sessions)
    assert len(server.words) == 2
