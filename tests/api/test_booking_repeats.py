"""Saying it twice: an Idempotency-Key makes one command and one answer."""

from devstack.kinds.vehicle_service.people import new_key
from tests.api.concurrent import Api
from tests.api.visits import BRAKES, WASH, Visits


def test_a_repeat_is_answered_byte_by_byte(visits: Visits):
    owner, vehicle = visits.car()
    wish, key = visits.wish(vehicle), new_key()
    first, second = (owner.send("POST", "/bookings/", key, json=wish) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content


def test_a_repeat_still_gets_the_first_answer_when_the_booking_has_moved_on(visits: Visits):
    owner, booking = visits.booked()
    path, key = f"/bookings/{booking['id']}/cancel", new_key()
    first = owner.send("PUT", path, key, json={"reason": "sold"})
    assert owner.send("PUT", path, json={"reason": "sold"}).status_code == 409
    assert owner.send("PUT", path, key, json={"reason": "sold"}).content == first.content
    assert len([e for e in owner.timeline(booking["id"]) if e["action"] == "cancel"]) == 1


def test_a_key_means_one_request_of_one_person_on_one_route(visits: Visits):
    owner, booking = visits.booked()
    number, key = booking["id"], new_key()
    moved = owner.send("PUT", f"/bookings/{number}/cancel", key, json={"reason": "one"})
    other_body = owner.send("PUT", f"/bookings/{number}/cancel", key, json={"reason": "two"})
    other_person = visits.shop.admin.send("PUT", f"/bookings/{number}/cancel", key, json={"reason": "one"})
    assert moved.status_code == 200
    assert (other_body.status_code, other_body.json()["code"]) == (409, "IdempotencyMismatch")
    assert (other_person.status_code, other_person.json()["code"]) == (409, "ActionNotAllowed")


def test_a_refusal_is_an_answer_too(visits: Visits):
    owner, booking = visits.booked()
    wish, key = visits.wish(booking["vehicle"]["id"]), new_key()
    first = owner.send("POST", "/bookings/", key, json=wish)
    owner.cancel(booking["id"], "making room")
    assert first.json()["code"] == "VehicleBusy"
    assert owner.send("POST", "/bookings/", key, json=wish).content == first.content
    assert owner.send("POST", "/bookings/", json=wish).status_code == 201


async def test_a_refusal_whose_answer_got_lost_is_the_same_when_it_is_asked_for_again(visits: Visits, api: Api):
    owner, booking = visits.booked()
    wish, key = visits.wish(booking["vehicle"]["id"]), new_key()
    first = owner.send("POST", "/bookings/", key, json=wish)
    # Of another moment: a request whose outcome its workflow, which has ended, does not know.
    lost = "UPDATE idempotency_keys SET status = NULL, response = NULL, created_at = now() WHERE key = $1"
    assert (first.json()["code"], await api.rows.execute(lost, key)) == ("VehicleBusy", "UPDATE 1")
    again = owner.send("POST", "/bookings/", key, json=wish)
    assert (again.status_code, again.json()) == (409, first.json())


def test_an_eleventh_order_within_an_hour_has_to_wait_and_the_key_is_not_spent(visits: Visits):
    owner, booking = visits.estimated(services=(BRAKES, WASH))
    number, online = booking["id"], visits.shop.payment_method("online")
    brakes, wash = (line["service_id"] for line in booking["services"])
    for turn in range(10):
        owner.confirm(number, [brakes] if turn % 2 else [brakes, wash], online)
    before, key = owner.booking(number), new_key()
    body = {"service_ids": [brakes, wash], "payment_method_id": online}
    for _ in range(2):
        answer = owner.send("PUT", f"/bookings/{number}/confirm-services", key, json=body)
        assert (answer.status_code, answer.json()["code"]) == (429, "TooMany")
        assert 0 < int(answer.headers["Retry-After"]) == answer.json()["retry_after"] <= 3600
    assert owner.booking(number) == before
    chosen = visits.shop.admin.send("PUT", f"/bookings/{number}/confirm-services", key, json=body)
    assert (chosen.status_code, chosen.json()["version"]) == (200, before["version"] + 1)


def test_a_key_that_is_too_long_is_refused(visits: Visits):
    owner, booking = visits.booked()
    answer = owner.send("PUT", f"/bookings/{booking['id']}/cancel", "k" * 201, json={})
    assert answer.status_code == 422
