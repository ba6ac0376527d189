"""An invoice or a credit note as JSON: the settled facts, amounts as decimal strings."""

from typing import Any

from adapters.postgres.payment_queries import StoredDocument
from domain.billing.documents import DocumentFacts, DocumentLine
from domain.billing.views import when
from domain.money import rupees

Json = dict[str, Any]


def invoice_view(document: StoredDocument, printed: str = "invoice.pdf") -> Json:
    """The keys that every invoice has first, then what is printed. ``printed``: the last part of its page's path."""
    facts = document.facts
    return {
        "number": facts.number,
        "issued_at": when(document.issued_at),
        "total": rupees(facts.total),
        "url": f"/api/v1/bookings/{facts.booking_id}/{printed}",
        "booking_id": facts.booking_id,
        "leg": facts.leg,
        "date": facts.date,
        **_parties(facts),
        "lines": [_line(line) for line in facts.lines],
        "taxable": rupees(facts.taxable),
        "cgst": rupees(facts.cgst),
        "sgst": rupees(facts.sgst),
        "igst": rupees(facts.igst),
        "round_off": rupees(facts.round_off),
        "currency": "INR",
        "reverse_charge": facts.reverse_charge,
    }


def _parties(facts: DocumentFacts) -> Json:
    supplier, recipient = facts.supplier, facts.recipient
    return {
        "supplier": {
            "name": supplier.name,
            "gstin": supplier.gstin,
            "state": supplier.state,
            "address": supplier.address,
        },
        "recipient": {
            "id": recipient.id,
            "name": recipient.name,
            "address": recipient.address,
            "gstin": recipient.gstin,
        },
        **{line.field: line.text for line in facts.subject.lines},
        "place_of_supply": facts.place_of_supply,
    }


def _line(line: DocumentLine) -> Json:
    return {
        "description": line.description,
        "sac": line.sac,
        "quantity": line.quantity,
        "unit_price": rupees(line.unit_price),
        "taxable": rupees(line.taxable),
        "gst_percent": line.gst_percent,
        "cgst": rupees(line.cgst),
        "sgst": rupees(line.sgst),
        "igst": rupees(line.igst),
        "total": rupees(line.total),
    }
