from dataclasses import replace
from datetime import timedelta

import pytest

from domain.attention import action_required, needs_attention, waiting_for
from domain.billing.provider import RefundStatus
from domain.billing.records import Method
from domain.commands import Alert, RecordRefund
from kinds.vehicle_service.domain.kind import VEHICLE_SERVICE
from tests.kinds.vehicle_service.bookings import (
    WALK_IN,
    booked,
    completed,
    delivered,
    estimate_ready,
    in_progress,
    out_for_delivery,
    received,
)
from tests.kinds.vehicle_service.domain.test_deadlines import earliest
from tests.kinds.vehicle_service.people import OIL
from tests.kinds.vehicle_service.situations import SITUATIONS
from tests.of_every import of_every

HOUR = timedelta(hours=1)

# situation: who, what, action_required
SENTENCES = {
    "booked": ("admin", "to assign a mechanic for the pickup", "assign"),
    "pickup": ("mechanic", "to collect the vehicle", "none"),
    "pickup report waits": ("admin", "to validate the pickup report", "validate-progress"),
    "pickup report sent back": ("mechanic", "to correct the pickup report that was sent back", "none"),
    "pickup report repeated": ("admin", "to validate the pickup report", "validate-progress"),
    "received": ("admin", "to assign a mechanic for the analysis", "assign"),
    "analysis": ("mechanic", "to look at the vehicle and submit the analysis", "none"),
    "analysis sent back": ("mechanic", "to look at the vehicle and submit the analysis", "none"),
    "analysis waits": ("admin", "to validate the analysis", "validate-analysis"),
    "estimate ready": ("customer", "to approve the estimate", "decide"),
    "order open": ("customer", "to pay 2950.00 online", "none"),
    "order lapsed": ("customer", "to approve the estimate", "decide"),
    "order replaced": ("customer", "to pay 1003.00 online", "none"),
    "paid, nobody at work": ("admin", "to assign a mechanic for the services", "assign"),
    "cash agreed, nobody at work": ("admin", "to assign a mechanic for the services", "assign"),
    "in progress": ("mechanic", "to do the services and report progress", "none"),
    "work report waits": ("admin", "to validate the progress report", "validate-progress"),
    "work report sent back": ("mechanic", "to do the services and report progress", "none"),
    "half done": ("mechanic", "to do the services and report progress", "none"),
    "completed, paid": ("admin", "to assign a mechanic for the drop", "assign"),
    "completed, cash due": ("admin", "to assign a mechanic for the drop", "assign"),
    "out for delivery, paid": ("mechanic", "to bring the vehicle back", "none"),
    "out for delivery, cash due": ("mechanic", "to collect 2950.00 at the door", "none"),
    "collection opened": ("mechanic", "to collect 2950.00 at the door", "none"),
    "cash verified": ("mechanic", "to bring the vehicle back", "none"),
    "delivered, invoice owed": ("system", "to issue the invoice", "none"),
    "delivered, closed": None,
    "cancelled at once": None,
    "cancelled on the way": None,
    "cancelled, car with us": ("admin", "to assign a mechanic to bring the vehicle back", "assign"),
    "cancelled by the deadline": ("admin", "to assign a mechanic to bring the vehicle back", "assign"),
    "cancelled, going home": ("mechanic", "to collect 118.00 at the door", "none"),
    "cancelled, fee collected": ("mechanic", "to bring the vehicle back", "none"),
    "cancelled, car returned": ("system", "to issue the invoice", "none"),
    "cancelled, closed": None,
    "cancelled, refund pending": ("admin", "to assign a mechanic to bring the vehicle back", "assign"),
    "cancelled, car home, refund pending": ("provider", "to process the refund of 2832.00", "none"),
    "cancelled, refund processed": ("admin", "to assign a mechanic to bring the vehicle back", "assign"),
    "cancelled, late money on its way back": ("admin", "to assign a mechanic to bring the vehicle back", "assign"),
    "walk-in booked": ("customer", "to bring the vehicle to the desk", "none"),
    "walk-in received": ("admin", "to assign a mechanic for the analysis", "assign"),
    "walk-in estimate ready": ("customer", "to approve the estimate", "decide"),
    "walk-in in progress": ("mechanic", "to do the services and report progress", "none"),
    "walk-in completed, paid": ("admin", "to hand the vehicle over", "decide"),
    "walk-in completed, cash due": ("customer", "to pay 2950.00 in the shop", "decide"),
    "walk-in completed, cash verified": ("admin", "to hand the vehicle over", "decide"),
    "walk-in delivered": ("system", "to issue the invoice", "none"),
    "walk-in cancelled at once": None,
    "walk-in cancelled, fee due": ("customer", "to pay 118.00 and fetch the vehicle", "decide"),
    "walk-in cancelled, fee paid": ("customer", "to fetch the vehicle in the shop", "decide"),
    "walk-in cancelled, fetched": ("system", "to issue the invoice", "none"),
    "one mechanic after the other": ("mechanic", "to do the services and report progress", "none"),
}


