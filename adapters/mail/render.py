"""Turns a mail into a subject, a text and a page of HTML.

Each slug is written once: those of accounts in ``templates``, those of bookings in a folder of their kind. The folders
``html`` and ``text`` hold the same layout and the same building blocks for either form, so both versions of a mail say
the same.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.auth.codes import Codes
from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from domain.account_emails import AccountEmail, AccountEmailSlug, Mail
from domain.amounts import grouped
from domain.emails import BookingEmail, EmailType

_TEMPLATES = Path(__file__).parent / "templates"
_TEXT_WIDTH = 72

ACCOUNT_SUBJECTS: dict[AccountEmailSlug, str] = {
    AccountEmailSlug.PASSWORD_RESET: "a new password for your account",
    AccountEmailSlug.SET_PASSWORD: "your account is ready, choose a password",
    AccountEmailSlug.QUERY_RESPONSE: "our answer to your question",
    AccountEmailSlug.CONTACT_CHANGED: "your contact details were changed",
    AccountEmailSlug.NEW_DEVICE: "somebody logged in on a new device",
    AccountEmailSlug.SECOND_FACTOR: "your second factor",
    AccountEmailSlug.CODE: "your code",
}
_CREDIT_NOTE_SUBJECT = "credit note {document}"


@dataclass(frozen=True, slots=True)
class Shop:
    """In whose name an e-mail is written, and the address of the pages that it links to."""

    name: str
    public_url: str


@dataclass(frozen=True, slots=True)
class KindTemplates:
    """The e-mails of a kind of booking: their subjects, and the folder with a template for each slug.

    ``optional`` facts can be left out; any other fact that is missing is a fault and stops the mail. Without a ``shop``
    they are written in the product's name.
    """

    emails: Mapping[str, EmailType]
    folder: Path
    optional: tuple[str, ...] = ()
    shop: Shop | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words."""

    subject: str
    text: str
    html: str


