"""Whole lives of bookings, from the order on the site to the car at home, by the calls that people make.

Four of five are paid and delivered; the fifth is given up when it was paid, so that money goes back. What lies before a
life (a car that nobody has booked, a free slot) is made before the clock runs.
"""

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]

from bench.clients import Http, Person
from bench.stacks import Info, left_as_it_is

SERVICE, QUOTE = "Brake pads, front", "1650.00"
_LOOK_EVERY, _COUNT_EVERY = 0.02, 0.05
_PATIENCE = 90.0
_SLOTS = "UPDATE timeslots SET capacity = 1000000"
_CARS = """
    INSERT INTO customer_cars (customer_id, car_id, registration_number)
    SELECT owner, model, 'B' || upper(plate) FROM unnest($1::text[], $2::int[], $3::text[]) AS new (owner, model, plate)
    RETURNING id, customer_id
"""
_MODELS = "SELECT DISTINCT ON (customer_id) customer_id, car_id FROM customer_cars WHERE customer_id = ANY($1)"


@dataclass(frozen=True, slots=True)
class Car:
    """A car that nobody has booked."""

    id: int
    owner: Person


class People:
    """The people of a stack, logged in, and what they need for bookings."""

    def __init__(self, api: Http, provider: Http, database: asyncpg.Pool) -> None:
        self.api, self.provider, self.database = api, provider, database
        self.admin: Person
        self.mechanic: Person
        self.customers: list[Person] = []
        self.service: int
        self.jobs: dict[str, int] = {}
        self.online: int
        self._waiting: dict[int, tuple[str, asyncio.Event]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._numbers = count()
        self._slot: int
        self._first = datetime.now(ZoneInfo("Asia/Kolkata")).date() + timedelta(days=2)

    @classmethod
    async def of(cls, info: Info) -> "People":
        """Log everybody in; slots are made wide enough for everything that is measured."""
        settings = {"search_path": "vehicle_service,public"}
        database = await asyncpg.create_pool(
            info["postgres"], min_size=1, max_size=3, server_settings=settings, reset=left_as_it_is
        )
        self = cls(Http(info["api"]), Http(info["razorpay"]["base_url"]), database)
        people = info["people"]
        self.admin = await Person.logged_in(self.api, people["admin"])
        self.mechanic = await Person.logged_in(self.api, people["mechanics"][0])
        self.customers = [await Person.logged_in(self.api, card) for card in people["customers"]]
        services = await self.admin.call("GET", "/services/?limit=100")
        self.service = next(row["id"] for row in services if row["title"] == SERVICE)
        kinds = await self.admin.call("GET", "/mechanics/assignment_type?limit=100")
        self.jobs = {row["name"].casefold(): row["id"] for row in kinds}
        methods = await self.admin.call("GET", "/utils/payment-method?limit=100")
        self.online = next(row["id"] for row in methods if row["name"].casefold() == "online")
        self._slot = (await self.admin.call("GET", f"/utils/timeslot?date={self._first}"))[0]["id"]
        await database.execute(_SLOTS)
        self._watching = asyncio.create_task(self._watch())
        return self

    async def close(self) -> None:
        """Hang up."""
        if self._watching is not None:
            self._watching.cancel()
        for each in (self.api, self.provider):
            await each.close()
        await self.database.close()

    async def cars(self, number: int) -> list[Car]:
        """New cars of everybody in turn."""
        owners = [self.customers[turn % len(self.customers)].id for turn in range(number)]
        known = await self.database.fetch(_MODELS, list(set(owners)))
        models = {row["customer_id"]: row["car_id"] for row in known}
        plates = [uuid.uuid4().hex[:10] for _ in owners]
        rows = await self.database.fetch(_CARS, owners, [models[owner] for owner in owners], plates)
        by_id = {person.id: person for person in self.customers}
        return [Car(row["id"], by_id[row["customer_id"]]) for row in rows]

    def wish(self, car: Car) -> dict[str, Any]:
        """What the owner asks for."""
        day = self._first + timedelta(days=next(self._numbers) % 28)
        return {
            "vehicle_id": car.id,
            "services": [{"service_id": self.service, "quantity": 1}],
            "pickup_date": day.isoformat(),
            "pickup_timeslot_id": self._slot,
            "drop_date": (day + timedelta(days=1)).isoformat(),
            "drop_timeslot_id": self._slot,
        }

    async def until_status(self, booking: int, status: str) -> None:
        """Wait until the rows show it: without a call of the API, for nobody asked."""
        event = asyncio.Event()
        self._waiting[booking] = (status, event)
        async with asyncio.timeout(_PATIENCE):
            await event.wait()

    async def until_none(self, counted: str, *given: Any) -> None:
        """Ask again and again until this statement counts nothing any more."""
        while await self.database.fetchval(counted, *given):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(_COUNT_EVERY)

    async def _watch(self) -> None:
        while True:
            if self._waiting:
                rows = await self.database.fetch(
                    "SELECT id, status FROM bookings WHERE id = ANY($1)", list(self._waiting)
                )
                for row in rows:
                    if row["id"] in self._waiting and self._waiting[row["id"]][0] == row["status"]:
                        self._waiting.pop(row["id"])[1].set()
            await asyncio.sleep(_LOOK_EVERY)


async def live(people: People, car: Car, *, given_up: bool) -> int:
    """One booking until it is home, or was given up and its money is on its way back; answers its number."""
    booking = int((await car.owner.call("POST", "/bookings/", people.wish(car)))["id"])
    await _assign(people, booking, "pickup")
    report = await _report(people, booking)
    await people.admin.call("POST", f"/bookings/admin/progress/{report}/validate", {"approved": True})
    await _assign(people, booking, "analysis")
    await people.mechanic.call("POST", "/bookings/mechanic/analysis", _analysis(people, booking))
    await people.admin.call("POST", f"/bookings/admin/analysis/{booking}/validate", {"approved": True})
    choice = {"service_ids": [people.service], "payment_method_id": people.online}
    order = (await car.owner.call("PUT", f"/bookings/{booking}/confirm-services", choice))["order_id"]
    await _pay(people, order)
    await people.until_status(booking, "in-progress")
    if given_up:
        await car.owner.call("PUT", f"/bookings/{booking}/cancel", {"reason": "We sold the car."})
    else:
        await _assign(people, booking, "service")
        report = await _report(people, booking, people.service)
        await people.admin.call("POST", f"/bookings/admin/progress/{report}/validate", {"approved": True})
    await _assign(people, booking, "drop")
    await _report(people, booking)
    return booking


async def _assign(people: People, booking: int, job: str) -> None:
    body = {"booking_id": booking, "mechanic_id": people.mechanic.id, "assignment_type_id": people.jobs[job]}
    await people.admin.call("POST", "/bookings/admin/assign", body)


async def _report(people: People, booking: int, *done: int) -> int:
    body = {"booking_id": booking, "notes": "As agreed.", "completed_service_ids": list(done)}
    return int((await people.mechanic.call("POST", "/bookings/mechanic/progress", body))["id"])


def _analysis(people: People, booking: int) -> dict[str, Any]:
    return {
        "booking_id": booking,
        "description": "Worn down to the wear mark.",
        "recommendation": None,
        "images": ["https://images.revcare.example/underbody.jpg"],
        "price_quote": {str(people.service): QUOTE},
        "recommended_services": {},
    }


async def _pay(people: People, order: str) -> None:
    """At the checkout; the provider tells by a webhook."""
    status, answer = await people.provider.send("POST", f"/sandbox/orders/{order}/pay", body={})
    if status >= 300:
        raise RuntimeError(f"paying {order}: {status} {answer[:200]!r}")


def given_up_in_turn() -> Iterator[bool]:
    """Every fifth."""
    for number in count(1):
        yield number % 5 == 0
