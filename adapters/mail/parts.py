"""Parts of an e-mail, by the standard library, with what is the same in every mail made once."""

from binascii import b2a_qp
from copy import copy
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO

from adapters.mail.headers import POLICY

_ON_THE_WIRE = POLICY.clone(cte_type="7bit")


def _without_words(subtype: str) -> EmailMessage:
    made = EmailMessage(policy=POLICY)
    made.set_content("", subtype=subtype, cte="quoted-printable")
    return made


_HEADERS = {subtype: _without_words(subtype) for subtype in ("plain", "html")}
del _HEADERS["plain"]["MIME-Version"]  # the first part of an alternative has none


def words_part(subtype: str, words: str) -> EmailMessage:
    """A part that is read: ``plain`` or ``html``. Its headers belong to all of its kind; do not change them.

    Quoted-printable in lines of 76 characters, as RFC 2045 wants them; ``set_content`` makes them 78 characters long.
    """
    part = copy(_HEADERS[subtype])
    lines = b"\n".join(words.encode().splitlines()) + b"\n"
    part.set_payload(b2a_qp(lines).decode("ascii"))
    return part


class _AtOnce(BytesGenerator):
    """Writes the lines of a part together and not each by itself; they are the same lines."""

    def _write_lines(self, lines: str) -> None:
        self.write(lines.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n"))


def as_sent(message: EmailMessage) -> bytes:
    """The mail as it is handed to a server, which need not take more than 7 bits."""
    written = BytesIO()
    _AtOnce(written, policy=_ON_THE_WIRE).flatten(message)
    return written.getvalue()
