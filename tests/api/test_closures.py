"""Days on which the shop is closed, and mechanics who are away: over HTTP."""

import itertools
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta

import httpx
import pytest

from devstack.kinds.vehicle_service.shop import SHOP_TIMEZONE
from tests.api.concurrent import Api, Json, is_refusal
from tests.api.people import hired
from tests.api.visits import Visits

CLOSURES, ABSENCES = "/utils/closure", "/mechanics/absence"
_DAYS = itertools.count()


def today() -> date:
    return datetime.now(SHOP_TIMEZONE).date()


@pytest.fixture
def day() -> str:
    """A day that can be booked and that no other test closes or looks at."""
    return str(today() + timedelta(days=310 + 4 * next(_DAYS)))


@pytest.fixture
async def added(api: Api) -> AsyncIterator["Added"]:
    """Closures and absences that are gone after the test."""
    adding = Added(api)
    yield adding
    for path in adding.paths:
        await api.ask("DELETE", path, api.card("A"))


class Added:
    def __init__(self, api: Api) -> None:
        self.api = api
        self.paths: list[str] = []

    async def ask(self, path: str, **body: str) -> httpx.Response:
        answer = await self.api.ask("POST", path, self.api.card("A"), json=body)
        if answer.status_code == 201:
            self.paths.append(f"{path}/{answer.json()['id']}")
        return answer

    async def row(self, path: str, **body: str) -> Json:
        answer = await self.ask(path, **body)
        assert answer.status_code == 201, answer.text
        return answer.json()


async def free(api: Api, day: str) -> dict[str, int]:
    rows = (await api.ask("GET", "/utils/timeslot", params={"date": day})).json()
    return {row["name"]: row["free"] for row in rows}


def after(day: str, days: int = 1) -> str:
    return str(date.fromisoformat(day) + timedelta(days=days))


async def test_on_a_closed_day_nothing_is_free_and_who_names_it_hears_why(api: Api, visits: Visits, added, day):
    before, (owner, vehicle) = await free(api, day), visits.car()
    made = await added.row(CLOSURES, first_date=day, reason="Pongal")
    assert (made["first_date"], made["last_date"], made["opens"], made["closes"]) == (day, day, None, None)
    assert set((await free(api, day)).values()) == {0}
    slot = visits.shop.times()["pickup_timeslot_id"]
    named = {"pickup_date": day, "pickup_timeslot_id": slot, "drop_date": after(day), "drop_timeslot_id": slot}
    refused = owner.send("POST", "/bookings/", json=visits.wish(vehicle) | named)
    assert (refused.status_code, refused.json()["code"]) == (409, "SlotTaken")
    assert refused.json()["detail"].endswith(f"slot on {day} is not offered: Pongal")
    assert {row["date"] for row in refused.json()["next_free_slots"]}.isdisjoint({day})
    assert (await api.ask("DELETE", f"{CLOSURES}/{made['id']}", api.card("A"))).status_code == 200
    assert await free(api, day) == before


async def test_on_half_a_day_only_the_slots_within_it_are_offered(api: Api, added, day):
    before = await free(api, day)
    early = await added.row(CLOSURES, first_date=day, closes="16:00")
    assert await free(api, day) == before | {"Evening": 0, "Night": 0}
    await added.row(CLOSURES, first_date=day, opens="09:00", closes="19:00")
    assert await free(api, day) == before | {"Morning": 0, "Evening": 0, "Night": 0}
    await api.ask("DELETE", f"{CLOSURES}/{early['id']}", api.card("A"))
    assert await free(api, day) == before | {"Morning": 0, "Night": 0}


async def test_a_wish_without_a_slot_goes_round_closed_days(visits: Visits, added, day):
    await added.row(CLOSURES, first_date=day, closes="12:00")
    await added.row(CLOSURES, first_date=after(day), last_date=after(day))
    owner, vehicle = visits.car()
    services = [{"service_id": visits.shop.service("Wash and vacuum")}]
    made = owner.post("/bookings/", {"vehicle_id": vehicle, "services": services, "pickup_date": day})
    assert (made["pickup"]["timeslot"]["name"], made["drop"]["date"]) == ("Morning", after(day, 2))
    owner.cancel(made["id"], "only a try")


async def test_a_drop_that_has_to_move_along_goes_round_closed_days(visits: Visits, added, day):
    slot = visits.shop.times()["pickup_timeslot_id"]
    named = {"pickup_date": day, "pickup_timeslot_id": slot, "drop_date": after(day), "drop_timeslot_id": slot}
    owner, booking = visits.booked(**named)
    await added.row(CLOSURES, first_date=after(day, 2))
    moved = owner.reschedule(booking["id"], pickup_date=after(day))
    assert (moved["drop"]["date"], moved["drop"]["timeslot"]["id"]) == (after(day, 3), slot)
    owner.cancel(booking["id"], "only a try")


async def test_bookings_that_are_there_already_are_listed_until_they_are_moved(api: Api, visits: Visits, added, day):
    slot = visits.shop.times()["pickup_timeslot_id"]
    named = {"pickup_date": day, "pickup_timeslot_id": slot, "drop_date": after(day, 2), "drop_timeslot_id": slot}
    owner, booking = visits.booked(**named)
    made = await added.row(CLOSURES, first_date=after(day, -1), last_date=after(day))
    leg = {
        "booking_id": booking["id"],
        "leg": "pickup",
        "date": day,
        "timeslot_id": slot,
        "timeslot": booking["pickup"]["timeslot"]["name"],
        "customer_id": owner.id,
        "status": "booked",
    }
    assert (made["bookings"], made["bookings_in_all"]) == ([leg], 1)
    path = f"{CLOSURES}/{made['id']}/bookings"
    assert (await api.ask("GET", path, api.card("A"))).json() == [leg]
    refused = owner.send("PUT", f"/bookings/{booking['id']}/reschedule", json={"pickup_date": after(day)})
    assert (refused.status_code, refused.json()["code"]) == (409, "SlotTaken")
    owner.reschedule(booking["id"], pickup_date=after(day, -2))
    assert (await api.ask("GET", path, api.card("A"))).json() == []
    owner.cancel(booking["id"], "only a try")
    assert is_refusal(await api.ask("GET", f"{CLOSURES}/987654/bookings", api.card("A")), 404) == ""


