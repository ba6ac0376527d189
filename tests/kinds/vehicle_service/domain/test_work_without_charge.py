"""Work at 0.00, under warranty or as goodwill: quoted, approved, done and invoiced like any other."""

import pytest

from domain.billing.records import Method
from domain.closing import due_document
from domain.errors import ActionNotAllowed
from kinds.vehicle_service.domain.commands import ChooseCash, ConfirmServices
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.orders import order_for
from kinds.vehicle_service.domain.pricing import totals
from tests.adapters.test_invoices_facts import document_of
from tests.kinds.vehicle_service.bookings import DOORSTEP, WALK_IN, BookingBuilder, in_analysis
from tests.kinds.vehicle_service.people import ADMIN, ASHA, BRAKES, FILTER, OIL, recommended

ONLINE, CASH = Method.ONLINE, Method.OFFLINE
CHOICES = {
    "online": lambda booking: ConfirmServices(ASHA, (BRAKES, OIL), ONLINE),
    "cash": lambda booking: ConfirmServices(ASHA, (BRAKES, OIL), CASH),
    "cash without a list": lambda booking: ChooseCash(ASHA),
}


def free_of_charge(pickup_type=DOORSTEP) -> BookingBuilder:
    """The estimate of both services at 0.00 is ready."""
    return in_analysis(pickup_type).analysis_submitted({BRAKES: 0, OIL: 0}, recommending=()).estimate_validated()


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("pickup_type", [DOORSTEP, WALK_IN], ids=str)
def test_where_nothing_is_due_there_is_neither_order_nor_cash_and_the_car_is_delivered(choice, pickup_type):
    builder = free_of_charge(pickup_type)
    wish = CHOICES[choice](builder.booking)
    assert order_for(builder.booking, wish) is None
    builder.asks(wish)
    assert (builder.booking.status, builder.timeline[-1].note) == ("in-progress", "nothing to pay")
    builder.service_assigned().work_reported().work_validated()
    if pickup_type is WALK_IN:
        builder.handed_over()
    else:
        builder.drop_assigned().brought_home()
    booking = builder.booking
    assert (booking.status, booking.payments, totals(booking).total) == ("delivered", [], 0)
    assert booking.closed_at is not None
    assert due_document(VEHICLE_SERVICE, booking) is None


def test_there_is_no_cash_to_verify_where_nothing_is_due():
    builder = free_of_charge().asks(CHOICES["cash"](None)).service_assigned().work_reported().work_validated()
    with pytest.raises(ActionNotAllowed, match="nothing is due"):
        builder.drop_assigned().cash_verified()


@pytest.mark.parametrize("method", [ONLINE, CASH], ids=str)
def test_a_line_without_charge_stands_beside_the_others_on_estimate_and_invoice(method):
    builder = in_analysis().analysis_submitted({BRAKES: 50000, OIL: 0}, recommending=()).estimate_validated()
    assert totals(builder.booking).total == 59000
    builder.confirmed(method).service_assigned().work_reported().work_validated().drop_assigned()
    booking = (builder if method is ONLINE else builder.cash_verified()).brought_home().booking
    assert {line.service_id: (line.price, str(line.state)) for line in booking.lines} == {
        BRAKES: (50000, "done"),
        OIL: (0, "done"),
    }
    owed = due_document(VEHICLE_SERVICE, booking)
    printed = document_of(booking, owed)
    assert [(line.description, line.total) for line in printed.lines] == [
        ("Brake pads, front", 59000),
        ("Engine oil change", 0),
    ]
    assert (printed.total, printed.round_off) == (59000, 0)


def test_a_recommended_line_may_be_goodwill_and_chosen_alone():
    builder = in_analysis().analysis_submitted(recommending=[recommended(quote=0)]).estimate_validated()
    builder.asks(ConfirmServices(ASHA, (FILTER,), ONLINE))
    assert (builder.booking.status, totals(builder.booking).total) == ("in-progress", 0)


def test_an_open_order_ends_when_what_is_chosen_instead_costs_nothing():
    builder = in_analysis().analysis_submitted(recommending=[recommended(quote=0)]).estimate_validated()
    builder.order_opened(BRAKES).asks(ConfirmServices(ADMIN, (FILTER,), ONLINE))
    assert builder.booking.live_order() is None
    builder.money_returned("not wanted any more")
    assert [refund.amount for refund in builder.booking.refunds] == [194700]


def test_giving_up_work_without_charge_costs_the_inspection_fee():
    builder = free_of_charge().asks(CHOICES["online"](None)).cancelled()
    assert (builder.booking.cancellation.fee, totals(builder.booking).due) == (10000, 11800)
