from dataclasses import replace
from datetime import timedelta

import pytest

from domain.billing.assessment import assess_order
from domain.billing.provider import OrderFacts, PaymentStatus, ProviderOrder
from domain.billing.records import Method
from domain.commands import LapseOrder, NotePaymentFailure, ReturnMoney, TakePayment
from domain.errors import ActionNotAllowed, AmountMismatch, Invalid, NotFound, RoleRequired
from kinds.vehicle_service.domain.commands import ChooseCash, ConfirmServices
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from kinds.vehicle_service.domain.pricing import totals
from kinds.vehicle_service.domain.rules.paying import chosen_amount, is_wanted, matching_order
from tests.kinds.vehicle_service.bookings import (
    analysed,
    booked,
    captured,
    completed,
    estimate_ready,
    failed,
    in_progress,
    received,
)
from tests.kinds.vehicle_service.people import (
    ADMIN,
    ASHA,
    BOTH_WITH_GST,
    BRAKES,
    FILTER,
    LATA,
    MONDAY,
    OIL,
    POLICY,
    actor,
    recommended,
)

ONLINE, CASH = Method.ONLINE, Method.OFFLINE


def states(booking):
    return {line.service_id: str(line.state) for line in booking.lines}


def prices(booking):
    return {line.service_id: line.price for line in booking.lines}


# The choice


def test_choosing_cash_confirms_the_chosen_lines_and_declines_the_others():
    booking = estimate_ready().cash_agreed(BRAKES, FILTER).booking
    assert (booking.status, booking.method) == ("in-progress", CASH)
    assert states(booking) == {BRAKES: "confirmed", OIL: "declined", FILTER: "confirmed"}
    assert prices(booking) == {BRAKES: 165000, OIL: None, FILTER: 60000}
    (payment,) = booking.payments
    assert (payment.leg, payment.method, payment.status, payment.amount) == ("service", CASH, "pending", 265500)


def test_cash_without_a_list_means_the_requested_services():
    booking = estimate_ready().asks(ChooseCash(ASHA)).booking
    assert (booking.status, booking.event.action) == ("in-progress", "choose-cash")
    assert states(booking) == {BRAKES: "confirmed", OIL: "confirmed", FILTER: "declined"}


def test_cash_after_an_order_means_the_lines_of_that_order():
    booking = estimate_ready().order_opened(OIL).asks(ChooseCash(ASHA)).booking
    assert states(booking) == {BRAKES: "declined", OIL: "confirmed", FILTER: "declined"}


@pytest.mark.parametrize("method", Method)
def test_a_choice_needs_lines_of_this_booking(method):
    with pytest.raises(Invalid, match="at least one service"):
        estimate_ready().asks(ConfirmServices(ASHA, (), method))
    with pytest.raises(Invalid, match=r"services \[999\] are not on this booking"):
        estimate_ready().asks(ConfirmServices(ASHA, (OIL, 999), method))


@pytest.mark.parametrize("method", Method)
def test_there_is_nothing_to_choose_before_the_estimate_is_validated(method):
    with pytest.raises(ActionNotAllowed, match="not validated yet"):
        analysed().asks(ConfirmServices(ASHA, (OIL,), method))
    with pytest.raises(ActionNotAllowed, match="not validated yet"):
        analysed().asks(ChooseCash(ASHA))


@pytest.mark.parametrize("builder", [booked, received, in_progress, completed, lambda: estimate_ready().cancelled()])
def test_a_choice_is_made_only_while_the_estimate_waits(builder):
    with pytest.raises(ActionNotAllowed):
        builder().asks(ConfirmServices(ASHA, (OIL,), CASH))


def test_a_mechanic_does_not_choose_for_the_customer():
    with pytest.raises(RoleRequired):
        estimate_ready().asks(ConfirmServices(actor(LATA), (OIL,), CASH))
    with pytest.raises(RoleRequired):
        estimate_ready().asks(ChooseCash(actor(LATA)))


