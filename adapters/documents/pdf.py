"""The printed invoice or credit note. It draws facts that were settled before; it computes no amount.

The same facts give the same bytes, so a copy that is fetched a year later is the one that was mailed.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign, XPos, YPos
from fpdf.fonts import FontFace

from adapters.documents.fonts import BOLD, DEVANAGARI, DEVANAGARI_BOLD, REGULAR, font_files, in_devanagari, printable
from domain.amounts import grouped, in_words
from domain.billing.documents import CREDIT_NOTE, DocumentFacts, DocumentLine
from domain.money import Paise

_FONT, _FALLBACK = "revcare", "revcare-devanagari"
_WIDTH = 186.0
_INK, _MUTED, _RULE, _TINT = (28, 32, 38), (104, 112, 122), (205, 210, 216), (241, 244, 247)


def render_document(facts: DocumentFacts) -> bytes:
    """The document as a PDF of A4 pages, its fonts embedded."""
    devanagari = in_devanagari(" ".join([*_words_of(facts)]))
    with font_files(devanagari=devanagari) as fonts:
        page = _Page(facts, fonts, devanagari=devanagari)
        page.add_page()
        _parties(page, facts)
        _table(page, facts)
        _sums(page, facts)
        _closing(page, facts)
        return bytes(page.output())


def _words_of(facts: DocumentFacts) -> list[str]:
    """What others have written."""
    supplier, recipient = facts.supplier, facts.recipient
    people = [supplier.name, supplier.address, recipient.name, recipient.address, *_subject_lines(facts)]
    return [*people, *(line.description for line in facts.lines)]


class _Page(FPDF):
    """An A4 page with the document's name above and its number and page count below."""

    def __init__(self, facts: DocumentFacts, fonts: Path, *, devanagari: bool) -> None:
        super().__init__(format="A4")
        self.facts = facts
        self.heading = "Credit note" if facts.kind == CREDIT_NOTE else "Tax invoice"
        self.set_margins(12, 14)
        self.set_auto_page_break(auto=True, margin=20)
        self._add_fonts(fonts, devanagari=devanagari)
        self.set_title(f"{self.heading} {facts.number}")
        self.set_author(printable(facts.supplier.name))
        self.set_lang("en-IN")
        # The day of the document, not of the printing: a second copy must not differ from the first.
        day = date.fromisoformat(facts.date)
        self.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def header(self) -> None:
        """Who issues what, the copy's name on the right."""
        self.alias_nb_pages("")  # only the footer counts pages: somebody may be called {nb}
        top = self.get_y()
        self.write_line(self.facts.supplier.name, size=15, bold=True, width=_WIDTH * 0.62)
        bottom = self.get_y()
        self.set_xy(self.l_margin + _WIDTH * 0.62, top)
        self.write_line(self.heading.upper(), size=15, bold=True, width=_WIDTH * 0.38, align=Align.R)
        self.write_line("Original for recipient", muted=True, align=Align.R)
        self.set_y(max(bottom, self.get_y()) + 1.5)
        self.set_draw_color(*_RULE)
        self.line(self.l_margin, self.get_y(), self.l_margin + _WIDTH, self.get_y())
        self.ln(3)

    def footer(self) -> None:
        """Which page of which document."""
        self.alias_nb_pages()
        self.set_y(-14)
        self.write_line(f"{self.heading} {self.facts.number}", muted=True, size=8, width=_WIDTH / 2, stay=True)
        # The count replaces its mark when all is drawn, and is narrower: the line is made to end where it will.
        wide = self.get_string_width("{nb}") - self.get_string_width("0")
        self.write_line(f"Page {self.page_no()} of {{nb}}", muted=True, size=8, width=_WIDTH / 2 + wide, align=Align.R)

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
        self.multi_cell(width, size * 0.5, printable(text), align=align, new_x=new_x, new_y=new_y)

    def _add_fonts(self, fonts: Path, *, devanagari: bool) -> None:
        self.add_font(_FONT, "", fonts / REGULAR)
        self.add_font(_FONT, "B", fonts / BOLD)
        if devanagari:
            self.add_font(_FALLBACK, "", fonts / DEVANAGARI)
            self.add_font(_FALLBACK, "B", fonts / DEVANAGARI_BOLD)
            self.set_fallback_fonts([_FALLBACK])
            self.set_text_shaping(True)


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
    registered = f"GSTIN {recipient.gstin}" if recipient.gstin else ""
    customer = [recipient.name, recipient.address, registered, recipient.phone, f"Customer {recipient.id}"]
    _side_by_side(page, ("Supplier", issuer), ("Document", document))
    _side_by_side(page, ("Issued to", customer), (facts.subject.title, _subject_lines(facts)))


def _subject_lines(facts: DocumentFacts) -> list[str]:
    return [f"{line.label} {line.text}".strip() for line in facts.subject.lines]


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
    widths = (7, 45, 15, 10, 22, 23, *(20.5,) * len(taxes), 23)
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
        v_align=VAlign.T,
    ) as table:
        table.row(headings)
        for number, line in enumerate(facts.lines, 1):
            table.row([str(number), *_cells(line, same_state=facts.same_state)])
    page.ln(3)


def _cells(line: DocumentLine, *, same_state: bool) -> list[str]:
    rate = Decimal(line.gst_percent)
    taxes = [_tax(rate / 2, line.cgst), _tax(rate / 2, line.sgst)] if same_state else [_tax(rate, line.igst)]
    return [
        printable(line.description),
        printable(line.sac),
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
    if page.will_page_break(5 * len(rows) + 52):
        page.add_page()
    for label, amount in rows:
        _sum(page, label, grouped(amount))
    page.ln(1)
    page.line(page.l_margin + _WIDTH - 66, page.get_y(), page.l_margin + _WIDTH, page.get_y())
    page.ln(1)
    name = "Total credited" if facts.kind == CREDIT_NOTE else "Total"
    _sum(page, name, f"₹ {grouped(facts.total)}", size=12, bold=True)
    page.ln(3)
    page.write_line("Amount in words", size=7.5, muted=True)
    page.write_line(in_words(facts.total), bold=True)
    page.ln(4)


def _sum(page: _Page, label: str, value: str, *, size: float = 9, bold: bool = False) -> None:
    page.set_x(page.l_margin + _WIDTH - 86)
    page.write_line(label, size=size, bold=bold, width=40, align=Align.R, stay=True)
    page.write_line(value, size=size, bold=bold, width=46, align=Align.R)


def _closing(page: _Page, facts: DocumentFacts) -> None:
    half = page.l_margin + _WIDTH / 2
    top = page.get_y()
    page.write_line("All amounts in Indian rupees (₹).", size=8, muted=True, width=_WIDTH / 2 - 8)
    note = "Issued electronically under the Information Technology Act, 2000; valid without a handwritten signature."
    page.write_line(note, size=8, muted=True, width=_WIDTH / 2 - 8)
    page.set_xy(half, top)
    page.write_line(f"For {facts.supplier.name}", size=8.5, width=_WIDTH / 2, align=Align.R)
    page.line(half + 35, page.get_y() + 11, page.l_margin + _WIDTH, page.get_y() + 11)
    page.set_xy(half, page.get_y() + 12)
    page.write_line("Authorised signatory", size=8, muted=True, width=_WIDTH / 2, align=Align.R)


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d %b %Y}" if iso else "-"
