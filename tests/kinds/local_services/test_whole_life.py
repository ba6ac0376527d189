"""Lives of bookings over HTTP, beside the vehicle service in one worker: from the request to the reviews."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest

from devstack.demo.calls import Calls, until
from tests.kinds.local_services.market import Market, soon, wish

pytestmark = pytest.mark.timeout(240)


def test_a_service_is_requested_negotiated_paid_done_confirmed_and_reviewed(market: Market):
    provider, seeker = market.provider(first_name="Ravi"), market.seeker()
    listing = market.listing(provider)
    start = soon()
    made = seeker.requests(listing, start, notes="two cats")
    number = made["id"]
    assert (made["status"], made["total_price"], made["payment_status"]) == ("REQUESTED", "900.00", "none")
    assert made["waiting_for"]["who"] == "provider"

    later = start + timedelta(minutes=10)
    offer = {"total_price": "1350.00", "scheduled_at": later.isoformat(), "duration_hours": 3, "note": "windows too"}
    countered = provider.does("POST", f"/bookings/{number}/offers", 201, json=offer)
    assert [each["state"] for each in countered["offers"]] == ["replaced", "open"]
    assert countered["waiting_for"]["who"] == "requester"
    accepted = seeker.does("POST", f"/bookings/{number}/offers/2/accept")
    assert (accepted["status"], accepted["total_price"]) == ("ACCEPTED", "1350.00")
    assert (accepted["scheduled_at"], accepted["payment_status"]) == (f"{later:%Y-%m-%dT%H:%M:%SZ}", "pending")

    unpaid = provider.ask("PATCH", f"/bookings/{number}/status", json={"status": "IN_PROGRESS"})
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "NotPaid")
    market.pays(seeker, number)
    provider.does("POST", f"/bookings/{number}/timeline", 201, json={"event_type": "arrived"})
    assert provider.moves(number, "IN_PROGRESS")["status"] == "IN_PROGRESS"
    assert provider.moves(number, "COMPLETED")["waiting_for"]["who"] == "requester"
    done = seeker.moves(number, "COMPLETED")
    assert done["completion"]["confirmed"] is True

    first = seeker.does("POST", "/reviews/", 201, json={"booking_id": number, "rating": 5, "comment": "spotless"})
    assert first["published"] is False
    assert provider.now(number)["reviews"] == [{"reviewer_id": seeker.id, "published": False}]
    assert market.http.get("/reviews/", params={"user_id": provider.id}).json() == []
    provider.does("POST", "/reviews/", 201, json={"booking_id": number, "rating": 4})
    received = market.http.get("/reviews/", params={"user_id": provider.id})
    assert [(each["rating"], each["comment"], each["published"]) for each in received.json()] == [(5, "spotless", True)]
    assert (received.headers["X-Rating-Average"], received.headers["X-Rating-Count"]) == ("5.00", "1")

    for spelling in ("rating>=4", "rating%3E=4", "rating%3E%3D4"):
        found = market.http.get(f"/users/providers?category={market.category}&{spelling}")
        assert [each["id"] for each in found.json()] == [provider.id], spelling

    told = [entry["event_type"] for entry in seeker.now(number)["timeline"]]
    assert told.count("arrived") == 1
    moves = ["request", "offer", "accept", "pay-intent", "pay", "start", "complete", "confirm"]
    assert [each for each in told if each in moves] == moves


@pytest.mark.parametrize("crowd", [12, pytest.param(50, marks=pytest.mark.long)])
def test_of_a_crowd_that_wants_one_hour_one_gets_it_and_the_others_hear_what_is_free(market: Market, crowd: int):
    provider, seeker = market.provider(), market.seeker()
    body = wish(market.listing(provider), soon(180))
    calls = Calls(str(market.http.base_url))

    def ask(number: int) -> httpx.Response:
        """A crowd may meet a 503; then each asks again with the same key."""
        headers = {"Authorization": f"Bearer {seeker.token}", "Idempotency-Key": f"{seeker.id}-{number}"}
        return calls.send("POST", "bookings/", headers=headers, json=body)

    with ThreadPoolExecutor(crowd) as threads:
        answers = list(threads.map(ask, range(crowd)))
    calls.close()
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (crowd - 1)
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {each["code"] for each in refused} == {"SlotTaken"}
    assert all(each["next_free_slots"] for each in refused)


def test_a_request_that_is_called_off_gives_the_time_back(market: Market):
    provider, seeker, other = market.provider(), market.seeker(), market.seeker()
    listing, start = market.listing(provider), soon(200)
    number = seeker.requests(listing, start)["id"]
    assert other.ask("POST", "/bookings/", json=wish(listing, start)).json()["code"] == "SlotTaken"
    ended = provider.moves(number, "CANCELLED", reason="no time")
    assert ended["cancellation"]["cause"] == "declined"
    until("the time", lambda: other.ask("POST", "/bookings/", json=wish(listing, start)).status_code == 201)


def test_a_place_beyond_the_radius_of_a_listing_is_refused(market: Market):
    provider, seeker = market.provider(), market.seeker()
    area = {"label": "Pune", "lat": 18.52, "lng": 73.85, "radius_km": 5}
    listing, start = market.listing(provider, coverage_area=area), soon(180)
    far, near = ({"address": "12 MG Road", "lat": lat, "lng": 73.85} for lat in (18.60, 18.53))
    refused = seeker.ask("POST", "/bookings/", json=wish(listing, start, location=far))
    assert (refused.status_code, refused.json()["code"]) == (409, "OutsideCoverage")
    assert seeker.does("GET", "/bookings/") == []
    assert seeker.requests(listing, start, location=near)["status"] == "REQUESTED"


def test_each_sees_their_bookings_as_provider_or_requester_and_nobody_elses(market: Market):
    provider, seeker, stranger = market.provider(), market.seeker(), market.seeker()
    number = seeker.requests(market.listing(provider), soon(240))["id"]

    def listed(person, **query):
        return [row["id"] for row in person.does("GET", "/bookings/", params=query)]

    assert listed(seeker, role="requester", status="REQUESTED,ACCEPTED") == [number]
    assert listed(provider, role="provider") == listed(provider) == [number]
    assert listed(provider, role="requester") == listed(seeker, status="COMPLETED") == listed(stranger) == []
    assert number in listed(market.admin)
    assert stranger.ask("GET", f"/bookings/{number}").status_code == 404
    assert seeker.ask("GET", "/bookings/", params={"status": "BOOKED"}).status_code == 422
