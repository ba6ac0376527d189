"""What a kind says about its invoices and credit notes: their numbers, what their lines mean, what they are about."""

import re
from dataclasses import dataclass
from decimal import Decimal

from domain.money import Paise

_PREFIX = re.compile("[A-Z0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class LegDescription:
    """A part of a booking's money with an invoice of its own; for a document over the money alone."""

    description: str
    sac: str


@dataclass(frozen=True, slots=True)
class Series:
    """With what the numbers of one company's documents begin: RC in RC-2627-000123, at most 16 characters in all.

    No other series has these prefixes, whatever its company or kind: a number alone says which document it is.
    """

    invoice: str
    credit_note: str

    def __post_init__(self) -> None:
        for prefix in (self.invoice, self.credit_note):
            if not _PREFIX.fullmatch(prefix):
                raise ValueError(f"the prefix of a series is one to four capitals or digits, not {prefix!r}")

    def prefix(self, kind: str) -> str:
        """That of a document of this kind."""
        return self.invoice if kind == "invoice" else self.credit_note


@dataclass(frozen=True, slots=True)
class Supplying:
    """A person who supplies in his own name what a document is about; ``gstin`` and ``state`` where he has them."""

    person: str
    gstin: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class IssueTerms:
    """How one document is issued: by which ``company`` of the kind, to whom (a person's id), at which GST.

    ``gst_percent`` is in the amount; ``taxable`` is its part without GST where that was settled before. ``gstin``: the
    recipient's, who is not the customer. With a ``supplier`` the company only issues it in his name. ``heading`` stands
    above it, where it is not what it usually is. ``supplied_in``: the GST code of the State whose tax it is ("27"), for
    a registered recipient his own (IGST Act 2017, section 12(2)(a)); None: the one that the booking was made with.
    """

    company: str
    recipient: str
    gst_percent: Decimal
    gstin: str | None = None
    supplier: Supplying | None = None
    taxable: Paise | None = None
    heading: str = ""
    supplied_in: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A line about a document's subject: ``field`` is its key in the JSON, ``label`` stands before the printed text."""

    field: str
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class DocumentSubject:
    """What a document is about, beside the money: printed in order under ``title``; without lines nothing is."""

    title: str = ""
    lines: tuple[SubjectLine, ...] = ()
