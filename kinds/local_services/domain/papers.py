"""The papers of a booking, for what is kept of its price: one for the requester, one for the provider's commission.

They are issued once nothing changes the money any more. What goes back later is credited.
"""

from collections.abc import Iterator
from decimal import Decimal

from domain.billing.balance import returned_of
from domain.billing.document_terms import IssueTerms, LegDescription, Series, Supplying
from domain.billing.due_documents import DueDocument
from domain.billing.records import CreditNote, Invoice
from domain.billing.views import Json, when
from domain.indian_states import STATES
from domain.money import Paise, rupees
from kinds.local_services.domain.booking import ServiceBooking, Status
from kinds.local_services.domain.money import SERVICE_LEG, kept, paid_with, split
from kinds.local_services.domain.parts import TaxCase
from kinds.local_services.domain.payouts import divided

COMMISSION_LEG = "commission"
COMMISSION_SAC = "998599"
"""The service accounting code of other support services."""
PLATFORM, RECEIPTS, COMMISSIONS = "", "receipts", "commissions"
SERIES = {PLATFORM: Series("LS", "LN"), RECEIPTS: Series("LR", "LRN"), COMMISSIONS: Series("LC", "LM")}
"""Tax invoices of the platform, receipts in the name of providers, and what providers pay for being found."""
_NO_GST = Decimal(0)


def settled(booking: ServiceBooking) -> bool:
    """Nothing changes any more what is kept of the price."""
    if booking.disputed:
        return False
    if booking.status == Status.CANCELLED:
        return booking.cancellation is not None and booking.cancellation.hold_from is None
    return booking.confirmed


def documents(booking: ServiceBooking) -> Iterator[DueDocument]:
    """The next paper of each leg: an invoice once, then credit notes for what went back since.

    Money that staff give back after the share was released lowers both papers, though the provider keeps his share: the
    price of the service is lower now, and the commission is a part of that price. What he has beyond his part of the
    lower price stays a matter between him and the platform, for which the booking asks for an admin.
    """
    payment = paid_with(booking)
    if payment is None or not settled(booking):
        return
    amount = min(kept(booking), max(0, payment.amount - returned_of(booking, payment)))
    shares = split(min(amount, divided(booking)), booking.rates)
    yield from _due(booking, SERVICE_LEG, amount)
    yield from _due(booking, COMMISSION_LEG, shares.commission + shares.gst_on_commission)


def issuing(booking: ServiceBooking, due: DueDocument) -> IssueTerms:
    """By whom and to whom a paper is issued: that of the service by whoever owes its GST."""
    rates = booking.rates
    if due.leg == COMMISSION_LEG:
        exact = split(divided(booking), rates)
        is_whole = due.kind == "invoice" and due.amount == exact.commission + exact.gst_on_commission
        return IssueTerms(
            COMMISSIONS,
            booking.provider,
            rates.gst_percent,
            gstin=rates.provider_gstin,
            taxable=exact.commission if is_whole else None,
            supplied_in=_state_of(rates.provider_gstin),
        )
    supplied_in = _state_of(booking.customer.gstin)
    if rates.tax_case is TaxCase.PLATFORM:
        return IssueTerms(PLATFORM, booking.requester, rates.gst_percent, supplied_in=supplied_in)
    gstin = rates.provider_gstin if rates.tax_case is TaxCase.PROVIDER else None
    supplier = Supplying(booking.provider, gstin, STATES.get(gstin[:2]) if gstin else None)
    heading = "Receipt" if due.kind == "invoice" else ""
    percent = rates.gst_percent if gstin else _NO_GST
    return IssueTerms(RECEIPTS, booking.requester, percent, supplier=supplier, heading=heading, supplied_in=supplied_in)


def _state_of(gstin: str | None) -> str | None:
    return gstin[:2] if gstin else None


def leg(booking: ServiceBooking, name: str) -> LegDescription:
    """What a paper is for."""
    if name == COMMISSION_LEG:
        return LegDescription(f"Commission for {booking.listing.title}", COMMISSION_SAC)
    return LegDescription(booking.listing.title, booking.listing.sac)


def addressee(booking: ServiceBooking, number: str | None) -> str:
    """Whom the paper of that number is issued to."""
    invoice = _invoice_of(booking, number)
    return booking.provider if invoice is not None and invoice.leg == COMMISSION_LEG else booking.requester


def papers_view(booking: ServiceBooking, reader: str, *, everything: bool) -> list[Json]:
    """The papers that are issued to this reader; ``everything``: whoever they are issued to."""
    shown = [
        *(_invoice_view(booking, invoice) for invoice in booking.invoices),
        *(_credit_note_view(booking, note) for note in booking.credit_notes),
    ]
    return [each for each in shown if everything or addressee(booking, str(each["number"])) == reader]


def _due(booking: ServiceBooking, leg: str, amount: Paise) -> Iterator[DueDocument]:
    invoice = next((each for each in booking.invoices if each.leg == leg), None)
    if invoice is None:
        if amount > 0:
            yield DueDocument("invoice", leg, amount)
        return
    noted = [note.amount for note in booking.credit_notes if note.invoice_number == invoice.number]
    too_much = invoice.total - sum(noted) - amount
    if too_much > 0:
        yield DueDocument("credit-note", leg, too_much, invoice.number, len(noted) + 1)


def _invoice_of(booking: ServiceBooking, number: str | None) -> Invoice | None:
    """The invoice of that number, or that which the credit note of that number takes back."""
    taken_back = next((note.invoice_number for note in booking.credit_notes if note.number == number), number)
    return next((invoice for invoice in booking.invoices if invoice.number == taken_back), None)


def _invoice_view(booking: ServiceBooking, invoice: Invoice) -> Json:
    commission = invoice.leg == COMMISSION_LEG
    kind = "tax-invoice" if booking.rates.tax_case is TaxCase.PLATFORM else "receipt"
    name = "commission-invoice" if commission else "invoice"
    return {
        "kind": "commission-invoice" if commission else kind,
        "number": invoice.number,
        "url": f"/api/v1/bookings/{booking.id}/{name}.pdf",
        "total": rupees(invoice.total),
        "issued_at": when(invoice.issued_at),
    }


def _credit_note_view(booking: ServiceBooking, note: CreditNote) -> Json:
    return {
        "kind": "credit-note",
        "number": note.number,
        "url": f"/api/v1/bookings/{booking.id}/credit-notes/{note.number}.pdf",
        "total": rupees(note.amount),
        "issued_at": when(note.issued_at),
    }
