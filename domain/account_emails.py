"""E-mails of an account, not of a booking: links for a new password, changes of contact and of a second factor, logins
on new devices, codes that show whose an address is, answers to questions.

An account e-mail is identified by its slug and key; its Message-ID is made of these, so a repeat after a
crash is the same mail. Histories and logs keep them, so none carries a secret: a link is made while the mail is
written, from the person it is for and the moment it was asked for; a code from the number of its row.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.emails import BookingEmail


class AccountEmailSlug(StrEnum):
    """The slugs that mails carry in ``X-RevCare-Notice``."""

    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a mail
    SET_PASSWORD = "set-password"  # noqa: S105 - the name of a mail
    QUERY_RESPONSE = "query-response"
    CONTACT_CHANGED = "contact-changed"
    NEW_DEVICE = "new-device"
    SECOND_FACTOR = "second-factor"
    CODE = "code"


ACCOUNT_EMAIL_CATEGORIES: dict[AccountEmailSlug, str] = {
    AccountEmailSlug.PASSWORD_RESET: "Password Reset",
    AccountEmailSlug.SET_PASSWORD: "Password Reset",
    AccountEmailSlug.QUERY_RESPONSE: "Query Response",
    AccountEmailSlug.CONTACT_CHANGED: "Contact Changed",
    AccountEmailSlug.NEW_DEVICE: "New Device",
    AccountEmailSlug.SECOND_FACTOR: "Second Factor",
    AccountEmailSlug.CODE: "Code",
}


class FactorEvent(StrEnum):
    """What a second factor's owner is told of."""

    SET_UP = "set up"
    TAKEN_OFF = "taken off"
    TAKEN_OFF_BY_OPERATOR = "taken off by the operator"
    RECOVERY_CODE_USED = "recovery code used"
    NEW_RECOVERY_CODES = "new recovery codes"


@dataclass(frozen=True, slots=True)
class AccountEmail:
    """One mail: its identity, its reader, and the facts of the moment as text.

    With a ``person_id`` it is for that person of the ``kind``, and ``to`` and ``name`` are filled in when it is sent.
    Until ``good_until`` it holds a link: to set a password, or to take back the change of contact that ``key`` names;
    that one goes to the address from before the change. Others go ``to`` an address that somebody typed, who need not
    be known to us. Mails that were recorded before they named their kind have none.
    """

    slug: AccountEmailSlug
    key: str
    at: datetime
    facts: dict[str, str] = field(default_factory=dict)
    person_id: str | None = None
    good_until: datetime | None = None
    resend: int = 0
    kind: str = ""
    to: str = ""
    name: str = ""

    @property
    def identity(self) -> str:
        """What makes it this mail and no other; a resend has the same."""
        return f"{self.slug}.{self.key}"


_CONTACT = {"phone": "phone number", "email": "mail address"}

Mail = BookingEmail | AccountEmail
"""Everything that is mailed."""


@dataclass(frozen=True, slots=True)
class ResetRequest:
    """A request for a new password, by the e-mail address or phone that was typed: nobody knows yet whose it is."""

    key: str
    at: datetime
    good_until: datetime
    email: str | None = None
    phone: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an account e-mail reaches."""

    person_id: str
    name: str
    email: str


def reset_email(asked: ResetRequest, person: Recipient) -> AccountEmail:
    """The e-mail with the link for a new password."""
    slug = AccountEmailSlug.PASSWORD_RESET
    return password_email(asked.kind, slug, asked.key, person.person_id, asked.at, asked.good_until)


def password_email(
    kind: str, slug: AccountEmailSlug, key: str, person_id: str, at: datetime, good_until: datetime, resend: int = 0
) -> AccountEmail:
    """An e-mail with a link to set the password of a person of this kind."""
    return AccountEmail(slug, key, at, person_id=person_id, good_until=good_until, resend=resend, kind=kind)


def contact_changed_email(
    kind: str, change: str, person_id: str, names: Collection[str], at: datetime, good_until: datetime | None
) -> AccountEmail:
    """An e-mail to the address that a person had before a change; ``names`` are of "phone" and "email".

    Without ``good_until`` it has no link to take the change back.
    """
    facts = {"changed": " and ".join(_CONTACT[name] for name in names)}
    slug = AccountEmailSlug.CONTACT_CHANGED
    return AccountEmail(slug, change, at, facts, person_id=person_id, good_until=good_until, kind=kind)


def new_device_email(
    kind: str, session: str, person_id: str, device: str | None, address: str, moment: str, at: datetime
) -> AccountEmail:
    """An e-mail about a login on a device that was not known as the person's; ``moment`` is ``at`` in words."""
    facts = {"moment": moment, "device": device or "", "address": address}
    return AccountEmail(AccountEmailSlug.NEW_DEVICE, session, at, facts, person_id=person_id, kind=kind)


def moment_in_words(at: datetime, zone: str) -> str:
    """As an e-mail tells it: by the clock of that time zone, with the zone's name."""
    return f"{at.astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M %Z}".lstrip("0")


def second_factor_email(
    kind: str, key: str, person_id: str, event: FactorEvent, facts: Mapping[str, str], at: datetime
) -> AccountEmail:
    """An e-mail about what became of somebody's second factor.

    ``facts``: ``moment`` in words, ``device`` and ``address`` where it was a request; ``left``, how many recovery codes
    are, where one was used.
    """
    told = {"moment": "", "device": "", "address": "", "left": "", **facts, "event": str(event)}
    return AccountEmail(AccountEmailSlug.SECOND_FACTOR, key, at, told, person_id=person_id, kind=kind)


def code_email(kind: str, number: str, person_id: str, at: datetime, good_until: datetime) -> AccountEmail:
    """An e-mail with a code, of the row with that number, to show that its reader has the address."""
    return AccountEmail(AccountEmailSlug.CODE, number, at, person_id=person_id, good_until=good_until, kind=kind)


def query_response_email(
    kind: str, query_id: str, revision: int, to: str, question: str, answer: str, at: datetime
) -> AccountEmail:
    """The shop's answer to a question; another answer to the same question is another e-mail."""
    facts = {"question": question, "answer": answer}
    return AccountEmail(AccountEmailSlug.QUERY_RESPONSE, f"{query_id}-{revision}", at, facts, kind=kind, to=to)
