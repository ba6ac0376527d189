"""What somebody tries who wants a rating, a price or a place that is not theirs."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.kinds.local_services.market import Market, soon, wish


def test_nobody_books_or_rates_themselves_and_no_admin_does_it_for_them(market: Market):
    provider = market.provider()
    body = wish(market.listing(provider), soon(180))
    for asks, given in ((provider, {}), (market.admin, {"requester_id": provider.id})):
        refused = asks.ask("POST", "/bookings/", json={**body, **given})
        assert (refused.status_code, refused.json()["code"]) == (400, "OwnListing")
    assert provider.does("GET", "/bookings/") == []


def test_only_the_two_of_a_completed_booking_rate_each_other(market: Market):
    provider, seeker, stranger = market.provider(), market.seeker(), market.provider()
    number = market.work(seeker, provider, market.listing(provider), soon())

    def rates(person, rating=5) -> httpx.Response:
        return person.ask("POST", "/reviews/", json={"booking_id": number, "rating": rating})

    assert rates(seeker).json()["code"] == "NotCompleted"
    seeker.moves(number, "COMPLETED")
    assert rates(stranger).status_code == 404
    assert rates(market.admin).status_code == 403
    assert rates(seeker).status_code == 201
    assert rates(seeker, 1).json()["code"] == "Duplicate"
    assert rates(provider).status_code == 201
    received = market.http.get("/reviews/", params={"user_id": provider.id}).json()
    assert [each["rating"] for each in received] == [5]
    assert market.http.get("/reviews/", params={"user_id": stranger.id}).json() == []


@pytest.mark.long
def test_ten_requests_of_a_person_wait_for_an_answer_however_many_are_asked_for_at_once(market: Market):
    """As the store has it in ``postgres/test_bookings.py``."""
    provider, seeker = market.provider(), market.seeker()
    listing = market.listing(provider)

    def asks(turn: int) -> httpx.Response:
        return seeker.ask("POST", "/bookings/", json=wish(listing, soon(180 + 300 * turn)))

    with ThreadPoolExecutor(12) as threads:
        told = list(threads.map(asks, range(12)))
    refused = [answer for answer in told if not answer.is_success]
    assert [(each.status_code, each.json()["code"], each.json()["detail"]) for each in refused] == [
        (409, "TooManyOpen", "10 requests wait for an answer, more are not possible")
    ] * 2
    [first, *_] = [answer.json()["id"] for answer in told if answer.is_success]
    seeker.moves(first, "CANCELLED", reason="not needed")
    assert asks(12).status_code == 201, "who takes one back may ask for another"


def test_of_answers_that_race_one_counts_and_the_price_is_the_one_that_was_answered(market: Market):
    provider, seeker = market.provider(), market.seeker()
    number = seeker.requests(market.listing(provider), soon(180))["id"]

    def answers(turn: int) -> httpx.Response:
        if turn % 2:
            return provider.ask("POST", f"/bookings/{number}/offers", json={"total_price": "1350.00"})
        return provider.ask("POST", f"/bookings/{number}/offers/1/accept")

    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(answers, range(8)))
    assert sorted(answer.status_code // 100 for answer in told) == [2] + [4] * 7
    [won] = [answer.json() for answer in told if answer.is_success]
    now = seeker.now(number)
    assert (now["status"], now["total_price"]) == (won["status"], won["total_price"])
    assert (now["status"], now["total_price"]) in {("ACCEPTED", "900.00"), ("REQUESTED", "1350.00")}
    assert [entry["event_type"] for entry in now["timeline"]][1:] in (["accept"], ["offer"])