@of_every(SITUATIONS)
def test_every_situation_says_in_a_sentence_whom_it_waits_for(situation):
    booking = SITUATIONS[situation]().booking
    waiting = waiting_for(VEHICLE_SERVICE, booking)
    if SENTENCES[situation] is None:
        assert waiting is None
        assert action_required(VEHICLE_SERVICE, booking) == "none"
    else:
        assert (waiting.who, waiting.what, action_required(VEHICLE_SERVICE, booking)) == SENTENCES[situation]
        assert (waiting.until is None) == (waiting.then is None)


@of_every(SITUATIONS)
def test_a_booking_waits_for_something_exactly_until_it_is_closed(situation):
    booking = SITUATIONS[situation]().booking
    assert (waiting_for(VEHICLE_SERVICE, booking) is None) == (booking.closed_at is not None)


# Attention


def test_an_alarm_that_went_off_is_not_set_again_and_asks_for_attention_while_it_stands():
    builder = in_progress().work_reported(OIL)
    builder.asks(Alert(earliest(builder.booking).key, "a report waits too long"))
    assert earliest(builder.booking) is None
    assert needs_attention(VEHICLE_SERVICE, builder.booking)
    assert action_required(VEHICLE_SERVICE, builder.booking) == "validate-progress"
    assert not needs_attention(VEHICLE_SERVICE, builder.work_validated().booking)


def test_each_report_that_waits_too_long_calls_by_itself():
    builder = in_progress().work_reported(OIL)
    first = earliest(builder.booking).key
    builder.asks(Alert(first, "a report waits too long")).report_sent_back().work_reported(OIL)
    assert earliest(builder.booking).key != first


def test_a_pickup_that_was_moved_calls_again():
    builder = booked()
    key = earliest(builder.booking).key
    moved = replace(builder.booking.pickup, starts_at=builder.booking.pickup.starts_at + 24 * HOUR)
    builder.asks(Alert(key, "nobody is assigned"))
    builder.booking.pickup = moved
    assert earliest(builder.booking).key != key


def test_money_in_doubt_asks_for_attention_where_nothing_else_is_asked():
    builder = in_progress().asks(Alert("dispute", "a dispute was opened", lasting=True))
    assert action_required(VEHICLE_SERVICE, builder.booking) == "attention"
    assert needs_attention(VEHICLE_SERVICE, builder.booking)


def test_a_refund_that_does_not_go_through_asks_for_attention_until_it_does():
    builder = in_progress().cancelled().drop_assigned()
    row = builder.booking.refunds[0].id
    assert action_required(VEHICLE_SERVICE, builder.booking) == "none"
    builder.asks(RecordRefund(row, RefundStatus.PENDING, None, needs_help=True))
    assert action_required(VEHICLE_SERVICE, builder.booking) == "attention"
    builder.asks(RecordRefund(row, RefundStatus.PROCESSED, "rfnd_1", needs_help=True))
    assert action_required(VEHICLE_SERVICE, builder.booking) == "none"


@pytest.mark.parametrize(
    "builder",
    [
        lambda: estimate_ready().order_opened(),
        lambda: completed(Method.OFFLINE, WALK_IN),
        lambda: estimate_ready(WALK_IN).cancelled(),
        lambda: in_progress().cancelled().drop_assigned().brought_home(),
    ],
)
def test_a_sentence_with_an_amount_can_be_told_without_it(builder):
    waiting = waiting_for(VEHICLE_SERVICE, builder().booking)
    assert any(character.isdigit() for character in waiting.what)
    assert waiting.discreet
    assert not any(character.isdigit() for character in waiting.discreet)


def test_the_sums_that_a_mechanic_collects_are_theirs_to_know():
    for builder in (out_for_delivery(Method.OFFLINE), estimate_ready().cancelled().drop_assigned()):
        assert waiting_for(VEHICLE_SERVICE, builder.booking).discreet is None


def test_a_delivered_booking_with_a_second_payment_waits_for_the_provider():
    builder = delivered().money_returned("paid twice")
    assert waiting_for(VEHICLE_SERVICE, builder.booking).who == "provider"
    assert received().booking.closed_at is None
