"""Parts whose headers are made once, and a mail that is written at once, are as the standard library makes them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mail.headers import POLICY
from adapters.mail.parts import as_sent, words_part
from tests.of_every import of_every

TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), max_size=5).map("\n".join)
LINE = 76
"""RFC 2045."""


def made_by_the_library(subtype: str, words: str) -> EmailMessage:
    """As the first or the second part of an alternative."""
    whole = EmailMessage(policy=SMTP)
    whole.set_content("" if subtype == "html" else words, cte="quoted-printable")
    whole.make_alternative()
    whole.add_alternative(words, subtype=subtype, cte="quoted-printable")
    return list(whole.iter_parts())[subtype == "html"]


@of_every(["plain", "html"])
@given(TEXTS)
@example("-- \nwords of ₹ \t\n.\n..\nFrom here\r\nto\rthere = " + "₹" * 80 + " ")
def test_a_part_says_the_same_under_the_same_headers_in_lines_that_every_server_takes(subtype: str, words: str) -> None:
    part, expected = words_part(subtype, words), made_by_the_library(subtype, words)
    assert part.items() == expected.items()
    assert part.get_content() == expected.get_content()
    assert all(len(line) <= LINE for line in part.get_payload().split("\n"))
    assert part.as_bytes().isascii()


def test_a_part_knows_nothing_of_the_one_before() -> None:
    first, second = words_part("plain", "first"), words_part("plain", "second")
    assert [first.get_content(), second.get_content()] == ["first\n", "second\n"]


@given(TEXTS, TEXTS, st.binary(max_size=300))
@example("a\r\nb\rc\n.\n\n", "-- \n", bytes(range(256)))
def test_a_mail_is_written_as_the_standard_library_writes_it(text: str, page: str, document: bytes) -> None:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = "नमस्ते"
    message.set_content(text)
    message.make_alternative(boundary="=_words")
    message.attach(words_part("html", page))
    message.make_mixed(boundary="=_all")
    message.add_attachment(document, maintype="application", subtype="pdf", filename="RC-1.pdf")
    message.preamble = "for\nreaders\r\nof old\r"
    sent = as_sent(message)
    assert sent == message.as_bytes(policy=SMTP.clone(cte_type="7bit"))
    [arrived] = message_from_bytes(sent, policy=SMTP).iter_attachments()
    assert arrived.get_content() == document
