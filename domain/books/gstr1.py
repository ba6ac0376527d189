"""The tables of GSTR-1 from issued documents, with the columns of the GST portal's own offline tool.

Taxes are not among those columns where the portal computes them from rate and taxable value. Credit notes to consumers
whose invoice was not reported by itself lower the sums of table 7 (``b2cs``), as the form asks ("net of credit notes").
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.billing.documents import CREDIT_NOTE, DocumentFacts, DocumentLine
from domain.books.sheets import Row, Rupees, Sheet, sheets
from domain.indian_states import STATES
from domain.money import Paise

_LARGE_BEFORE: Paise = 250_000_00
_LARGE: Paise = 100_000_00
_LOWERED = date(2024, 8, 1)
"""Notification 12/2024 - Central Tax: from here invoices to consumers of other States count as large above 1 lakh."""

_COLUMNS = {
    "b2b": "GSTIN/UIN of Recipient|Receiver Name|Invoice Number|Invoice date|Invoice Value|Place Of Supply"
    "|Reverse Charge|Applicable % of Tax Rate|Invoice Type|E-Commerce GSTIN|Rate|Taxable Value|Cess Amount",
    "b2cl": "Invoice Number|Invoice date|Invoice Value|Place Of Supply|Applicable % of Tax Rate|Rate|Taxable Value"
    "|Cess Amount|E-Commerce GSTIN",
    "b2cs": "Type|Place Of Supply|Applicable % of Tax Rate|Rate|Taxable Value|Cess Amount|E-Commerce GSTIN",
    "cdnr": "GSTIN/UIN of Recipient|Receiver Name|Note Number|Note Date|Note Type|Place Of Supply|Reverse Charge"
    "|Note Supply Type|Note Value|Applicable % of Tax Rate|Rate|Taxable Value|Cess Amount",
    "cdnur": "UR Type|Note Number|Note Date|Note Type|Place Of Supply|Note Value|Applicable % of Tax Rate|Rate"
    "|Taxable Value|Cess Amount",
    "hsn_b2b": "HSN|Description|UQC|Total Quantity|Total Value|Rate|Taxable Value|Integrated Tax Amount"
    "|Central Tax Amount|State/UT Tax Amount|Cess Amount",
    "hsn_b2c": "HSN|Description|UQC|Total Quantity|Total Value|Rate|Taxable Value|Integrated Tax Amount"
    "|Central Tax Amount|State/UT Tax Amount|Cess Amount",
    "docs": "Nature of Document|Sr. No. From|Sr. No. To|Total Number|Cancelled",
}
_NATURE = {"invoice": "Invoices for outward supply", "credit-note": "Credit Note"}
_NO_CESS = Rupees(0)
_STATE_CODE = re.compile(r"\((\d\d)\)$")
_SERIAL = 6  # digits at the end of a number


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """A document of the month. ``invoice_total``, ``invoice_date``: of the invoice that a credit note takes back.

    ``to_payee``: over what is withheld of somebody's payout, so no money of a customer stands against it.
    """

    facts: DocumentFacts
    booking_kind: str = ""
    invoice_total: Paise | None = None
    invoice_date: str | None = None
    to_payee: bool = False

    @property
    def sign(self) -> int:
        """1 for what was sold, -1 for what was taken back."""
        return -1 if self.facts.kind == CREDIT_NOTE else 1

    @property
    def table(self) -> str:
        """The table of GSTR-1 that it belongs to."""
        note = self.facts.kind == CREDIT_NOTE
        if self.facts.recipient.gstin:
            return "cdnr" if note else "b2b"
        if not self.facts.same_state and self._is_large():
            return "cdnur" if note else "b2cl"
        return "b2cs"

    def _is_large(self) -> bool:
        if self.facts.kind == CREDIT_NOTE:
            total, issued = self.invoice_total or 0, self.invoice_date or self.facts.date
        else:
            total, issued = self.facts.total, self.facts.date
        return total > (_LARGE if date.fromisoformat(issued) >= _LOWERED else _LARGE_BEFORE)


@dataclass(slots=True)
class TaxSum:
    """Taxable value and taxes that belong together, in paise."""

    taxable: Paise = 0
    cgst: Paise = 0
    sgst: Paise = 0
    igst: Paise = 0

    @property
    def total(self) -> Paise:
        """With the taxes."""
        return self.taxable + self.cgst + self.sgst + self.igst

    def add(self, line: DocumentLine, sign: int = 1) -> None:
        """One more line of a document, or one that was taken back."""
        self.taxable += sign * line.taxable
        self.cgst += sign * line.cgst
        self.sgst += sign * line.sgst
        self.igst += sign * line.igst


@dataclass(slots=True)
class _Series:
    kind: str
    first: str
    last: str
    count: int = 0


@dataclass(slots=True)
class Gstr1:
    """The tables of one registration. Rows of single documents leave at once, only sums stay here: a month of any size
    needs no more memory than it has places, rates, SACs and series."""

    gstin: str
    sheets: dict[str, Sheet] = field(init=False)
    by_table: dict[str, Paise] = field(default_factory=lambda: defaultdict(int))
    round_off: Paise = 0
    without_place: int = 0
    _consumers: dict[tuple[str, Decimal], TaxSum] = field(default_factory=lambda: defaultdict(TaxSum))
    _by_sac: dict[tuple[str, str, Decimal], TaxSum] = field(default_factory=lambda: defaultdict(TaxSum))
    _series: dict[str, _Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sheets = sheets(_COLUMNS, f"gstr1-{self.gstin}")

    def add(self, document: BookedDocument) -> Iterator[tuple[str, Row]]:
        """Take a document in; answers its rows, if it has rows of its own, each with the table."""
        facts, table, sign = document.facts, document.table, document.sign
        self._count(facts)
        self.round_off += sign * facts.round_off
        place = place_of_supply(facts)
        self.without_place += not place
        rates: dict[Decimal, TaxSum] = defaultdict(TaxSum)
        side = "hsn_b2b" if facts.recipient.gstin else "hsn_b2c"
        for line in facts.lines:
            rate = Decimal(line.gst_percent)
            rates[rate].add(line)
            self._by_sac[side, line.sac, rate].add(line, sign)
            if table == "b2cs":
                self._consumers[place, rate].add(line, sign)
        for rate, tax in sorted(rates.items()):
            self.by_table[table] += sign * tax.total
            if table != "b2cs":
                yield table, _row(table, facts, place, _percent(rate), tax)

    def summaries(self) -> Iterator[tuple[str, Row]]:
        """The rows that are sums, once every document was added."""
        for (place, rate), tax in sorted(self._consumers.items()):
            yield "b2cs", ("OE", place, None, _percent(rate), Rupees(tax.taxable), _NO_CESS, None)
        for (side, sac, rate), tax in sorted(self._by_sac.items()):
            taxes = (Rupees(tax.igst), Rupees(tax.cgst), Rupees(tax.sgst))
            # Services have no unit: the portal takes NA and a quantity of 0 for them.
            counted = (sac, "", "NA", 0, Rupees(tax.total), _percent(rate))
            yield side, (*counted, Rupees(tax.taxable), *taxes, _NO_CESS)
        for series in sorted(self._series.values(), key=lambda each: (each.kind != "invoice", each.first)):
            yield "docs", (_NATURE[series.kind], series.first, series.last, series.count, 0)

    @property
    def by_sac(self) -> Paise:
        """All that the summary by SAC says, with taxes."""
        return sum(tax.total for tax in self._by_sac.values())

    def missing_numbers(self) -> dict[str, int]:
        """How many numbers each series lacks between the first and the last of the month."""
        lengths = {
            name: int(each.last[-_SERIAL:]) - int(each.first[-_SERIAL:]) + 1 for name, each in self._series.items()
        }
        return {name: lengths[name] - each.count for name, each in sorted(self._series.items())}

    def _count(self, facts: DocumentFacts) -> None:
        name, number = facts.number[:-_SERIAL], facts.number
        series = self._series.setdefault(name, _Series(facts.kind, number, number))
        series.first, series.last = min(series.first, number), max(series.last, number)
        series.count += 1


def place_of_supply(facts: DocumentFacts) -> str:
    """As the portal writes it, "36-Telangana"; "" for one of another State of which only so much was recorded."""
    if found := _STATE_CODE.search(facts.place_of_supply):
        code = found[1]
    elif facts.same_state:
        code = facts.supplier.state_code
    elif facts.recipient.gstin:
        code = facts.recipient.gstin[:2]
    else:
        return ""
    return f"{code}-{STATES[code]}" if code in STATES else code


def _row(table: str, facts: DocumentFacts, place: str, rate: str, tax: TaxSum) -> Row:
    day = f"{date.fromisoformat(facts.date):%d-%b-%Y}"
    value, taxable = Rupees(facts.total), Rupees(tax.taxable)
    reverse = "Y" if facts.reverse_charge else "N"
    if table == "b2b":
        whom: Row = (facts.recipient.gstin, facts.recipient.name, facts.number, day, value, place, reverse)
        return (*whom, None, "Regular B2B", None, rate, taxable, _NO_CESS)
    if table == "cdnr":
        whom = (facts.recipient.gstin, facts.recipient.name, facts.number, day, "C", place, reverse)
        return (*whom, "Regular B2B", value, None, rate, taxable, _NO_CESS)
    if table == "cdnur":
        return ("B2CL", facts.number, day, "C", place, value, None, rate, taxable, _NO_CESS)
    return (facts.number, day, value, place, None, rate, taxable, _NO_CESS, None)


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f}"
