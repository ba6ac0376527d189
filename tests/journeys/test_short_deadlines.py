"""A stack with short windows: deadlines that anybody can watch."""

from collections import Counter

from devstack.demo.calls import until
from devstack.demo.externals import kind_of
from devstack.kinds.vehicle_service.scenarios import PADS, WASH


def test_an_unanswered_estimate_is_cancelled_with_the_inspection_fee_and_the_car_returns(
    short_deadline_shop, short_deadline_journey
):
    journey = short_deadline_journey
    journey.book(PADS)
    journey.fetch_the_car()
    journey.analyse()
    booking = journey.wait_for("the decision deadline", lambda now: now["status"] == "cancelled")
    assert booking["timeline"][-1]["by"]["role"] == "system"
    assert booking["cancellation"]["fee"] == "100.00"
    assert booking["cancellation"]["gst_on_fee"] == "18.00"
    assert booking["cancellation"]["returns_car"]
    assert booking["totals"]["due"] == "118.00"
    assert booking["waiting_for"]["who"] == "admin"
    journey.bring_back()
    booking = journey.end()
    assert booking["invoice"]["total"] == "118.00"
    assert [payment["leg"] for payment in booking["payments"] if payment["status"] == "success"] == ["fee"]
    fetched = ("booking-confirmation", "pickup-scheduled", "vehicle-received", "estimate-ready")
    expected = Counter((*fetched, "cancellation", "out-for-delivery", "payment-received", "invoice"))
    until("all mails", lambda: _mails(short_deadline_shop, journey) == expected)


def test_money_is_found_by_asking_when_no_webhook_and_no_callback_comes(short_deadline_shop, short_deadline_journey):
    journey = short_deadline_journey
    short_deadline_shop.provider.misbehave(webhooks=[{"match": "*", "drop": True}])
    try:
        journey.book(WASH)
        journey.fetch_the_car()
        journey.analyse()
        journey.pay_online(closes_the_tab=True)
        events = short_deadline_shop.provider.events()
        assert events
        assert all(event["dropped"] for event in events[-3:])
        journey.work()
        journey.bring_back()
        booking = journey.end()
        assert booking["status"] == "delivered"
        assert len(short_deadline_shop.provider.captured(booking)) == 1
    finally:
        short_deadline_shop.provider.behave()


def _mails(shop, journey) -> Counter:
    return Counter(kind_of(mail) for mail in shop.mailbox.of(journey.booking, journey.customer.email))
