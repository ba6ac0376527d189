"""Whatever somebody is called or writes, the document shows it, and it is a file that can be kept for years."""

import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.documents.characters import printable
from adapters.documents.pdf import render_document
from domain.billing.documents import DocumentFacts
from domain.errors import TooLarge
from tests.adapters.printed import as_a_reader_copies_it, pages_in_pieces
from tests.adapters.test_invoices_facts import owed_by
from tests.kinds.vehicle_service import bookings

FACTS = TypeAdapter(DocumentFacts)
IN_ANOTHER_PROCESS = """
import sys
from hashlib import sha256
from adapters.documents.pdf import render_document
from tests.adapters.test_invoices_words import FACTS
print(sha256(render_document(FACTS.validate_json(sys.stdin.buffer.read()))).hexdigest())
"""
INVOICE = owed_by(bookings.delivered().booking)


def named(name: str, address: str = "12 Beach Road") -> DocumentFacts:
    return replace(INVOICE, recipient=replace(INVOICE.recipient, name=name, address=address))


def drawn(facts: DocumentFacts) -> str:
    """The text of all pages without spaces, which are not drawn where a line ends."""
    return re.sub(r"\s", "", "".join(chain(*pages_in_pieces(render_document(facts)))))


def test_a_stored_document_prints_as_it_was() -> None:
    stored = FACTS.validate_json(FACTS.dump_json(INVOICE))
    assert stored == INVOICE
    assert render_document(stored) == render_document(INVOICE)


def test_the_same_facts_print_the_same_bytes_in_every_process_whatever_was_printed_before() -> None:
    facts = named("क्षत्रिय आशा")
    render_document(named("somebody else"))
    here = sha256(render_document(facts)).hexdigest()
    there = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        input=FACTS.dump_json(facts),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert there.stdout.decode().strip() == here


def test_a_document_says_that_it_is_made_to_be_archived_and_carries_its_fonts() -> None:
    printed = render_document(INVOICE)
    assert b"<pdfaid:part>3</pdfaid:part>" in printed
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in printed
    assert printed.count(b"/FontFile2") == printed.count(b"/Type/FontDescriptor") == 2


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("José Müller", "José Müller"),
        ("O’Brien – “Bob” (Jr.) \\", "O’Brien – “Bob” (Jr.) \\"),
        ("Łukasz ₹5", "Łukasz ₹5"),
        ("Ελένη Москва", "Ελένη Москва"),
        ("செல்வி", "celvi"),
        ("বাংলা 🚗", "bamla"),
        ("محمد \u202eשלום", "mhmd"),
        ("two\nlines\x00", "two lines"),
        ("a -- b --- c ... 'd' \"e\" ~f", "a -- b --- c ... 'd' \"e\" ~f"),
        ('#panic("x") #{1 + 1} $x^2$ `raw` *b* _i_ \\u{41}', '#panic("x") #{1 + 1} $x^2$ `raw` *b* _i_ \\u{41}'),
        ("= h @ref <label> [c] // c /* {nb} */ https://a.b", "= h @ref <label> [c] // c /* {nb} */ https://a.b"),
        ('#read("pdf.py") #import "@preview/a:1.0.0": *', '#read("pdf.py") #import "@preview/a:1.0.0": *'),
    ],
)
def test_a_name_is_shown_as_it_is_written_or_romanised_and_is_never_an_instruction(name: str, printed: str) -> None:
    supplied = replace(named(name), supplier=replace(INVOICE.supplier, name=name))
    page = "".join(pages_in_pieces(render_document(supplied))[0])
    assert f"Issued to{printed}" in page
    assert f"For {printed}" in page


@settings(max_examples=40)
@example(name="", marks="\u034f")
@given(st.text(max_size=60), st.text(alphabet=st.characters(min_codepoint=0x300, max_codepoint=0x97F), max_size=20))
def test_whatever_somebody_is_called_their_document_is_printed_and_shows_it(name: str, marks: str) -> None:
    facts = replace(named(name, marks), supplier=replace(INVOICE.supplier, name=name))
    printed = drawn(facts)
    for said in (name, marks):
        # Marks that are written in another order look the same, and ligatures are the letters they stand for.
        assert sorted(set(re.sub(r"[\s\u034f\u200c\u200d]", "", printable(said))) - set(printed)) == []


def test_what_is_in_the_fonts_is_in_both_weights() -> None:
    every = "".join(chr(code) for code in range(0x20, 0x3000) if printable(chr(code)) == chr(code))
    assert len(every) > 1700
    assert {"क", "é", "₹", "Ω", "Ж", "’"} <= set(every)
    for start in range(0, len(every), 200):
        some = " ".join(every[place : place + 8] for place in range(start, min(start + 200, len(every)), 8))
        supplied = replace(named(some), supplier=replace(INVOICE.supplier, name=some))
        assert set(re.sub(r"[\s\u200c\u200d]", "", some)) <= set(drawn(supplied))


def test_a_name_in_devanagari_is_printed_as_it_is_written() -> None:
    printed = pages_in_pieces(render_document(named("क्षत्रिय आशा")))[0]
    assert "क्षत्रिय आशा" in "".join(printed)


def test_a_word_that_is_wider_than_its_place_goes_on_in_the_next_line() -> None:
    word, line = "W" * 200, "M" * 190
    lines = tuple(replace(entry, description=line) for entry in INVOICE.lines)
    pieces = list(chain(*pages_in_pieces(render_document(replace(named(word), lines=lines)))))
    names, descriptions = [[piece for piece in pieces if piece[:1] == first] for first in "WM"]
    assert "".join(names) == word
    assert "".join(descriptions) == line * len(lines)
    assert max(len(piece) for piece in names) < 35
    assert max(len(piece) for piece in descriptions) < 20


def test_a_figure_is_never_broken() -> None:
    lines = tuple(replace(line, unit_price=99_99_99_99_999_99) for line in INVOICE.lines)
    (page,) = pages_in_pieces(render_document(replace(INVOICE, lines=lines)))
    assert page.count("99,99,99,99,999.99") == len(lines)


def test_a_row_that_no_page_can_hold_goes_on_on_the_next() -> None:
    lines = (replace(INVOICE.lines[0], description="wheel " * 1000 + "END"),)
    printed = drawn(replace(INVOICE, lines=lines))
    assert printed.count("wheel") == 1000
    assert "END" in printed


def test_facts_beyond_every_bound_are_refused() -> None:
    with pytest.raises(TooLarge, match="RC-2627-000001 is too long"):
        render_document(replace(INVOICE, lines=INVOICE.lines * 2000))


def test_what_a_reader_copies_is_what_is_drawn() -> None:
    printed = render_document(INVOICE)
    copied = re.sub(r"\s", "", as_a_reader_copies_it(printed))
    assert sorted(drawn(INVOICE)) == sorted(copied)
    assert "₹2,950.00" in copied
