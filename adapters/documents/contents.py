"""What a document says, in words and figures that are printed. Its amounts were settled before: none is computed."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.documents.characters import printable
from domain.amounts import grouped, in_words
from domain.billing.documents import CREDIT_NOTE, DocumentFacts, DocumentLine
from domain.money import Paise


def contents_of(facts: DocumentFacts) -> dict[str, Any]:
    """The data that ``document.typ`` shows: texts in characters that the fonts have."""
    day = date.fromisoformat(facts.date)
    return {
        "heading": facts.heading or ("Credit note" if facts.kind == CREDIT_NOTE else "Tax invoice"),
        "number": facts.number,
        "day": {"year": day.year, "month": day.month, "day": day.day},
        "supplier": printable(facts.supplier.name),
        "blocks": [[printable(title), [printable(line) for line in lines if line]] for title, lines in _blocks(facts)],
        "taxes": ["CGST", "SGST"] if facts.same_state else ["IGST"],
        "rows": [_row(number, line, same_state=facts.same_state) for number, line in enumerate(facts.lines, 1)],
        "sums": [[name, grouped(amount)] for name, amount in _sums(facts)],
        "total": ["Total credited" if facts.kind == CREDIT_NOTE else "Total", f"₹ {grouped(facts.total)}"],
        "words": in_words(facts.total),
    }


def _blocks(facts: DocumentFacts) -> Iterator[tuple[str, list[str]]]:
    """What stands between heading and table, in two columns: a title with its lines."""
    supplier, recipient, subject = facts.supplier, facts.recipient, facts.subject
    code = f", code {supplier.state_code}" if supplier.gstin else ""
    yield (
        "Supplier",
        [
            supplier.address,
            f"GSTIN {supplier.gstin}" if supplier.gstin else "",
            f"State: {supplier.state}{code}" if supplier.state else "",
        ],
    )
    yield (
        "Document",
        [
            f"Number: {facts.number}",
            f"Date: {_day(facts.date)}",
            f"Against invoice: {facts.against.number} of {_day(facts.against.date)}" if facts.against else "",
            f"Booking: {facts.booking_id}",
            f"Place of supply: {facts.place_of_supply}",
            f"Reverse charge: {'Yes' if facts.reverse_charge else 'No'}",
        ],
    )
    registered = f"GSTIN {recipient.gstin}" if recipient.gstin else ""
    yield (
        "Issued to",
        [recipient.name, recipient.address, registered, recipient.phone, f"Customer {recipient.id}"],
    )
    yield subject.title, [f"{line.label} {line.text}".strip() for line in subject.lines]


def _row(number: int, line: DocumentLine, *, same_state: bool) -> list[list[str]]:
    """The cells of a line, each with what stands in it below one another."""
    rate = Decimal(line.gst_percent)
    taxes = [_tax(rate / 2, line.cgst), _tax(rate / 2, line.sgst)] if same_state else [_tax(rate, line.igst)]
    return [
        [str(number)],
        [printable(line.description)],
        [printable(line.sac)],
        [str(line.quantity)],
        [grouped(line.unit_price)],
        [grouped(line.taxable)],
        *taxes,
        [grouped(line.total)],
    ]


def _tax(rate: Decimal, amount: Paise) -> list[str]:
    return [grouped(amount), f"{rate.normalize():f}%"]


def _sums(facts: DocumentFacts) -> Iterator[tuple[str, Paise]]:
    yield "Taxable value", facts.taxable
    if facts.same_state:
        yield "CGST", facts.cgst
        yield "SGST", facts.sgst
    else:
        yield "IGST", facts.igst
    yield "Round-off", facts.round_off


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d %b %Y}" if iso else "-"
