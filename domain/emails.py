"""E-mails of a booking: what one is, and the numbering that makes it unique.

An e-mail is identified by (booking, slug, sequence); its Message-ID is made of these, so a repeat after a crash is the
same mail. It carries the facts of its moment, so a mail that leaves late still tells what happened then.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.kind import B, BookingKind


@dataclass(frozen=True, slots=True)
class EmailType:
    """An e-mail that a kind sends; ``subject`` may hold ``{document}``."""

    category: str
    subject: str


@dataclass(frozen=True, slots=True)
class EmailLine:
    """A line of a list in an e-mail; ``amount`` is unit x quantity in rupees."""

    title: str
    quantity: int
    amount: str
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class EmailFacts:
    """What an e-mail tells, as text ready to print; ``document`` is the number of the one that is attached.

    ``people``: facts that are names, by the id of the person; the name of the day is put in when the e-mail is sent.
    """

    facts: dict[str, str]
    lines: tuple[EmailLine, ...] = ()
    document: str | None = None
    people: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookingEmail:
    """One mail to be sent: its identity, its reader, and the facts of the moment as text ready to print.

    ``to``, ``name`` and the facts of ``people`` are filled in when it is sent, from what is known of these people then.
    ``resend`` is 0 for the mail itself and n when an admin has it sent for the n-th time again.
    """

    booking_id: int
    slug: str
    sequence: int
    at: datetime
    facts: dict[str, str] = field(default_factory=dict)
    lines: tuple[EmailLine, ...] = ()
    document: str | None = None
    resend: int = 0
    person_id: str = ""
    kind: str = ""
    people: dict[str, str] = field(default_factory=dict)
    to: str = ""
    name: str = ""

    @property
    def identity(self) -> str:
        """What makes it this mail and no other; a resend has the same."""
        return f"{self.booking_id}.{self.slug}.{self.sequence}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail."""

    filename: str
    content_type: str
    content: bytes


def booking_emails(kind: "BookingKind[B]", before: "B", after: "B") -> list[BookingEmail]:
    """The e-mails of a transition, numbered per slug and counted in ``after``; their addresses are looked up later."""
    return [_numbered(kind, after, slug, person, after.event.at) for slug, person in kind.emails_for(before, after)]


def deadline_email(kind: "BookingKind[B]", booking: "B", slug: str, person: str, now: datetime) -> list[BookingEmail]:
    """The e-mail that a deadline sends, numbered and counted in ``booking``."""
    return [_numbered(kind, booking, slug, person, now)]


def _numbered(kind: "BookingKind[B]", booking: "B", slug: str, person: str, at: datetime) -> BookingEmail:
    sequence = booking.notice_counts.get(slug, 0) + 1
    booking.notice_counts[slug] = sequence
    told = kind.email_facts(booking, slug, person)
    return BookingEmail(
        booking.id,
        slug,
        sequence,
        at,
        told.facts,
        told.lines,
        told.document,
        person_id=person,
        kind=kind.name,
        people=told.people,
    )