def test_an_admin_may_choose_for_the_customer():
    assert estimate_ready().asks(ConfirmServices(ADMIN, (OIL,), CASH)).booking.status == "in-progress"


def test_a_service_named_twice_is_paid_once():
    booking = estimate_ready().booking
    assert chosen_amount(booking, ConfirmServices(ASHA, (OIL, OIL), CASH)) == 100300


def test_too_small_an_amount_cannot_be_paid_online():
    builder = analysed()
    builder.booking.lines[1].quote = 50
    builder.estimate_validated()
    with pytest.raises(Invalid, match=r"at least 1\.00"):
        builder.asks(ConfirmServices(ASHA, (OIL,), ONLINE))


# Orders


def test_an_online_choice_waits_for_its_money():
    builder = estimate_ready().order_opened(OIL, order_id="order_1")
    booking, made_at = builder.booking, builder.timeline[-1].at
    (order,) = booking.payments
    assert (booking.status, booking.method) == ("analysed", ONLINE)
    assert (order.order_id, order.amount, order.status, order.live) == ("order_1", 100300, "pending", True)
    assert order.expires_at == made_at + timedelta(minutes=30)
    assert states(booking) == {BRAKES: "declined", OIL: "quoted", FILTER: "declined"}
    assert prices(booking)[OIL] is None


def test_an_order_never_outlives_the_decision_window():
    builder = estimate_ready()
    builder.now = builder.booking.decision_until - timedelta(minutes=5)
    assert builder.order_opened().live_order.expires_at == builder.booking.decision_until


def test_an_order_over_another_amount_is_refused():
    order = ProviderOrder("order_1", 100, "INR", "created", None)
    with pytest.raises(AmountMismatch):
        estimate_ready().asks(ConfirmServices(ASHA, (OIL,), ONLINE, order=order))


def test_the_same_lines_again_answer_the_same_order_in_any_order_of_the_lines():
    builder = estimate_ready().order_opened(OIL, BRAKES)
    assert matching_order(builder.booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) == builder.live_order
    assert matching_order(builder.booking, ConfirmServices(ASHA, (OIL,), ONLINE)) is None
    assert matching_order(builder.booking, ConfirmServices(ASHA, (BRAKES, OIL), CASH)) is None
    assert matching_order(builder.order_lapsed().booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) is None


def test_other_lines_make_a_new_order_and_close_the_first():
    builder = estimate_ready().order_opened(OIL, BRAKES).order_opened(BRAKES)
    first, second = builder.booking.payments
    assert (first.live, first.superseded, first.status) == (False, True, "failed")
    assert builder.live_order == second
    assert states(builder.booking) == {BRAKES: "quoted", OIL: "declined", FILTER: "declined"}


def test_cash_instead_closes_the_order():
    builder = estimate_ready().order_opened().cash_agreed()
    assert builder.booking.live_order() is None
    assert builder.booking.payments[0].superseded


# Money that comes


def test_captured_money_confirms_the_lines_that_it_was_asked_for():
    builder = estimate_ready().order_opened(OIL).money_arrives("pay_9")
    (payment,) = builder.booking.payments
    assert builder.booking.status == "in-progress"
    assert (payment.status, payment.payment_id, payment.captured_at) == ("success", "pay_9", builder.timeline[-1].at)
    assert states(builder.booking) == {BRAKES: "declined", OIL: "confirmed", FILTER: "declined"}
    assert prices(builder.booking)[OIL] == 85000
    assert totals(builder.booking).due == 0


def test_late_money_still_confirms_while_the_booking_waits():
    builder = estimate_ready().order_opened().order_lapsed()
    assert (builder.booking.status, builder.booking.payments[0].status) == ("analysed", "failed")
    assert is_wanted(builder.booking, builder.booking.payments[0])
    assert builder.money_arrives().booking.status == "in-progress"


def test_the_money_of_a_replaced_order_is_not_wanted():
    builder = estimate_ready().order_opened(OIL).order_opened(BRAKES)
    first = builder.booking.payments[0]
    assert not is_wanted(builder.booking, first)
    with pytest.raises(ActionNotAllowed, match="not what the booking waits for"):
        builder.money_arrives(order=first)


