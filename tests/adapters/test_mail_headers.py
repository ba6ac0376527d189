"""Headers that are made once are what the standard library writes each time."""

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.headers import POLICY

WORDS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=120).map(
    lambda text: " ".join(text.replace("=?", "").split())
)
NAMES = WORDS.map(lambda text: "".join(each for each in text if each not in '()<>[]:;@\\,"'))


def mail(policy: EmailPolicy, name: str, subject: str) -> bytes:
    """One with the headers of ours, and two parts."""
    message = EmailMessage(policy=policy)
    message["From"] = str(Address("RevCare", addr_spec="service@revcare.example"))
    message["To"] = str(Address(name, addr_spec="asha@example.com"))
    message["Subject"] = subject
    message["Date"] = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    message["Message-ID"] = "<1021.a-slug-of-some-length-that-makes-it-long.117-resend-12@mail.of.the.shop.example>"
    message["X-RevCare-Notice"] = "estimate-ready"
    message.set_content("words ₹", cte="quoted-printable")
    message.make_alternative(boundary="=_words")
    message.add_alternative("<p>words</p>", subtype="html", cte="quoted-printable")
    return message.as_bytes()


@given(NAMES, WORDS)
def test_a_mail_is_the_same_to_the_byte_the_second_time_too(name: str, subject: str) -> None:
    expected = mail(SMTP, name, subject)
    assert mail(POLICY, name, subject) == expected
    assert mail(POLICY, name, subject) == expected


def test_a_header_is_folded_as_each_server_takes_it() -> None:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = "नमस्ते"
    assert b"=?utf-8?" in message.as_bytes()
    assert "नमस्ते".encode() in message.as_bytes(policy=SMTP.clone(utf8=True))
    assert b"=?utf-8?" in message.as_bytes()
