"""The mailbox of the stack, by SMTP in and by HTTP out."""

import asyncio
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest

from devstack.stack import Stack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("mail"), {"mail"}, discard=True) as stack:
        yield stack


@pytest.fixture
async def mailbox(stack: Stack):
    async with httpx.AsyncClient(base_url=stack.info["mail"]["api"], trust_env=False) as client:
        await client.delete("/messages")
        yield client


def send(stack: Stack, to: str = "asha@example.com", subject: str = "Your estimate is ready", pdf: bytes = b"") -> None:
    mail = EmailMessage()
    mail["From"] = "RevCare <service@revcare.example>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["X-RevCare-Booking"] = "BK000001"
    mail.set_content("Total ₹1,947.00\n")
    mail.add_alternative("<p>Total <b>₹1,947.00</b></p><script>alert(1)</script>", subtype="html")
    if pdf:
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename="invoice ₹ 7.pdf")
    host, port = stack.info["mail"]["smtp"].split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.send_message(mail)


async def test_a_mail_is_shown_in_the_agreed_shape(stack: Stack, mailbox: httpx.AsyncClient) -> None:
    send(stack, pdf=b"%PDF-1.7 tiny")
    [mail] = (await mailbox.get("/messages")).json()
    assert set(mail) == {"id", "from", "to", "subject", "text", "html", "headers", "attachments", "received_at"}
    assert mail["from"] == "service@revcare.example"
    assert mail["to"] == ["asha@example.com"]
    assert mail["subject"] == "Your estimate is ready"
    assert mail["text"].strip() == "Total ₹1,947.00"
    assert "<b>₹1,947.00</b>" in mail["html"]
    assert mail["headers"]["X-RevCare-Booking"] == "BK000001"
    assert mail["attachments"] == [{"filename": "invoice ₹ 7.pdf", "content_type": "application/pdf", "size": 13}]
    assert mail["received_at"].endswith("Z")


async def test_an_attachment_comes_back_byte_for_byte(stack: Stack, mailbox: httpx.AsyncClient) -> None:
    content = bytes(range(256)) * 300
    send(stack, pdf=content)
    [mail] = (await mailbox.get("/messages")).json()
    answer = await mailbox.get(f"/messages/{mail['id']}/attachments/invoice ₹ 7.pdf")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (await mailbox.get(f"/messages/{mail['id']}/attachments/other.pdf")).status_code == 404


async def test_mails_are_found_by_recipient_newest_last_and_survive_a_kill(
    stack: Stack, mailbox: httpx.AsyncClient
) -> None:
    for subject in ("first", "second"):
        send(stack, subject=subject)
    send(stack, to="ravi@example.com", subject="other")
    old = stack.kill("mail")
    await asyncio.to_thread(stack.wait_ready, "mail", instead_of=old)
    found = (await mailbox.get("/messages", params={"to": "Asha@Example.com"})).json()
    assert [mail["subject"] for mail in found] == ["first", "second"]
    everybodys = (await mailbox.get("/messages")).json()
    assert everybodys[:2] == found  # a second look shows the same
    assert [mail["subject"] for mail in everybodys] == ["first", "second", "other"]


async def test_the_page_lists_mails_and_shows_each_where_it_can_do_no_harm(
    stack: Stack, mailbox: httpx.AsyncClient
) -> None:
    send(stack, subject="<b>bold</b>", pdf=b"x")
    [mail] = (await mailbox.get("/messages")).json()
    page = (await mailbox.get("/")).text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert f"/messages/{mail['id']}/page" in page
    shown = await mailbox.get(f"/messages/{mail['id']}/html")
    assert "<b>₹1,947.00</b>" in shown.text
    assert shown.headers["content-security-policy"].startswith("sandbox;")
    assert "<iframe sandbox" in (await mailbox.get(f"/messages/{mail['id']}/page")).text
    assert "Total ₹1,947.00" in (await mailbox.get(f"/messages/{mail['id']}/text")).text


async def test_deleting_empties_the_mailbox(stack: Stack, mailbox: httpx.AsyncClient) -> None:
    send(stack)
    assert (await mailbox.delete("/messages")).status_code == 200
    assert (await mailbox.get("/messages")).json() == []
    assert (await mailbox.get("/messages/999")).status_code == 404


async def test_a_mail_is_kept_byte_for_byte_and_a_line_that_is_too_long_is_refused(
    stack: Stack, mailbox: httpx.AsyncClient
) -> None:
    whole = "Subject: dots\r\n\r\n.\r\n..one\r\n\r\n" + "x" * 998 + "\r\n.\r\nthe last\r\n"
    host, port = stack.info["mail"]["smtp"].split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        with pytest.raises(smtplib.SMTPDataError, match="too long"):
            smtp.sendmail("service@revcare.example", "asha@example.com", whole.replace("xxx", "xxxxx"))
        smtp.sendmail("service@revcare.example", "asha@example.com", whole)
    [mail] = (await mailbox.get("/messages")).json()
    assert (await mailbox.get(f"/messages/{mail['id']}/source")).content == whole.encode()