async def test_closures_are_found_by_their_days_and_told_to_everybody_who_is_logged_in(api: Api, added, day):
    made = await added.row(CLOSURES, first_date=day, last_date=after(day, 1))
    row = {name: made[name] for name in ("id", "first_date", "last_date", "opens", "closes", "reason")}
    for card in map(api.card, "AMC"):
        found = await api.ask("GET", CLOSURES, card, params={"from": after(day), "to": after(day)})
        assert found.json() == [row]
    assert (await api.ask("GET", CLOSURES, api.card("C"), params={"from": after(day, 2), "to": day})).json() == []


@pytest.mark.parametrize("path", [CLOSURES, ABSENCES])
async def test_days_that_cannot_be_are_refused_with_a_sentence(api: Api, added, path):
    who = {"mechanic_id": api.card("M")["id"]} if path == ABSENCES else {}
    last = today() + timedelta(days=730)
    for days, words in (
        ({"first_date": str(today() - timedelta(days=1))}, "is in the past"),
        ({"first_date": str(last + timedelta(days=1))}, f"the last date that can be entered is {last}"),
        ({"first_date": "2026-12-25", "last_date": "2026-12-24"}, "is before first_date"),
    ):
        refused = await added.ask(path, **days, **who)
        assert (is_refusal(refused, 400), words in refused.json()["detail"]) == ("", True)
    for strange in ("2026-13-01", "tomorrow", "", 5, None):
        assert is_refusal(await added.ask(path, first_date=strange, **who), 422) == ""


async def test_a_part_of_a_day_ends_after_it_begins_and_the_same_is_said_once(api: Api, added, day):
    assert is_refusal(await added.ask(CLOSURES, first_date=day, opens="13:00", closes="13:00"), 400) == ""
    assert is_refusal(await added.ask(CLOSURES, first_date=day, closes="00:00"), 400) == ""
    await added.row(CLOSURES, first_date=day, opens="13:00")
    again = await added.ask(CLOSURES, first_date=day, last_date=day, opens="13:00", reason="in other words")
    assert (again.status_code, again.json()["code"]) == (409, "Duplicate")
    assert is_refusal(await api.ask("DELETE", f"{CLOSURES}/987654", api.card("A")), 404) == ""


async def test_a_mechanic_gets_no_job_of_days_on_which_they_are_away(api: Api, visits: Visits, added, day):
    mechanic, slot = await hired(api), visits.shop.times()["pickup_timeslot_id"]
    named = {"pickup_date": day, "pickup_timeslot_id": slot, "drop_date": after(day, 2), "drop_timeslot_id": slot}
    owner, booking = visits.booked(**named)
    job = {
        "booking_id": booking["id"],
        "mechanic_id": mechanic["id"],
        "assignment_type_id": visits.shop.assignment_type("pickup"),
    }
    away = await added.row(ABSENCES, mechanic_id=mechanic["id"], first_date=after(day, -1), last_date=day)
    refused = await api.ask("POST", "/bookings/admin/assign", api.card("A"), json=job)
    assert (refused.status_code, refused.json()["code"]) == (409, "MechanicAbsent")
    assert refused.json()["detail"] == f"mechanic {mechanic['id']} is away on {day}"
    await api.ask("DELETE", f"{ABSENCES}/{away['id']}", api.card("A"))
    assert (await api.ask("POST", "/bookings/admin/assign", api.card("A"), json=job)).status_code == 201

    again = await added.row(ABSENCES, mechanic_id=mechanic["id"], first_date=day)
    row = {"booking_id": booking["id"], "job": "pickup", "date": day, "customer_id": owner.id, "status": "pickup"}
    assert (again["bookings"], again["bookings_in_all"]) == ([row], 1)
    path = f"{ABSENCES}/{again['id']}/bookings"
    assert (await api.ask("GET", path, api.card("A"))).json() == [row]
    owner.reschedule(booking["id"], pickup_date=after(day))
    assert (await api.ask("GET", path, api.card("A"))).json() == []
    owner.cancel(booking["id"], "only a try")


async def test_absences_of_a_mechanic_do_not_overlap_and_go_when_they_leave(api: Api, added, day):
    mechanic = await hired(api)
    made = await added.row(ABSENCES, mechanic_id=mechanic["id"], first_date=day, last_date=after(day, 2))
    again = await added.ask(ABSENCES, mechanic_id=mechanic["id"], first_date=after(day, 2), last_date=after(day, 4))
    assert (again.status_code, again.json()["code"]) == (409, "Duplicate")
    asked = {"mechanic_id": mechanic["id"]}
    listed = (await api.ask("GET", ABSENCES, api.card("A"), params=asked)).json()
    assert listed == [{"id": made["id"], **asked, "first_date": day, "last_date": after(day, 2)}]
    assert (await api.ask("DELETE", f"/mechanics/{mechanic['id']}", api.card("A"))).status_code == 200
    assert (await api.ask("GET", ABSENCES, api.card("A"), params=asked)).json() == []
    assert is_refusal(await added.ask(ABSENCES, first_date=day, **asked), 404) == ""
