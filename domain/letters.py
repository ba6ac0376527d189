"""Mails that no booking's story sends: the way to a new password, answers to questions.

A letter is known by its kind and key; its Message-ID is made of these, so a repeat after a crash is the same mail.
Histories and logs keep letters, so no letter carries a secret: a link to a password is made while the mail is written,
from the person it is for and the moment it was asked for.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.notices import Notice


class LetterKind(StrEnum):
    """The slugs that mails carry in ``X-RevCare-Notice``."""

    PASSWORD_RESET = "password-reset"  # noqa: S105 - the name of a mail
    SET_PASSWORD = "set-password"  # noqa: S105 - the name of a mail
    QUERY_RESPONSE = "query-response"


LETTER_CATEGORIES: dict[LetterKind, str] = {
    LetterKind.PASSWORD_RESET: "Password Reset",
    LetterKind.SET_PASSWORD: "Password Reset",
    LetterKind.QUERY_RESPONSE: "Query Response",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: its identity, its reader, and the facts of the moment as text.

    With a ``person_id`` it holds a link with which that person sets a password until ``good_until``.
    """

    kind: LetterKind
    key: str
    to: str
    name: str
    at: datetime
    facts: dict[str, str] = field(default_factory=dict)
    person_id: str | None = None
    good_until: datetime | None = None
    resend: int = 0

    @property
    def identity(self) -> str:
        """What makes it this mail and no other; a resend has the same."""
        return f"{self.kind}.{self.key}"


Mail = Notice | Letter
"""Everything that is mailed."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Somebody says that this is their mail address or phone and that the password is lost."""

    key: str
    at: datetime
    good_until: datetime
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter reaches."""

    person_id: str
    name: str
    email: str


def reset_letter(asked: Forgotten, person: Addressee) -> Letter:
    """The way back in."""
    return password_letter(LetterKind.PASSWORD_RESET, asked.key, person, asked.at, asked.good_until)


def password_letter(
    kind: LetterKind, key: str, person: Addressee, at: datetime, good_until: datetime, resend: int = 0
) -> Letter:
    """A letter with a link to set a password."""
    return Letter(
        kind, key, person.email, person.name, at, person_id=person.person_id, good_until=good_until, resend=resend
    )


def answer_letter(query_id: str, revision: int, to: str, question: str, answer: str, at: datetime) -> Letter:
    """The shop's answer to a question; another answer to the same question is another letter."""
    facts = {"question": question, "answer": answer}
    return Letter(LetterKind.QUERY_RESPONSE, f"{query_id}-{revision}", to, "", at, facts)
