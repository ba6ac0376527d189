from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import ActionNotAllowed, AmountMismatch, Invalid, NotFound, RoleRequired
from domain.kinds.vehicle_service.booking import Method
from domain.kinds.vehicle_service.evidence import conclude
from domain.kinds.vehicle_service.pricing import totals
from domain.kinds.vehicle_service.requests import (
    ChooseCash,
    ConfirmServices,
    LapseOrder,
    NotePaymentFailure,
    OpenOrder,
    ReturnMoney,
    TakePayment,
)
from domain.kinds.vehicle_service.rules.paying import chosen_amount, same_order, wanted
from domain.payments import OrderEvidence, PaymentStatus, ProviderOrder
from tests.domain.bookings import (
    analysed,
    booked,
    captured,
    completed,
    estimate_ready,
    failed,
    in_progress,
    received,
)
from tests.domain.people import (
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


@pytest.mark.parametrize("story", [booked, received, in_progress, completed, lambda: estimate_ready().cancelled()])
def test_a_choice_is_made_only_while_the_estimate_waits(story):
    with pytest.raises(ActionNotAllowed):
        story().asks(ConfirmServices(ASHA, (OIL,), CASH))


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
    story = analysed()
    story.booking.lines[1].quote = 50
    story.estimate_validated()
    with pytest.raises(Invalid, match=r"at least 1\.00"):
        story.asks(ConfirmServices(ASHA, (OIL,), ONLINE))


# Orders


def test_an_online_choice_waits_for_its_money():
    story = estimate_ready().order_opened(OIL, order_id="order_1")
    booking, made_at = story.booking, story.timeline[-1].at
    (order,) = booking.payments
    assert (booking.status, booking.method) == ("analysed", ONLINE)
    assert (order.order_id, order.amount, order.status, order.live) == ("order_1", 100300, "pending", True)
    assert order.expires_at == made_at + timedelta(minutes=30)
    assert states(booking) == {BRAKES: "declined", OIL: "quoted", FILTER: "declined"}
    assert prices(booking)[OIL] is None


def test_an_order_never_outlives_the_decision_window():
    story = estimate_ready()
    story.now = story.booking.decision_until - timedelta(minutes=5)
    assert story.order_opened().live_order.expires_at == story.booking.decision_until


def test_an_order_over_another_amount_is_refused():
    order = ProviderOrder("order_1", 100, "INR", "created", None)
    with pytest.raises(AmountMismatch):
        estimate_ready().asks(OpenOrder(ConfirmServices(ASHA, (OIL,), ONLINE), order, ASHA))


def test_the_same_lines_again_answer_the_same_order_in_any_order_of_the_lines():
    story = estimate_ready().order_opened(OIL, BRAKES)
    assert same_order(story.booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) == story.live_order
    assert same_order(story.booking, ConfirmServices(ASHA, (OIL,), ONLINE)) is None
    assert same_order(story.booking, ConfirmServices(ASHA, (BRAKES, OIL), CASH)) is None
    assert same_order(story.order_lapsed().booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) is None


def test_other_lines_make_a_new_order_and_close_the_first():
    story = estimate_ready().order_opened(OIL, BRAKES).order_opened(BRAKES)
    first, second = story.booking.payments
    assert (first.live, first.superseded, first.status) == (False, True, "failed")
    assert story.live_order == second
    assert states(story.booking) == {BRAKES: "quoted", OIL: "declined", FILTER: "declined"}


def test_cash_instead_closes_the_order():
    story = estimate_ready().order_opened().cash_agreed()
    assert story.booking.live_order() is None
    assert story.booking.payments[0].superseded


# Money that comes


def test_captured_money_confirms_the_lines_that_it_was_asked_for():
    story = estimate_ready().order_opened(OIL).money_arrives("pay_9")
    (payment,) = story.booking.payments
    assert story.booking.status == "in-progress"
    assert (payment.status, payment.payment_id, payment.captured_at) == ("success", "pay_9", story.timeline[-1].at)
    assert states(story.booking) == {BRAKES: "declined", OIL: "confirmed", FILTER: "declined"}
    assert prices(story.booking)[OIL] == 85000
    assert totals(story.booking).due == 0


def test_late_money_still_confirms_while_the_booking_waits():
    story = estimate_ready().order_opened().order_lapsed()
    assert (story.booking.status, story.booking.payments[0].status) == ("analysed", "failed")
    assert wanted(story.booking, story.booking.payments[0])
    assert story.money_arrives().booking.status == "in-progress"


def test_the_money_of_a_replaced_order_is_not_wanted():
    story = estimate_ready().order_opened(OIL).order_opened(BRAKES)
    first = story.booking.payments[0]
    assert not wanted(story.booking, first)
    with pytest.raises(ActionNotAllowed, match="not what the booking waits for"):
        story.money_arrives(order=first)


def test_money_of_another_amount_is_not_taken():
    story = estimate_ready().order_opened()
    with pytest.raises(ActionNotAllowed, match="not what the booking waits for"):
        story.asks(TakePayment(captured(story.live_order, amount=BOTH_WITH_GST - 1)))


def test_money_is_taken_once():
    with pytest.raises(ActionNotAllowed):
        estimate_ready().order_opened().money_arrives().money_arrives("pay_2")


def test_an_order_of_another_booking_is_not_found():
    story = estimate_ready().order_opened()
    stranger = replace(captured(story.live_order), order_id="order_of_another")
    for request in (TakePayment(stranger), NotePaymentFailure(stranger), ReturnMoney(stranger, "late")):
        with pytest.raises(NotFound):
            story.asks(request)
    with pytest.raises(NotFound):
        story.asks(LapseOrder("order_of_another"))


def test_people_cannot_say_that_money_came():
    story = estimate_ready().order_opened()
    for somebody in (ASHA, ADMIN):
        with pytest.raises(RoleRequired):
            story.asks(TakePayment(captured(story.live_order), somebody))


def test_a_failed_attempt_is_an_entry_and_the_order_stays_payable():
    story = estimate_ready().order_opened()
    story.asks(NotePaymentFailure(failed(story.live_order)))
    assert (story.booking.event.action, story.booking.event.note) == ("payment-failed", "insufficient funds")
    assert story.live_order.failed_attempts == ("pay_failed",)
    assert story.money_arrives().booking.status == "in-progress"


@pytest.mark.parametrize("odd", [{"amount": 100}, {"currency": "USD"}])
def test_wrong_money_that_is_only_held_spends_its_order_and_the_same_choice_makes_a_new_one(odd):
    story = estimate_ready().order_opened(BRAKES, OIL)
    held = replace(captured(story.live_order, "pay_odd"), status="authorized", captured=False, **odd)
    for request in conclude(story.booking, evidence_of(story, held)).requests:
        story.asks(request)
    assert same_order(story.booking, ConfirmServices(ASHA, (BRAKES, OIL), ONLINE)) is None
    assert conclude(story.booking, evidence_of(story, held)).requests == ()
    assert story.order_opened(BRAKES, OIL).money_arrives().booking.status == "in-progress"


def test_wrong_money_that_is_held_beside_the_right_money_does_not_stop_it():
    story = estimate_ready().order_opened()
    right = replace(captured(story.live_order), status="authorized", captured=False)
    odd = replace(right, payment_id="pay_odd", amount=100)
    evidence = evidence_of(story, odd, right)
    for request in conclude(story.booking, evidence).requests:
        story.asks(request)
    assert conclude(story.booking, evidence).capture == right


def evidence_of(story, *payments):
    order = story.booking.payments[0]
    return OrderEvidence(ProviderOrder(order.order_id, order.amount, "INR", "attempted", None), payments)


def test_after_the_payment_window_the_booking_waits_on_and_can_be_confirmed_again():
    story = estimate_ready().order_opened().order_lapsed()
    assert story.booking.live_order() is None
    assert story.order_opened().money_arrives().booking.status == "in-progress"


def test_a_lone_recommended_line_can_be_all_that_is_chosen():
    story = analysed()
    assert story.booking.line(FILTER).quote == recommended().quote
    booking = story.estimate_validated().cash_agreed(FILTER).booking
    assert totals(booking).total == 70800


def test_the_window_to_pay_is_a_setting():
    story = estimate_ready(policy=replace(POLICY, payment_window=timedelta(seconds=3))).order_opened()
    assert story.live_order.expires_at == story.timeline[-1].at + timedelta(seconds=3)
    assert story.booking.created_at == MONDAY
    assert story.live_order.status is PaymentStatus.PENDING
