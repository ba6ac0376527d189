"""Many people at the same moment: one key makes one booking, and a slot takes no more than it holds."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from devstack.demo.calls import Refused, until
from devstack.kinds.vehicle_service.people import new_key
from devstack.kinds.vehicle_service.scenarios import WASH
from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE, Shop


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make all calls at the same moment; answers what each gave, refusals too."""
    answers: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def make(place: int, call: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=make, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_ten_parallel_requests_with_one_key_make_one_booking(shop: Shop):
    customer, vehicle = shop.bought()
    services, times, key = [shop.service(WASH)], shop.times(), new_key()
    before = {row["id"] for row in customer.get("/bookings/customer")}
    answers = at_once([lambda: customer.book(vehicle, services, key, **times)] * 10)
    assert len({answer["id"] for answer in answers}) == 1
    assert all(answer == answers[0] for answer in answers)
    assert {row["id"] for row in customer.get("/bookings/customer")} - before == {answers[0]["id"]}
    customer.cancel(answers[0]["id"], "only a try")


def test_the_same_key_with_another_body_is_refused(shop: Shop):
    customer, vehicle = shop.bought()
    services, times, key = [shop.service(WASH)], shop.times(), new_key()
    made = customer.book(vehicle, services, key, **times)
    with pytest.raises(Refused) as refusal:
        customer.book(vehicle, services, key, **times, notes="another wish")
    assert (refusal.value.status, refusal.value.code) == (409, "IdempotencyMismatch")
    customer.cancel(made["id"], "only a try")


def test_the_last_free_slot_goes_to_exactly_as_many_as_it_holds(shop: Shop):
    times, services = shop.times(), [shop.service(WASH)]
    rest = {**times, "drop_date": shop.times(after=times["drop_date"])["drop_date"]}

    def free_now() -> int:
        slots = shop.admin.get("/utils/timeslot", date=times["pickup_date"])
        return next(row["free"] for row in slots if row["id"] == times["pickup_timeslot_id"])

    free = free_now()
    takers = [shop.bought() for _ in range(free + 4)]
    answers = at_once([lambda taker=taker: taker[0].book(taker[1], services, **rest) for taker in takers])
    made = [answer for answer in answers if isinstance(answer, dict)]
    refused = [answer for answer in answers if not isinstance(answer, dict)]
    assert len(made) == free, refused
    assert [(no.status, no.code) for no in refused] == [(409, "SlotTaken")] * 4
    for no in refused:
        assert all(slot["free"] > 0 for slot in no.body["next_free_slots"])
        assert no.body["next_free_slots"]
    owners = {customer.id: customer for customer, _ in takers}
    for booking in made:
        owners[booking["customer"]["id"]].cancel(booking["id"], "only a try")
    until("the slots of the cancelled bookings", lambda: free_now() == free)


def test_who_leaves_the_slot_open_gets_the_next_free_one_however_many_ask_at_once(shop: Shop):
    months_ahead = datetime.now(SHOP_TIMEZONE).date() + timedelta(days=300)
    day, services = shop.times(after=str(months_ahead))["pickup_date"], [shop.service(WASH)]
    first, second, *_ = shop.admin.get("/utils/timeslot", date=day)
    takers = [shop.bought() for _ in range(first["free"] + 4)]
    answers = at_once([lambda taker=taker: taker[0].book(taker[1], services, pickup_date=day) for taker in takers])
    assert [answer for answer in answers if not isinstance(answer, dict)] == []
    assert {booking["pickup"]["date"] for booking in answers} == {day}
    parts = Counter(booking["pickup"]["timeslot"]["id"] for booking in answers)
    assert parts == {first["id"]: first["free"], second["id"]: 4}
    owners = {customer.id: customer for customer, _ in takers}
    for booking in answers:
        owners[booking["customer"]["id"]].cancel(booking["id"], "only a try")
