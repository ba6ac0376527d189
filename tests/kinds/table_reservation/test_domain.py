"""The engine's functions over a kind that is unlike the vehicle service."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.attention import waiting_for
from domain.billing.assessment import assess_order
from domain.billing.document_terms import Series
from domain.billing.provider import ProviderOrder, RefundStatus
from domain.closing import due_document, totals
from domain.commands import Cancel, RecordInvoice, RecordRefund, ReturnMoney, TakePayment
from domain.deadlines import due_deadline, open_deadlines
from domain.decide import NOTICEABLE_GROWTH, STATE_BUDGET, first_version
from domain.emails import booking_emails
from domain.errors import ActionNotAllowed, BookingError, NotFound, RoleRequired, TooMany
from domain.kind import ViewContext
from domain.people import Person
from domain.temporal_ui import details
from domain.views import detail, summary
from tests.kinds.table_reservation.domain.booking import Bill, HandOver, PayDeposit, Seat, Status
from tests.kinds.table_reservation.domain.kind import GRACE, TABLE_RESERVATION
from tests.kinds.table_reservation.reservations import DEPOSIT, GUEST, HOST, NOON, OMAR, TINA, Reservation

WITH_GST = DEPOSIT * 105 // 100


def paid(reservation: Reservation) -> Reservation:
    for command in assess_order(TABLE_RESERVATION, reservation.booking, reservation.facts()).commands:
        reservation.asks(command)
    return reservation


def documents(reservation: Reservation) -> list[tuple[str, str, int]]:
    """Issues every document that is due; answers kind, leg and amount of each."""
    issued = []
    while (due := due_document(TABLE_RESERVATION, reservation.booking)) is not None:
        issued.append((due.kind, due.leg, due.amount))
        number = f"{TABLE_RESERVATION.series[reservation.booking.house].prefix(due.kind)}-{len(issued)}"
        reservation.asks(RecordInvoice(due.kind, len(issued), due.leg, number, due.amount, due.invoice_number))
    return issued


def test_a_deposit_is_an_advance_and_is_set_off_at_the_bill():
    reservation = paid(Reservation().ordered())
    assert totals(TABLE_RESERVATION, reservation.booking).due == 0
    reservation.asks(Seat(HOST)).asks(Bill(HOST, 200_000))
    assert [(row.leg, row.amount) for row in reservation.booking.payments] == [("deposit", WITH_GST), ("meal", 157_500)]
    assert documents(reservation) == [("invoice", "deposit", WITH_GST), ("invoice", "meal", 157_500)]
    assert (reservation.booking.status, reservation.booking.closed_at is None) == (Status.LEFT, False)


def test_what_a_deposit_is_more_than_the_bill_goes_back():
    reservation = paid(Reservation().ordered()).asks(Seat(HOST)).asks(Bill(HOST, 30_000))
    [refund] = reservation.booking.refunds
    assert (refund.amount, reservation.booking.closed_at) == (WITH_GST - 31_500, None)
    assert documents(reservation) == [("invoice", "deposit", WITH_GST), ("credit-note", "deposit", WITH_GST - 31_500)]
    reservation.asks(RecordRefund(refund.id, RefundStatus.PROCESSED, "rfnd_1"))
    assert reservation.booking.closed_at is not None


@pytest.mark.parametrize(("seated", "captures"), [(False, True), (True, False)])
def test_a_held_payment_is_captured_only_while_the_deposit_is_waited_for(seated, captures):
    reservation = Reservation().ordered()
    if seated:
        reservation.asks(Seat(HOST))
    held = assess_order(TABLE_RESERVATION, reservation.booking, reservation.facts("authorized"))
    assert (held.capture is not None) is captures


def test_a_deposit_that_comes_when_the_guests_sit_is_kept_as_an_advance():
    reservation = paid(Reservation().ordered().asks(Seat(HOST))).asks(Bill(HOST, 200_000))
    assert [row.amount for row in reservation.booking.payments] == [WITH_GST, 157_500]
    assert reservation.booking.refunds == []


def test_money_that_comes_after_the_bill_goes_back():
    reservation = Reservation().ordered().asks(Seat(HOST)).asks(Bill(HOST, 200_000))
    paid(reservation)
    assert [refund.amount for refund in reservation.booking.refunds] == [WITH_GST]


@pytest.mark.parametrize("gone", [False, True], ids=["is on its way back", "has gone back"])
def test_who_cancels_is_told_of_the_money_that_is_in_and_of_no_second_payment_that(gone):
    reservation = paid(Reservation().ordered())
    (payment,) = reservation.facts().payments
    reservation.asks(ReturnMoney(replace(payment, payment_id="pay_2"), "paid twice"))
    [second] = reservation.booking.refunds
    if gone:
        reservation.asks(RecordRefund(second.id, RefundStatus.PROCESSED, "rfnd_2"))
    reservation.asks(Cancel(GUEST, "ill"))
    assert reservation.booking.cancellation.refund == WITH_GST
    assert [refund.amount for refund in reservation.booking.refunds] == [WITH_GST, WITH_GST]


def test_a_free_reservation_ends_without_money_or_documents():
    reservation = Reservation(deposit=0).asks(Seat(HOST)).asks(Bill(HOST, 0))
    assert (reservation.booking.payments, documents(reservation)) == ([], [])
    assert reservation.booking.closed_at is not None


def test_who_does_not_come_loses_table_and_deposit_by_a_deadline():
    reservation = paid(Reservation().ordered())
    late = reservation.booking.starts_at + GRACE
    deadlines = open_deadlines(TABLE_RESERVATION.deadlines(reservation.booking), reservation.booking.alerted)
    assert due_deadline(deadlines, late - timedelta(seconds=1)) is None
    deadline = due_deadline(deadlines, late)
    assert deadline is not None
    assert deadline.command is not None
    reservation.asks(deadline.command, late - NOON)
    assert (reservation.booking.status, TABLE_RESERVATION.reservations(reservation.booking)) == (Status.MISSED, {})
    assert documents(reservation) == [("invoice", "deposit", WITH_GST)]
    assert reservation.booking.closed_at is not None


def test_a_table_is_a_range_of_time_while_it_is_held():
    reservation = Reservation()
    held = TABLE_RESERVATION.reservations(reservation.booking)
    assert held["table"].keys() == {"house", "table", "from", "until"}
    assert TABLE_RESERVATION.reservations(reservation.asks(Cancel(GUEST, "ill")).booking) == {}


def test_a_cancellation_tells_the_guest_and_the_house_and_gives_the_deposit_back():
    reservation = paid(Reservation().ordered()).asks(Cancel(HOST, "the kitchen burns"))
    expected = (("table-cancelled", TINA.id), ("table-free", HOST.id))
    assert TABLE_RESERVATION.emails_for(reservation.before, reservation.booking) == expected
    assert booking_emails(TABLE_RESERVATION, reservation.before, reservation.booking)[0].person_id == TINA.id
    assert [refund.amount for refund in reservation.booking.refunds] == [WITH_GST]


def test_who_hands_a_reservation_over_no_longer_takes_part():
    booking = Reservation().asks(HandOver(GUEST, OMAR)).booking
    active = {each.person: each.active for each in TABLE_RESERVATION.participants(booking)}
    assert active == {OMAR.id: True, HOST.id: True, TINA.id: False}


def test_a_reservation_that_is_handed_over_again_and_again_is_refused_by_name():
    reservation = Reservation()
    for number in range(300):
        reservation.asks(HandOver(GUEST, (OMAR, TINA)[number % 2]))
    with pytest.raises(TooMany, match="300 hand-overs within an hour"):
        reservation.asks(HandOver(GUEST, TINA))
    assert reservation.asks(Cancel(GUEST, "enough")).booking.status == Status.CANCELLED


def test_each_house_issues_its_documents_in_a_series_of_its_own():
    houses = [TABLE_RESERVATION.company(Reservation(house=house).booking) for house in ("north", "south")]
    assert [TABLE_RESERVATION.series[house] for house in houses] == [Series("TN", "CTN"), Series("TS", "CTS")]


@pytest.mark.parametrize(("command", "error"), [(Seat(GUEST), RoleRequired), (Bill(HOST, 1), ActionNotAllowed)])
def test_what_is_not_possible_is_refused_by_name_and_changes_nothing(command, error):
    reservation = Reservation()
    before = reservation.booking.version
    with pytest.raises(error):
        reservation.asks(command)
    assert reservation.booking.version == before
    assert issubclass(error, BookingError)


def test_the_engine_shows_it_as_any_other_booking():
    shown = detail(
        TABLE_RESERVATION, Reservation().booking, HOST, ViewContext("rzp_test_1", {TINA.id: Person(TINA.id, "Tina")})
    )
    assert shown["customer"] == {"id": TINA.id, "name": "Tina"}
    assert (shown["kind"], shown["status"], shown["table"]["number"]) == ("table_reservation", "reserved", 4)
    assert shown["waiting_for"]["who"] == "customer"
    assert "attention" not in shown
    assert (shown["totals"]["due"], shown["payments"], shown["cancellation"]) == ("525.00", [], None)
    row = summary(TABLE_RESERVATION, Reservation().booking, "customer")
    assert (row["totals"], row["customer"]["id"]) == ({"total": "525.00", "due": "525.00"}, TINA.id)
    assert row["table"] == shown["table"]


def test_only_the_newest_order_of_a_deposit_is_paid_by_money_that_comes():
    reservation = Reservation().ordered()
    (old,) = reservation.facts().payments
    reservation.asks(PayDeposit(GUEST, order=ProviderOrder("order_2", WITH_GST, "INR", "created", None)))
    with pytest.raises(ActionNotAllowed):
        reservation.asks(TakePayment(old))
    reservation.asks(TakePayment(replace(old, order_id="order_2")))
    assert reservation.booking.method == "online"
    assert [payment.status for payment in reservation.booking.payments] == ["failed", "success"]


def test_a_reservation_over_its_budget_refuses_what_adds_much_and_can_still_be_ended():
    reservation = Reservation()
    reservation.booking.attention = ["x" * STATE_BUDGET]
    with pytest.raises(TooMany, match="grown too large"):
        reservation.asks(HandOver(GUEST, replace(OMAR, billed_as="y" * NOTICEABLE_GROWTH)))
    assert reservation.asks(HandOver(GUEST, OMAR)).booking.customer == OMAR
    assert reservation.asks(Cancel(HOST, "z" * NOTICEABLE_GROWTH)).booking.status == Status.CANCELLED


def test_money_for_an_order_that_is_not_of_the_reservation_changes_nothing():
    reservation = Reservation().ordered()
    facts = reservation.facts()
    foreign = replace(facts, order=replace(facts.order, order_id="order_9"))
    assert not assess_order(TABLE_RESERVATION, reservation.booking, foreign).is_actionable
    (payment,) = facts.payments
    for command in (TakePayment, lambda fact: ReturnMoney(fact, "nobody asked")):
        with pytest.raises(NotFound, match="order_9"):
            reservation.asks(command(replace(payment, order_id="order_9")))


def test_a_kind_says_how_its_first_entry_and_the_payment_provider_are_called_and_adds_lines_of_its_own():
    def lines(booking):
        return (f"Table {booking.table}",)

    kind = replace(
        TABLE_RESERVATION,
        first_action="reserve",
        payment_provider="bank",
        ui=replace(TABLE_RESERVATION.ui, lines=lines),
    )
    reservation = paid(Reservation().ordered()).asks(Cancel(GUEST, "rain"))
    assert first_version(kind, Reservation().before, GUEST, NOON).event.action == "reserve"
    assert waiting_for(kind, reservation.booking).who == "bank"
    assert "Table 4" in details(kind, reservation.booking)
