"""The printed invoice or credit note. It draws facts that were settled before; it computes no amount.

Only the fonts that every PDF reader has are used, so nothing is embedded; they know Western European letters and no
rupee sign, hence "Rs." and a "?" for letters of other scripts. The same facts give the same bytes.
"""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from domain.amounts import grouped, in_words
from domain.documents import CREDIT_NOTE, DocumentFacts, DocumentLine
from domain.money import Paise

_FONT = "Helvetica"
_WIDTH = 186.0
_INK, _MUTED, _RULE, _TINT = (28, 32, 38), (104, 112, 122), (205, 210, 216), (241, 244, 247)
_WRITTEN_OTHERWISE = str.maketrans(
    dict(zip("‘’“”–—•\t\n", "''\"\"---  ", strict=True)) | {"₹": "Rs. ", "…": "..."},
)


def render_document(facts: DocumentFacts) -> bytes:
    """The document as a PDF of A4 pages."""
    page = _Page(facts)
    page.add_page()
    _parties(page, facts)
    _table(page, facts)
    _sums(page, facts)
    _closing(page, facts)
    return bytes(page.output())


class _Page(FPDF):
    """An A4 page with the document's name above and its number and page count below."""

    def __init__(self, facts: DocumentFacts) -> None:
        super().__init__(format="A4")
        self.facts = facts
        self.heading = "Credit note" if facts.kind == CREDIT_NOTE else "Tax invoice"
        self.set_margins(12, 14)
        self.set_auto_page_break(auto=True, margin=20)
        self.set_title(_latin(f"{self.heading} {facts.number}"))
        self.set_author(_latin(facts.supplier.name))
        self.set_lang("en-IN")
        # The day of the document, not of the printing: a second copy must not differ from the first.
        day = date.fromisoformat(facts.date)
        self.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def header(self) -> None:
        """Who issues what, the copy's name on the right."""
        self.write_line(self.facts.supplier.name, size=15, bold=True, width=_WIDTH * 0.62, stay=True)
        self.write_line(self.heading.upper(), size=15, bold=True, width=_WIDTH * 0.38, align=Align.R)
        self.ln(0.5)
        self.write_line("Original for recipient", muted=True, align=Align.R)
        self.set_draw_color(*_RULE)
        self.line(self.l_margin, self.get_y() + 1.5, self.l_margin + _WIDTH, self.get_y() + 1.5)
        self.ln(4.5)

    def footer(self) -> None:
        """Which page of which document."""
        self.set_y(-14)
        self.write_line(f"{self.heading} {self.facts.number}", muted=True, size=8, width=_WIDTH / 2, stay=True)
        self.write_line(f"Page {self.page_no()} of {{nb}}", muted=True, size=8, width=_WIDTH / 2, align=Align.R)

    def write_line(
        self,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        muted: bool = False,
        width: float = _WIDTH,
        align: Align = Align.L,
        stay: bool = False,
    ) -> None:
        """A piece of text, wrapped to its width; ``stay`` leaves the cursor to its right."""
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*(_MUTED if muted else _INK))
        new_x, new_y = (XPos.RIGHT, YPos.TOP) if stay else (XPos.LMARGIN, YPos.NEXT)
        self.multi_cell(width, size * 0.48, _latin(text), align=align, new_x=new_x, new_y=new_y)


def _parties(page: _Page, facts: DocumentFacts) -> None:
    supplier, recipient = facts.supplier, facts.recipient
    issuer = [
        supplier.address,
        f"GSTIN {supplier.gstin}",
        f"State: {supplier.state}, code {supplier.state_code}",
    ]
    document = [
        f"Number: {facts.number}",
        f"Date: {_day(facts.date)}",
        f"Booking: {facts.booking_id}",
        f"Place of supply: {facts.place_of_supply}",
        f"Reverse charge: {'Yes' if facts.reverse_charge else 'No'}",
    ]
    if facts.against:
        document.insert(2, f"Against invoice: {facts.against.number} of {_day(facts.against.date)}")
    customer = [recipient.name, recipient.address, recipient.phone, f"Customer {recipient.id}"]
    vehicle = [facts.vehicle, f"Registration {facts.registration_number}"]
    _side_by_side(page, ("Supplier", issuer), ("Document", document))
    _side_by_side(page, ("Issued to", customer), ("Vehicle", vehicle))


