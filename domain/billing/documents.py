"""What is printed on an invoice or a credit note, settled when its number is given and never computed again.

Everything here is text and whole paise, so a document can be stored as JSON and printed years later as it was. One
sum always holds: taxable values + taxes + round-off = the amount that was paid or given back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from domain.billing.document_terms import DocumentSubject, IssueTerms
from domain.billing.due_documents import DueDocument
from domain.billing.totals import Charge, gst
from domain.booking import Address, Booking
from domain.indian_states import state_named
from domain.kind import B, BookingKind
from domain.money import Paise
from domain.people import Person

INVOICE, CREDIT_NOTE = "invoice", "credit-note"
_ROUNDING: Paise = 50


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who issues the document: settings of the shop, or of one of a kind's companies."""

    name: str
    gstin: str
    state: str
    address: str

    @property
    def state_code(self) -> str:
        """The GST code of the state: the first two digits of the GSTIN."""
        return self.gstin[:2]


@dataclass(frozen=True, slots=True)
class DocumentRecipient:
    """Whom it is issued to; ``address`` is empty without one.

    ``gstin`` is there when a registered business pays; then ``name`` is the business's.
    """

    id: str
    name: str
    phone: str
    address: str
    gstin: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One row: taxable value and taxes in paise, the rate as text ("18")."""

    description: str
    sac: str
    quantity: int
    unit_price: Paise
    taxable: Paise
    gst_percent: str
    cgst: Paise
    sgst: Paise
    igst: Paise

    @property
    def total(self) -> Paise:
        """With its taxes."""
        return self.taxable + self.cgst + self.sgst + self.igst


@dataclass(frozen=True, slots=True)
class CitedInvoice:
    """The invoice that a credit note takes back."""

    number: str
    date: str


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """A whole document. Dates are ISO dates, local to the shop; ``subject``: what it is about, in the kind's words."""

    kind: str
    leg: str
    number: str
    date: str
    booking_id: int
    supplier: Supplier
    recipient: DocumentRecipient
    subject: DocumentSubject
    place_of_supply: str
    same_state: bool
    lines: tuple[DocumentLine, ...]
    round_off: Paise
    total: Paise
    against: CitedInvoice | None = None
    reverse_charge: bool = False
    heading: str = ""
    """What stands above it, where it is neither a tax invoice nor a credit note."""

    @property
    def taxable(self) -> Paise:
        """All lines before tax."""
        return sum(line.taxable for line in self.lines)

    @property
    def cgst(self) -> Paise:
        """Central tax of all lines."""
        return sum(line.cgst for line in self.lines)

    @property
    def sgst(self) -> Paise:
        """State tax of all lines."""
        return sum(line.sgst for line in self.lines)

    @property
    def igst(self) -> Paise:
        """Integrated tax of all lines."""
        return sum(line.igst for line in self.lines)


def document_facts(
    kind: BookingKind[B],
    booking: B,
    due: DueDocument,
    number: str,
    issued_at: datetime,
    supplier: Supplier,
    customer: Person,
    invoice: DocumentFacts | None = None,
) -> DocumentFacts:
    """Everything that the document ``number`` over ``due`` says.

    ``customer``: whom it is issued to, as known now. ``invoice``: what the invoice says that a credit note takes back;
    the note is for the same recipient, with the same taxes, and cites the date that was printed.
    """
    terms = kind.issue_terms(booking, due)
    place, same_state = _supplied_in(booking, supplier, terms)
    if invoice:
        place, same_state = invoice.place_of_supply, invoice.same_state
    lines = _lines(kind, booking, due, terms, same_state=same_state)
    return DocumentFacts(
        kind=due.kind,
        leg=due.leg,
        number=number,
        date=_local_date(booking, issued_at),
        booking_id=booking.id,
        supplier=supplier,
        recipient=invoice.recipient if invoice else _recipient(kind, booking, terms, customer),
        subject=kind.document_subject(booking),
        place_of_supply=place,
        same_state=same_state,
        lines=lines,
        round_off=due.amount - sum(line.total for line in lines),
        total=due.amount,
        against=CitedInvoice(due.invoice_number, invoice.date if invoice else "") if due.invoice_number else None,
        heading=terms.heading,
    )


def _lines(
    kind: BookingKind[B], booking: B, due: DueDocument, terms: IssueTerms, *, same_state: bool
) -> tuple[DocumentLine, ...]:
    charged = [] if due.kind == CREDIT_NOTE else [each for each in kind.charges(booking) if each.leg == due.leg]
    itemised = tuple(_line(terms, charge, same_state=same_state) for charge in charged)
    # Lines that do not add up to the money (another amount came in than the lines cost today) must not be printed as
    # if they did: such a document is over the money itself.
    if itemised and abs(due.amount - sum(line.total for line in itemised)) <= _ROUNDING:
        return itemised
    return (_line(terms, _tax_included(kind, booking, due, terms), same_state=same_state),)


def _tax_included(kind: BookingKind[B], booking: B, due: DueDocument, terms: IssueTerms) -> Charge:
    """One charge for an amount that already holds its GST."""
    leg = kind.leg(booking, due.leg)
    what = leg.description
    if due.kind == CREDIT_NOTE:
        why = "not rendered, booking cancelled" if booking.cancellation else "refunded"
        what = f"Services of invoice {due.invoice_number} {why}"
    value = Decimal(due.amount * 100) / (100 + terms.gst_percent)
    unit = int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP)) if terms.taxable is None else terms.taxable
    return Charge(due.leg, what, leg.sac, 1, unit)


def _line(terms: IssueTerms, charge: Charge, *, same_state: bool) -> DocumentLine:
    tax = gst(charge.amount, terms.gst_percent, same_state=same_state)
    percent = f"{terms.gst_percent.normalize():f}"
    return DocumentLine(
        charge.description,
        charge.sac,
        charge.quantity,
        charge.unit,
        charge.amount,
        percent,
        tax.cgst,
        tax.sgst,
        tax.igst,
    )


def _recipient(kind: BookingKind[B], booking: B, terms: IssueTerms, person: Person) -> DocumentRecipient:
    known = booking.customer
    if terms.recipient != known.id:
        return DocumentRecipient(terms.recipient, person.name, person.phone or "", "", terms.gstin)
    address = _written(kind.billing_address(booking))
    return DocumentRecipient(known.id, known.billed_as or person.name, person.phone or "", address, known.gstin)


def _written(address: Address | None) -> str:
    if address is None:
        return ""
    parts = (address.line1, address.line2, address.area, address.pincode)
    return ", ".join(part for part in parts if part)


def _supplied_in(booking: Booking, supplier: Supplier, terms: IssueTerms) -> tuple[str, bool]:
    """The place of supply as it is printed, and whether the supplier is in that State too."""
    if terms.supplied_in and supplier.gstin:
        return state_named(terms.supplied_in), terms.supplied_in == supplier.state_code
    if booking.policy.supply_state:
        return state_named(booking.policy.supply_state), booking.policy.same_state
    if booking.policy.same_state:
        return f"{supplier.state} ({supplier.state_code})" if supplier.gstin else supplier.state, True
    return f"Outside {supplier.state} (inter-State supply)", False


def _local_date(booking: Booking, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(booking.policy.timezone)).date().isoformat()
