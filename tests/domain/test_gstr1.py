"""The tables of GSTR-1: which document stands where, and what is summed."""

from dataclasses import replace

import pytest

from domain.billing.document_terms import DocumentSubject
from domain.billing.documents import (
    CREDIT_NOTE,
    INVOICE,
    CitedInvoice,
    DocumentFacts,
    DocumentLine,
    DocumentRecipient,
    Supplier,
)
from domain.books.gstr1 import BookedDocument, Gstr1, place_of_supply
from domain.books.months import Month, month
from domain.books.sheets import Rupees
from domain.errors import Invalid

SUPPLIER = Supplier("RevCare", "27AAPFU0939F1ZV", "Maharashtra", "Pune")
PERSON = DocumentRecipient("CST000001", "Asha Rao", "", "")
BUSINESS = replace(PERSON, name="Traders", gstin="29AAGCB7383J1Z4")


def line(taxable: int, percent: str = "18", *, same_state: bool = True, sac: str = "998714") -> DocumentLine:
    tax = round(taxable * float(percent) / 100)
    half = tax // 2
    split = (half, half, 0) if same_state else (0, 0, tax)
    return DocumentLine("Oil", sac, 1, taxable, taxable, percent, *split)


def document(*lines: DocumentLine, number: str = "RC-2627-000001", note_of: DocumentFacts | None = None, **other):
    same_state = all(each.igst == 0 for each in lines)
    facts = DocumentFacts(
        kind=CREDIT_NOTE if note_of else INVOICE,
        leg="service",
        number=number,
        date="2026-11-21",
        booking_id=1,
        supplier=SUPPLIER,
        recipient=PERSON,
        subject=DocumentSubject(),
        place_of_supply="Maharashtra (27)" if same_state else "Karnataka (29)",
        same_state=same_state,
        lines=lines,
        round_off=0,
        total=sum(each.total for each in lines),
        against=CitedInvoice(note_of.number, note_of.date) if note_of else None,
    )
    facts = replace(facts, **other)
    if note_of is None:
        return BookedDocument(facts)
    return BookedDocument(facts, "", note_of.total, note_of.date)


def far(taxable: int) -> DocumentLine:
    return line(taxable, same_state=False)


def rows(*documents: BookedDocument) -> dict[str, list]:
    """Every row, by table."""
    tables: dict[str, list] = {}
    returned = Gstr1(SUPPLIER.gstin)
    for each in documents:
        for table, row in returned.add(each):
            tables.setdefault(table, []).append(row)
    for table, row in returned.summaries():
        tables.setdefault(table, []).append(row)
    for table, found in tables.items():
        assert {len(row) for row in found} == {len(returned.sheets[table].columns)}, table
    return tables


def test_an_invoice_to_a_business_has_a_row_for_each_rate():
    found = rows(document(line(100_00), line(50_00), line(200_00, "5"), recipient=BUSINESS))["b2b"]
    assert [(row[0], row[10], row[11]) for row in found] == [
        (BUSINESS.gstin, "5", Rupees(200_00)),
        (BUSINESS.gstin, "18", Rupees(150_00)),
    ]
    assert {row[3] for row in found} == {"21-Nov-2026"}
    assert {row[5] for row in found} == {"27-Maharashtra"}


@pytest.mark.parametrize(
    ("issued", "total", "table"),
    [
        ("2026-11-21", 100_000_00, "b2cs"),
        ("2026-11-21", 100_000_01, "b2cl"),
        ("2024-08-01", 100_000_01, "b2cl"),
        ("2024-07-31", 100_000_01, "b2cs"),
        ("2024-07-31", 250_000_01, "b2cl"),
    ],
)
def test_a_consumer_of_another_state_has_a_row_above_the_limit_of_the_day(issued: str, total: int, table: str):
    assert document(far(84_745_76), date=issued, total=total).table == table


def test_a_consumer_of_the_same_state_never_has_a_row():
    assert document(line(900_000_00)).table == "b2cs"


def test_consumers_are_summed_by_place_and_rate_less_what_was_credited():
    sold = document(line(1000_00))
    back = document(line(300_00), number="CN-2627-000001", note_of=sold.facts)
    found = rows(sold, back, document(far(500_00), number="RC-2627-000002"))["b2cs"]
    assert [row[1:5] for row in found] == [
        ("27-Maharashtra", None, "18", Rupees(700_00)),
        ("29-Karnataka", None, "18", Rupees(500_00)),
    ]


def test_a_credit_note_has_a_row_where_its_invoice_had_one():
    large = document(far(200_000_00))
    to_business = document(far(100_00), recipient=BUSINESS)
    assert document(far(50_00), note_of=large.facts).table == "cdnur"
    assert document(far(50_00), note_of=to_business.facts, recipient=BUSINESS).table == "cdnr"
    assert document(far(50_00), note_of=document(far(100_00)).facts).table == "b2cs"


def test_services_are_summed_by_sac_and_rate_apart_for_businesses_and_consumers():
    sold = document(line(1000_00), line(100_00, sac="998713"))
    found = rows(sold, document(line(300_00), note_of=sold.facts), document(far(70_00), recipient=BUSINESS))
    assert [(row[0], row[6]) for row in found["hsn_b2c"]] == [("998713", Rupees(100_00)), ("998714", Rupees(700_00))]
    assert [(row[4], row[7]) for row in found["hsn_b2b"]] == [(Rupees(82_60), Rupees(12_60))]


def test_the_numbers_of_each_series_are_told_from_first_to_last_and_what_is_missing():
    returned = Gstr1(SUPPLIER.gstin)
    for count in (7, 9, 8, 12):
        assert list(returned.add(document(line(100_00), number=f"RC-2627-{count:06d}"))) == []
    docs = [row for table, row in returned.summaries() if table == "docs"]
    assert docs == [("Invoices for outward supply", "RC-2627-000007", "RC-2627-000012", 4, 0)]
    assert returned.missing_numbers() == {"RC-2627-": 2}


@pytest.mark.parametrize(
    ("written", "same_state", "recipient", "place"),
    [
        ("Maharashtra (27)", True, PERSON, "27-Maharashtra"),
        ("Maharashtra", True, PERSON, "27-Maharashtra"),
        ("Outside Maharashtra (inter-State supply)", False, BUSINESS, "29-Karnataka"),
        ("Outside Maharashtra (inter-State supply)", False, PERSON, ""),
    ],
)
def test_a_place_of_supply_is_written_as_the_portal_does(written, same_state, recipient, place):
    facts = document(line(1_00), place_of_supply=written, same_state=same_state, recipient=recipient).facts
    assert place_of_supply(facts) == place


def test_a_month_is_read_as_a_calendar_has_it():
    assert month("2026-12").next == Month(2027, 1)
    for wrong in ("2026-13", "26-11", "2026-11-01", "november", "2026-1"):
        with pytest.raises(Invalid):
            month(wrong)
