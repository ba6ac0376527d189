"""The registers of a month: what was sold, what was taken back, what moved, what the provider settled."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.billing.documents import DocumentFacts
from domain.books.gstr1 import BookedDocument
from domain.books.sheets import Row, Rupees, sheets
from domain.money import Paise

_DOCUMENT = (
    "Number|Date|Booking|Kind of booking|Part|Customer|GSTIN of customer|Place of supply|Supply|SAC|GST rate"
    "|Taxable value|CGST|SGST|IGST|Round-off|Total|GSTIN of supplier"
)
REGISTERS = sheets(
    {
        "summary": "What|One side|Other side|Difference",
        "sales": _DOCUMENT,
        "credit_notes": f"{_DOCUMENT}|Against invoice|Date of invoice",
        "ledger": "Entry|Booked on|Kind|Reference|Booking|Kind of booking|Part|In|Out",
        "provider_fees": "Payment|Booked on|Booking|Fee with GST|GST on it|Settlement",
        "settlements": "Settlement|Date|UTR|Payments|Refunds and adjustments|Captured|Fees with GST|GST on fees"
        "|Taken back|Given back|Paid to the bank",
        "settlement_items": "Settlement|Date|Item|What|Of payment or dispute|Amount|Fee with GST|GST on it|Credit"
        "|Debit|Booking|In the ledger|Difference|Found",
        "not_settled": "Reference|Booking|Last booked on|In the ledger|Settled|Not settled",
        "open_items": "Booking|Kind of booking|Money held|Documents|Received in advance|To be received",
    }
)
"""The sheets of the month, by name."""
OF_THE_ACCOUNT = ("settlements", "settlement_items", "not_settled")
"""Those about the provider's whole account: left out where the books are of one kind of booking."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An entry of the ledger as it stands in a book; ``amount`` in paise, out negative."""

    id: int
    at: datetime
    kind: str
    reference: str
    booking_id: int
    booking_kind: str
    leg: str
    amount: Paise


@dataclass(frozen=True, slots=True)
class FeeRow:
    """What the provider keeps of a payment (positive); ``tax`` and settlement once it is settled."""

    reference: str
    at: datetime
    booking_id: int
    amount: Paise
    tax: Paise | None
    settlement_id: str | None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A settlement, and the sums of its items; ``amount`` is the provider's own word."""

    settlement_id: str
    settled_at: datetime
    utr: str
    amount: Paise
    payments: int
    others: int
    captured: Paise
    fees: Paise
    tax: Paise
    taken: Paise
    given: Paise

    @property
    def items(self) -> Paise:
        """What the items come to: has to be the ``amount``."""
        return self.captured - self.fees - self.taken + self.given


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A payment, refund or adjustment in a settlement, with what the ledger has of it; ``ledger`` is None for nothing.

    ``type`` is the provider's word.
    """

    settlement_id: str
    settled_at: datetime
    entity_id: str
    type: str
    of: str | None
    amount: Paise
    fee: Paise
    tax: Paise
    credit: Paise
    debit: Paise
    booking_id: int | None
    ledger: Paise | None

    @property
    def difference(self) -> Paise:
        """What was settled beyond what the ledger has."""
        return self.credit - self.debit - (self.ledger or 0)

    @property
    def found(self) -> str:
        """How it compares with the ledger."""
        if self.ledger is None:
            return "not in the ledger"
        return "matched" if self.difference == 0 else "another amount"


@dataclass(frozen=True, slots=True)
class UnsettledRow:
    """A movement at the provider of which the ledger and the settlements so far have different amounts."""

    reference: str
    booking_id: int | None
    at: datetime | None
    ledger: Paise
    settled: Paise


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A booking whose money and documents differed at the end of the month."""

    booking_id: int
    booking_kind: str
    money: Paise
    documents: Paise


def document_row(document: BookedDocument) -> tuple[str, Row]:
    """The row of a document, and the sheet that it belongs to."""
    facts = document.facts
    row: Row = (
        facts.number,
        facts.date,
        facts.booking_id,
        document.booking_kind,
        facts.leg,
        facts.recipient.name,
        facts.recipient.gstin,
        facts.place_of_supply,
        "intra-State" if facts.same_state else "inter-State",
        _each(line.sac for line in facts.lines),
        _each(line.gst_percent for line in facts.lines),
        *(Rupees(amount) for amount in _amounts(facts)),
        facts.supplier.gstin,
    )
    if document.sign > 0:
        return "sales", row
    against = facts.against
    return "credit_notes", (*row, against.number if against else None, against.date if against else None)


def ledger_row(entry: LedgerRow, zone: ZoneInfo) -> Row:
    """The row of an entry."""
    came, went = (Rupees(entry.amount), None) if entry.amount > 0 else (None, Rupees(-entry.amount))
    return (
        entry.id,
        moment(entry.at, zone),
        entry.kind,
        entry.reference,
        entry.booking_id,
        entry.booking_kind,
        entry.leg,
        came,
        went,
    )


def fee_row(fee: FeeRow, zone: ZoneInfo) -> Row:
    """The row of a fee."""
    tax = None if fee.tax is None else Rupees(fee.tax)
    return (fee.reference, moment(fee.at, zone), fee.booking_id, Rupees(fee.amount), tax, fee.settlement_id)


def settlement_row(made: SettlementRow, zone: ZoneInfo) -> Row:
    """The row of a settlement."""
    amounts = (made.captured, made.fees, made.tax, made.taken, made.given, made.amount)
    when = moment(made.settled_at, zone)
    return (made.settlement_id, when, made.utr, made.payments, made.others, *(Rupees(amount) for amount in amounts))


def item_row(item: ItemRow, zone: ZoneInfo) -> Row:
    """The row of a settlement's item."""
    ledger = None if item.ledger is None else Rupees(item.ledger)
    return (
        item.settlement_id,
        moment(item.settled_at, zone),
        item.entity_id,
        item.type,
        item.of,
        *(Rupees(amount) for amount in (item.amount, item.fee, item.tax, item.credit, item.debit)),
        item.booking_id,
        ledger,
        Rupees(item.difference),
        item.found,
    )


def unsettled_row(row: UnsettledRow, zone: ZoneInfo) -> Row:
    """The row of what is not settled, or not booked yet."""
    when = moment(row.at, zone) if row.at else None
    left = row.ledger - row.settled
    return (row.reference, row.booking_id, when, Rupees(row.ledger), Rupees(row.settled), Rupees(left))


def open_item_row(item: OpenItem) -> Row:
    """The row of a booking whose money and documents differ: paid in advance, or owed by the customer or the bank."""
    left = item.money - item.documents
    ahead, owed = (Rupees(left), None) if left > 0 else (None, Rupees(-left))
    return (item.booking_id, item.booking_kind, Rupees(item.money), Rupees(item.documents), ahead, owed)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment as the shop's clock shows it, to the second."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _each(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))


def _amounts(facts: DocumentFacts) -> tuple[Paise, ...]:
    return (facts.taxable, facts.cgst, facts.sgst, facts.igst, facts.round_off, facts.total)