def test_money_of_another_amount_is_not_taken():
    builder = estimate_ready().order_opened()
    with pytest.raises(ActionNotAllowed, match="not what the booking waits for"):
        builder.asks(TakePayment(captured(builder.live_order, amount=BOTH_WITH_GST - 1)))


def test_money_is_taken_once():
    with pytest.raises(ActionNotAllowed):
        estimate_ready().order_opened().money_arrives().money_arrives("pay_2")


def test_an_order_of_another_booking_is_not_found():
    builder = estimate_ready().order_opened()
    stranger = replace(captured(builder.live_order), order_id="order_of_another")
    for command in (TakePayment(stranger), NotePaymentFailure(stranger), ReturnMoney(stranger, "late")):
        with pytest.raises(NotFound):
            builder.asks(command)
    with pytest.raises(NotFound):
        builder.asks(LapseOrder("order_of_another"))


def test_people_cannot_say_that_money_came():
    builder = estimate_ready().order_opened()
    for somebody in (ASHA, ADMIN):
        with pytest.raises(RoleRequired):
            builder.asks(TakePayment(captured(builder.live_order), actor=somebody))


def test_a_failed_attempt_is_an_entry_and_the_order_stays_payable():
    builder = estimate_ready().order_opened()
    builder.asks(NotePaymentFailure(failed(builder.live_order)))
    assert (builder.booking.event.action, builder.booking.event.note) == ("payment-failed", "insufficient funds")
    assert builder.live_order.failed_attempts == ("pay_failed",)
    assert builder.money_arrives().booking.status == "in-progress"


@pytest.mark.parametrize("odd", [{"amount": 100}, {"currency": "USD"}])
def test_wrong_money_that_is_only_held_spends_its_order_and_the_same_choice_makes_a_new_one(odd):
    builder = estimate_ready().order_opened(BRAKES, OIL)
    held = replace(captured(builder.live_order, "pay_odd"), status="authorized", captured=False, **odd)
    for command in assess_order(VEHICLE_SERVICE, builder.booking, evidence_of(builder, held)).commands:
        builder.asks(command)
    assert matching_order(builder.booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) is None
    assert assess_order(VEHICLE_SERVICE, builder.booking, evidence_of(builder, held)).commands == ()
    assert builder.order_opened(BRAKES, OIL).money_arrives().booking.status == "in-progress"


def test_wrong_money_that_is_held_beside_the_right_money_does_not_stop_it():
    builder = estimate_ready().order_opened()
    right = replace(captured(builder.live_order), status="authorized", captured=False)
    odd = replace(right, payment_id="pay_odd", amount=100)
    evidence = evidence_of(builder, odd, right)
    for command in assess_order(VEHICLE_SERVICE, builder.booking, evidence).commands:
        builder.asks(command)
    assert assess_order(VEHICLE_SERVICE, builder.booking, evidence).capture == right


def evidence_of(builder, *payments):
    order = builder.booking.payments[0]
    return OrderFacts(ProviderOrder(order.order_id, order.amount, "INR", "attempted", None), payments)


def test_after_the_payment_window_the_booking_waits_on_and_can_be_confirmed_again():
    builder = estimate_ready().order_opened().order_lapsed()
    assert builder.booking.live_order() is None
    assert builder.order_opened().money_arrives().booking.status == "in-progress"


def test_a_lone_recommended_line_can_be_all_that_is_chosen():
    builder = analysed()
    assert builder.booking.line(FILTER).quote == recommended().quote
    booking = builder.estimate_validated().cash_agreed(FILTER).booking
    assert totals(booking).total == 70800


def test_the_window_to_pay_is_a_setting():
    builder = estimate_ready(policy=replace(POLICY, payment_window=timedelta(seconds=3))).order_opened()
    assert builder.live_order.expires_at == builder.timeline[-1].at + timedelta(seconds=3)
    assert builder.booking.created_at == MONDAY
    assert builder.live_order.status is PaymentStatus.PENDING
