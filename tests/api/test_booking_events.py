"""The live timeline: Server-Sent Events."""

import httpx

from devstack.kinds.vehicle_service.people import Person
from tests.api.visits import API, Visits, events


def listening(visits: Visits, person: Person, number: int, after: int | None = None):
    """An open stream of a booking's events."""
    headers = {**person.login(), **({} if after is None else {"Last-Event-ID": str(after)})}
    base = visits.shop.info["api"]
    return httpx.stream("GET", f"{base}{API}/bookings/{number}/events", headers=headers, timeout=30, trust_env=False)


def test_moves_arrive_as_they_happen_and_the_stream_ends_with_the_booking(visits: Visits):
    owner, booking = visits.booked()
    with listening(visits, owner, booking["id"]) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        coming = events(answer.iter_lines())
        assert next(coming)["data"]["action"] == "book"
        owner.cancel(booking["id"], "only a try")
        moved = next(coming)
        assert (moved["id"], moved["data"]["status"]) == ("2", "cancelled")
        assert next(coming)["event"] == "end"
        assert list(coming) == []


def test_a_stream_resumes_after_the_last_event_that_was_seen(visits: Visits):
    owner, booking = visits.booked()
    owner.cancel(booking["id"], "only a try")
    with listening(visits, owner, booking["id"], after=1) as answer:
        assert [event["id"] for event in events(answer.iter_lines())] == ["2", "2"]
    with listening(visits, owner, booking["id"], after=2) as answer:
        assert answer.status_code == 204
