"""Who gets which paper, over what, in whose name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.billing.documents import Supplier, document_facts
from domain.billing.provider import ProviderRefund
from domain.booking import Customer
from domain.closing import due_document, due_together
from domain.commands import AdoptRefund, RecordInvoice
from domain.emails import booking_emails
from domain.kind import ViewContext
from domain.people import Person
from domain.views import detail
from kinds.local_services.domain import commands
from kinds.local_services.domain.commands import ConfirmByClock, DecideDispute
from kinds.local_services.domain.kind import LOCAL_SERVICES
from kinds.local_services.domain.parts import Outcome
from tests.kinds.local_services.bookings import ADMIN, ASHA, DAY, HOUR, NOW, RATES, RAVI, START, Request

T = 100_000
GSTIN = "27AAPFU0939F1ZV"
SHOP = Supplier("Nearby Pvt Ltd", "29AAGCB7383J1Z4", "Karnataka", "1 MG Road, Bengaluru")
NO_SHOW = commands.Cancel(RAVI, no_show=True, arrived=True)


def confirmed(case: str = "none", **given: Any) -> Request:
    gstin = GSTIN if case == "provider" else None
    rates = replace(RATES, tax_case=type(RATES.tax_case)(case), provider_gstin=gstin)
    return Request(total=T, rates=rates, **given).asks(commands.Accept(RAVI)).completed().asks(commands.Confirm(ASHA))


@pytest.mark.parametrize(
    ("case", "series", "percent", "heading", "supplier"),
    [
        ("platform", "LS", "18", "", None),
        ("provider", "LR", "18", "Receipt", (RAVI.id, GSTIN, "Maharashtra")),
        ("none", "LR", "0", "Receipt", (RAVI.id, None, None)),
    ],
)
def test_whoever_owes_the_gst_issues_the_paper_of_the_service(case, series, percent, heading, supplier):
    request = confirmed(case)
    due = due_document(LOCAL_SERVICES, request.booking)
    terms = LOCAL_SERVICES.issue_terms(request.booking, due)
    assert (terms.recipient, str(terms.gst_percent), terms.heading) == (ASHA.id, percent, heading)
    shown = terms.supplier and (terms.supplier.person, terms.supplier.gstin, terms.supplier.state)
    assert shown == supplier
    assert request.issued() == [(series, "service", T), ("LC", "commission", 17_700)]


def test_both_papers_of_a_confirmed_booking_are_numbered_together():
    due = due_together(LOCAL_SERVICES, confirmed("provider").booking, NOW)
    assert [each.leg for each in due] == ["service", "commission"]


def test_the_commission_is_invoiced_to_the_provider_to_the_paisa():
    request = confirmed("provider")
    [_, due] = LOCAL_SERVICES.documents(request.booking)
    facts = document_facts(
        LOCAL_SERVICES, request.booking, due, "LC-2627-000001", NOW, SHOP, Person(RAVI.id, "Ravi Kumar")
    )
    [line] = facts.lines
    assert (line.sac, line.taxable, facts.total, facts.round_off) == ("998599", 15_000, 17_700, 0)
    assert (facts.recipient.id, facts.recipient.name, facts.recipient.gstin) == (RAVI.id, "Ravi Kumar", GSTIN)


@pytest.mark.parametrize(
    ("gstin", "place", "taxes"),
    [(GSTIN, "Maharashtra (27)", (0, 0, 2_700)), ("29AAACB1534F1ZB", "Karnataka (29)", (1_350, 1_350, 0))],
)
def test_the_tax_of_a_commission_is_that_of_the_state_in_which_the_provider_is_registered(gstin, place, taxes):
    rates = replace(RATES, tax_case=type(RATES.tax_case)("provider"), provider_gstin=gstin)
    request = Request(total=T, rates=rates).asks(commands.Accept(RAVI)).completed().asks(commands.Confirm(ASHA))
    [_, due] = LOCAL_SERVICES.documents(request.booking)
    facts = document_facts(LOCAL_SERVICES, request.booking, due, "LC-2627-1", NOW, SHOP, Person(RAVI.id, "Ravi Kumar"))
    assert (facts.place_of_supply, (facts.cgst, facts.sgst, facts.igst)) == (place, taxes)
    assert (facts.total, facts.round_off) == (17_700, 0)


def test_a_requester_who_is_registered_in_another_state_is_billed_with_the_tax_of_two():
    request = confirmed("platform", customer=Customer(ASHA.id, gstin=GSTIN))
    [due, _] = LOCAL_SERVICES.documents(request.booking)
    facts = document_facts(LOCAL_SERVICES, request.booking, due, "LS-2627-1", NOW, SHOP, Person(ASHA.id, "Asha Rao"))
    assert (facts.place_of_supply, facts.cgst, facts.igst) == ("Maharashtra (27)", 0, 15_254)
    assert (facts.total, facts.round_off) == (T, 0)


def test_a_credit_note_has_the_taxes_of_its_invoice_whatever_would_be_right_today():
    request, asha = confirmed("platform", customer=Customer(ASHA.id, gstin=GSTIN)), Person(ASHA.id, "Asha Rao")
    sold = due_document(LOCAL_SERVICES, request.booking)
    invoice = document_facts(LOCAL_SERVICES, request.booking, sold, "LS-2627-1", NOW, SHOP, asha)
    printed_before = replace(invoice, place_of_supply="Karnataka (29)", same_state=True)
    request.issued()
    request.asks(AdoptRefund(ProviderRefund("rfnd_1", "pay_1", 20_000, "processed", {})))
    due = due_document(LOCAL_SERVICES, request.booking)
    for against, place, taxes in (
        (printed_before, "Karnataka (29)", (1_525, 1_525, 0)),
        (invoice, "Maharashtra (27)", (0, 0, 3_051)),
    ):
        note = document_facts(LOCAL_SERVICES, request.booking, due, "LN-2627-1", NOW, SHOP, asha, invoice=against)
        assert (note.place_of_supply, (note.cgst, note.sgst, note.igst)) == (place, taxes)


def test_before_anything_is_final_there_is_no_paper():
    for request in (
        Request().paid(),
        Request().completed(),
        Request().completed().asks(commands.Dispute(ASHA, "other", "it is not good")),
        Request().paid().when(START + HOUR).asks(NO_SHOW, timedelta(0)),
        Request().paid().asks(commands.Cancel(RAVI)),
        Request().asks(commands.Cancel(ASHA)),
    ):
        assert due_document(LOCAL_SERVICES, request.booking) is None


def test_of_a_cancelled_or_disputed_booking_the_papers_are_over_what_is_kept():
    cancelled = Request(total=T).paid().when(START - HOUR).asks(commands.Cancel(ASHA), timedelta(0))
    assert cancelled.issued() == [("LR", "service", 50_000), ("LC", "commission", 8_850)]
    disputed = Request(total=T).completed().asks(commands.Dispute(ASHA, "other", "it is not good"))
    disputed.asks(DecideDispute(ADMIN, Outcome.REFUND_PART, 60_000))
    assert disputed.issued() == [("LR", "service", 40_000), ("LC", "commission", 7_080)]
    claimed = Request(total=T).paid().when(START + HOUR).asks(NO_SHOW, timedelta(0)).asks(ConfirmByClock(), 2 * DAY)
    assert claimed.issued()[0] == ("LR", "service", 50_000)


def test_what_staff_refund_later_is_credited_on_both_papers_though_a_released_share_stays_the_providers():
    request = confirmed("platform").paid_out()
    request.issued()
    [payout] = request.booking.payouts
    assert payout.state == "released"
    request.asks(AdoptRefund(ProviderRefund("rfnd_1", "pay_1", 20_000, "processed", {})))
    assert request.issued() == [("LN", "service", 20_000), ("LM", "commission", 3_540)]
    [left] = request.paid_out().booking.payouts
    assert (left.kept, len(request.booking.attention)) == (payout.kept, 1), "an admin is asked what becomes of the rest"


def test_each_paper_is_shown_and_mailed_to_whom_it_is_issued():
    request = confirmed()
    mailed = []
    for _ in range(2):
        due = due_document(LOCAL_SERVICES, request.booking)
        request.asks(RecordInvoice(due.kind, 1, due.leg, f"{due.leg}-1", due.amount))
        mailed += booking_emails(LOCAL_SERVICES, request.before, request.booking)
    assert [(mail.person_id, mail.document) for mail in mailed] == [(ASHA.id, "service-1"), (RAVI.id, "commission-1")]
    shown = {
        viewer.id: detail(LOCAL_SERVICES, request.booking, viewer, ViewContext("key"))["documents"]
        for viewer in (ASHA, RAVI, ADMIN)
    }
    assert [(each["kind"], each["total"]) for each in shown[ASHA.id]] == [("receipt", "1000.00")]
    assert [each["url"] for each in shown[RAVI.id]] == ["/api/v1/bookings/1007/commission-invoice.pdf"]
    assert len(shown[ADMIN.id]) == 2
