"""What the clock does to bookings whose windows are some seconds: over HTTP, with the payment provider's sandbox.

The same ends in the product's workers, over rows in memory, are in ``test_lives.py``.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from devstack.demo.calls import until
from devstack.stack import Stack
from tests.api_beside import api_beside
from tests.conftest import BOTH_KINDS
from tests.kinds.local_services.market import Market, Person, soon, wish

pytestmark = [pytest.mark.long, pytest.mark.timeout(240)]
WINDOWS = ("ANSWER_WINDOW", "ANSWER_AT_LEAST", "PAYMENT_WINDOW", "PAYMENT_AT_LEAST", "CONFIRM_WINDOW")
HASTY = {
    **BOTH_KINDS,
    "REVCARE_KIND": "local-services",
    **{f"REVCARE_LOCAL_SERVICES_{name}": "3s" for name in WINDOWS},
}


@pytest.fixture(scope="module")
def market(stack: Stack) -> Iterator[Market]:
    with api_beside(stack, HASTY) as url:
        market = Market({**stack.info, "kinds": {"local-services": {"api": url}}})
        yield market
        market.close()


def told(person: Person, booking: int) -> list[str]:
    """The types of what the application shows of a booking."""
    rows: list[dict[str, Any]] = person.does("GET", "/notifications/", params={"limit": 100})
    return [row["type"] for row in rows if row["payload"].get("booking_id") == booking]


def test_a_silent_provider_loses_the_request_at_its_deadline_and_both_are_told(market: Market):
    provider, seeker, other = market.provider(), market.seeker(), market.seeker()
    listing, start = market.listing(provider), soon(180)
    number = seeker.requests(listing, start)["id"]
    assert other.ask("POST", "/bookings/", json=wish(listing, start)).json()["code"] == "SlotTaken"
    until("the end of the request", lambda: seeker.now(number)["status"] == "CANCELLED")
    assert seeker.now(number)["cancellation"]["cause"] == "unanswered"
    until("the time", lambda: other.ask("POST", "/bookings/", json=wish(listing, start)).status_code == 201)
    for person in (seeker, provider):
        until("the notification", lambda person=person: "booking.expired" in told(person, number))


def test_an_accepted_request_that_nobody_pays_ends_and_late_money_goes_back_whole_and_once(market: Market):
    provider, seeker = market.provider(), market.seeker()
    number = seeker.requests(market.listing(provider), soon(180))["id"]
    provider.moves(number, "ACCEPTED")
    order = seeker.does("POST", f"/bookings/{number}/payment-intents", 201)["checkout"]["order_id"]
    until("the end of the booking", lambda: seeker.now(number)["status"] == "CANCELLED")
    ended = seeker.now(number)
    assert (ended["cancellation"]["cause"], ended["payment_status"]) == ("unpaid", "failed")
    market.gateway.pay(order, capture=True)  # a late authorisation alone would be given back by the bank
    until("the refund", lambda: seeker.now(number)["payment_status"] == "refunded")
    url = f"{market.info['razorpay']['base_url']}/sandbox/state"
    known = httpx.get(url, trust_env=False).json()
    (payment,) = [each["id"] for each in known["payments"] if each["order_id"] == order]
    assert [each["amount"] for each in known["refunds"] if each["payment_id"] == payment] == [900_00]
    assert [each for each in known["transfers"] if each["source"] == payment] == []


def test_work_that_nobody_objects_to_is_confirmed_by_the_clock_and_paid_out(market: Market):
    provider, seeker = market.provider(), market.seeker()
    market.account(provider)
    listing = market.listing(provider)
    number = seeker.requests(listing, soon())["id"]
    provider.moves(number, "ACCEPTED")
    market.pays(seeker, number)
    provider.moves(number, "IN_PROGRESS")
    assert provider.moves(number, "COMPLETED")["completion"]["confirmed"] is False
    until("the share", lambda: (provider.now(number)["payout"] or {}).get("state") == "released")
    assert seeker.now(number)["completion"]["confirmed_by"]["role"] == "system"