class Renderer:
    """Writes mails in the name of a kind's shop, with links to its public address; ``shop`` is that of all others."""

    def __init__(
        self,
        *,
        shop: Shop,
        password_links: PasswordLinks,
        contact_links: ContactLinks,
        codes: Codes,
        kinds: Mapping[str, KindTemplates],
        rehearsal: bool = False,
    ) -> None:
        """``rehearsal``: every subject begins with that word."""
        self._shop = shop
        self._before = "[Rehearsal] " if rehearsal else ""
        self._password_links = password_links
        self._contact_links = contact_links
        self._codes = codes
        self._kinds = kinds
        folders = {"": _TEMPLATES} | {name: kind.folder for name, kind in kinds.items()}
        self._html = {name: _environment("html", folder, autoescape=True) for name, folder in folders.items()}
        self._text = {name: _environment("text", folder, autoescape=False) for name, folder in folders.items()}

    def shop_of(self, mail: Mail) -> Shop:
        """In whose name the mail is."""
        kind = self._kinds.get(mail.kind)
        return kind.shop if kind and kind.shop else self._shop

    def subject(self, mail: Mail) -> str:
        """Short; that of a booking's mail has the booking's number."""
        return self._before + self._subject(mail)

    def _subject(self, mail: Mail) -> str:
        if isinstance(mail, AccountEmail):
            return f"{self.shop_of(mail).name}: {ACCOUNT_SUBJECTS[mail.slug]}"
        form = self._kinds[mail.kind].emails[mail.slug].subject
        if mail.facts.get("credit_note"):  # both documents travel under one slug
            form = _CREDIT_NOTE_SUBJECT
        return f"Booking {mail.booking_id}: {form.format(document=one_line(mail.document or ''))}"

    def render(self, mail: Mail) -> Rendered:
        """The whole mail."""
        told = self._told_in_account_email(mail) if isinstance(mail, AccountEmail) else self._told(mail)
        told |= {"subject": self.subject(mail), "shop": self.shop_of(mail).name, "name": one_line(mail.name)}
        kind = mail.kind if isinstance(mail, BookingEmail) else ""
        text, html = (forms[kind].get_template(f"{mail.slug}.j2").render(told) for forms in (self._text, self._html))
        return Rendered(told["subject"], _tidy(text), html)

    def _told_in_account_email(self, email: AccountEmail) -> dict[str, Any]:
        facts = {name: _lines(value) for name, value in email.facts.items()}
        told: dict[str, Any] = {"number": None, "link": None, "facts": facts}
        if email.slug in (AccountEmailSlug.NEW_DEVICE, AccountEmailSlug.SECOND_FACTOR):
            told["link"] = f"{self._address(email)}/password"
        elif email.slug is AccountEmailSlug.CODE:
            told |= {"code": self._codes.of(email.kind, email.key), "lasts": _lasting(email)}
        elif email.person_id is not None and email.good_until is not None:
            if email.slug is AccountEmailSlug.CONTACT_CHANGED:
                page, secret = "contact", self._contact_links.issue(email.kind, email.key, email.good_until)
            else:
                links = self._password_links
                page, secret = "password", links.issue(email.kind, email.person_id, email.at, email.good_until)
            # Behind the "#": what stands there is not sent to a server, so no log on the way has it.
            told |= {"link": f"{self._address(email)}/{page}#token={secret}", "lasts": _lasting(email)}
        return told

    def _told(self, notice: BookingEmail) -> dict[str, Any]:
        facts = {name: one_line(value) for name, value in notice.facts.items()}
        return {
            "link": f"{self._address(notice)}/bookings/{notice.booking_id}",
            "number": notice.booking_id,
            "facts": dict.fromkeys(self._kinds[notice.kind].optional, "") | facts,
            "lines": notice.lines,
            "document": one_line(notice.document or ""),
            "round_off": _round_off(facts),
        }

    def _address(self, mail: Mail) -> str:
        return self.shop_of(mail).public_url.rstrip("/")


def one_line(text: str) -> str:
    """The text without line breaks and other control characters, which have no business in a name or a header."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())


def inr(amount: str) -> str:
    """Rupees as the domain writes them, for reading: ``"165000.00"`` -> ``"₹1,65,000.00"``."""
    paise = int(Decimal(amount) * 100)
    return f"{'-' if paise < 0 else ''}₹{grouped(abs(paise))}"


def wrapped(text: str) -> str:
    """A paragraph of the text version."""
    return textwrap.fill(" ".join(text.split()), _TEXT_WIDTH, break_long_words=False, break_on_hyphens=False)


def paragraphs(text: str) -> str:
    """What somebody wrote in lines, for the text version."""
    return "\n".join(wrapped(line) for line in text.splitlines())


def _lines(text: str) -> str:
    """The text without control characters other than its line breaks."""
    return "\n".join(one_line(line) for line in text.splitlines())


def _lasting(email: AccountEmail) -> str:
    """How long the link or the code is good, in words: "7 days", "1 hour"."""
    left = email.good_until - email.at if email.good_until else timedelta()
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if left >= length:
            count = left // length
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "a moment"


def _round_off(facts: dict[str, str]) -> str:
    """What is between the total and its parts, where the shop rounds to whole rupees; nothing to say otherwise."""
    total, subtotal, gst = (Decimal(facts.get(name, "0")) for name in ("total", "subtotal", "gst"))
    return str(total - subtotal - gst) if total != subtotal + gst else ""


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def _environment(form: str, folder: Path, *, autoescape: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader([_TEMPLATES / form, folder]),
        autoescape=autoescape,  # noqa: S701 - off for the text version only
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # no template changes while we run, and each mail has a dozen of them
    )
    made.filters |= {"inr": inr, "wrapped": wrapped, "paragraphs": paragraphs, "one_line": one_line}
    return made