def _side_by_side(page: _Page, *blocks: tuple[str, Sequence[str]]) -> None:
    top, width = page.get_y(), _WIDTH / len(blocks)
    bottom = top
    for place, (title, rows) in enumerate(blocks):
        page.set_y(top)
        for row, text in enumerate([title, *filter(None, rows)]):
            page.set_x(page.l_margin + place * width)
            page.write_line(text, size=9 if row else 7.5, muted=row == 0, width=width - 4)
        bottom = max(bottom, page.get_y())
    page.set_y(bottom + 3.5)


def _table(page: _Page, facts: DocumentFacts) -> None:
    taxes = ["CGST", "SGST"] if facts.same_state else ["IGST"]
    headings = ["#", "Description", "SAC", "Qty", "Unit price", "Taxable value", *taxes, "Amount"]
    widths = (7, 46, 15, 9, 22, 23, *(20.5,) * len(taxes), 23)
    left, right = Align.L, Align.R
    page.set_font(_FONT, "", 8)
    page.set_text_color(*_INK)
    page.set_draw_color(*_RULE)
    with page.table(
        width=int(_WIDTH),
        align=Align.L,
        col_widths=widths,
        text_align=(left, left, left, right, right, right, *(right,) * len(taxes), right),
        line_height=4,
        padding=(1.1, 1),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", fill_color=_TINT, color=_INK),
        repeat_headings=1,
    ) as table:
        table.row(headings)
        for number, line in enumerate(facts.lines, 1):
            table.row([str(number), *_cells(line, same_state=facts.same_state)])
    page.ln(3)


def _cells(line: DocumentLine, *, same_state: bool) -> list[str]:
    rate = Decimal(line.gst_percent)
    taxes = [_tax(rate / 2, line.cgst), _tax(rate / 2, line.sgst)] if same_state else [_tax(rate, line.igst)]
    return [
        _latin(line.description),
        _latin(line.sac),
        str(line.quantity),
        grouped(line.unit_price),
        grouped(line.taxable),
        *taxes,
        grouped(line.total),
    ]


def _tax(rate: Decimal, amount: Paise) -> str:
    return f"{grouped(amount)}\n{rate.normalize():f}%"


def _sums(page: _Page, facts: DocumentFacts) -> None:
    taxes = [("CGST", facts.cgst), ("SGST", facts.sgst)] if facts.same_state else [("IGST", facts.igst)]
    rows = [("Taxable value", facts.taxable), *taxes, ("Round-off", facts.round_off)]
    if page.will_page_break(5 * len(rows) + 32):
        page.add_page()
    for label, amount in rows:
        _sum(page, label, grouped(amount))
    page.ln(1)
    name = "Total credited" if facts.kind == CREDIT_NOTE else "Total"
    _sum(page, name, f"Rs. {grouped(facts.total)}", size=12, bold=True)
    page.ln(3)
    page.write_line("Amount in words", size=7.5, muted=True)
    page.write_line(in_words(facts.total), bold=True)
    page.ln(4)


def _sum(page: _Page, label: str, value: str, *, size: float = 9, bold: bool = False) -> None:
    page.set_x(page.l_margin + _WIDTH - 86)
    page.write_line(label, size=size, bold=bold, width=40, align=Align.R, stay=True)
    page.write_line(value, size=size, bold=bold, width=46, align=Align.R)


def _closing(page: _Page, facts: DocumentFacts) -> None:
    page.write_line(f"For {facts.supplier.name}", size=8.5)
    page.ln(0.8)
    note = "Issued electronically under the Information Technology Act, 2000; valid without a signature."
    page.write_line(f"{note} All amounts in Indian rupees.", size=8, muted=True)


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d %b %Y}" if iso else "-"


def _latin(text: str) -> str:
    """The text in letters that the core fonts have: marks are spelled out, accents they lack are dropped."""
    told = text.translate(_WRITTEN_OTHERWISE)
    return "".join(character if _known(character) else _closest(character) for character in told)


def _known(character: str) -> bool:
    return character.isprintable() and ord(character) < 256


def _closest(character: str) -> str:
    if unicodedata.category(character).startswith(("C", "M")):
        return ""
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if _known(part))
    return plain or "?"
