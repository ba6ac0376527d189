"""Bookings to ask the API about: a car of their own each, so that tests do not meet."""

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from devstack.demo.calls import Calls
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.people import Customer, Person
from devstack.kinds.vehicle_service.shop import Shop
from devstack.stack import Stack

WASH, BRAKES = "Wash and vacuum", "Brake pads, front"
API = "/api/v1"


class Visits:
    """The shop with new cars and raw answers."""

    def __init__(self, stack: Stack) -> None:
        self.shop = Shop(stack.info)
        self.http = httpx.Client(base_url=stack.info["api"] + API, timeout=45, trust_env=False)
        self._calls = Calls(stack.info["api"])
        self._turn = 0

    def close(self) -> None:
        for each in (self.shop, self.http, self._calls):
            each.close()

    def car(self) -> tuple[Customer, int]:
        """A new petrol car of the next customer."""
        self._turn += 1
        owner = self.shop.customers[self._turn % len(self.shop.customers)]
        like = self.shop.customers[0].cars()[0]
        return owner, owner.add_car(f"KA05{uuid.uuid4().hex[:6].upper()}", like["car_model_id"])["id"]

    def wish(self, vehicle: int, **more: Any) -> dict[str, Any]:
        """The body of a booking that is granted."""
        services = [{"service_id": self.shop.service(BRAKES)}]
        return {"vehicle_id": vehicle, "services": services, **self.shop.times(), **more}

    def booked(self, **more: Any) -> tuple[Customer, dict[str, Any]]:
        """A customer and their new booking."""
        owner, vehicle = self.car()
        return owner, owner.post("/bookings/", self.wish(vehicle, **more))

    def customer(self, card: dict[str, Any]) -> Customer:
        """Somebody whom the demo does not know."""
        return Customer(self._calls, card)

    def stranger(self, owner: Person) -> Customer:
        """Another customer."""
        return next(other for other in self.shop.customers if other.id != owner.id)

    def estimated(self, quote: str = "1650.00", services: Sequence[str] = (BRAKES,)) -> tuple[Customer, dict[str, Any]]:
        """A walk-in booking whose estimate waits for the customer."""
        wanted = [{"service_id": self.shop.service(title)} for title in services]
        owner, booking = self.booked(pickup_type="walk_in", services=wanted)
        admin, number = self.shop.admin, booking["id"]
        admin.report(number, "received in the workshop")
        mechanic = self.shop.assign(booking, "analysis")
        mechanic.analyse(number, {line["service_id"]: quote for line in booking["services"]}, {}, "worn")
        admin.validate_analysis(number)
        return owner, owner.booking(number)

    def ordered(self) -> tuple[Customer, dict[str, Any]]:
        """A booking whose online order waits for money."""
        owner, booking = self.estimated()
        service = booking["services"][0]["service_id"]
        return owner, owner.confirm(booking["id"], [service], self.shop.payment_method("online"))

    def delivered(
        self, recommended: str = "", of: tuple[Customer, int] | None = None
    ) -> tuple[Customer, dict[str, Any]]:
        """A walk-in visit from the booking to the keys, paid in cash; what was recommended is declined."""
        journey = Journey("a visit", self.shop)
        journey.customer, vehicle = of or self.car()
        journey.booking = journey.customer.post("/bookings/", self.wish(vehicle, pickup_type="walk_in"))
        journey.receive_walk_in()
        extra = [recommended] if recommended else []
        journey.analyse(*extra)
        journey.agree_on_cash(*extra)
        journey.work()
        journey.hand_over()
        return journey.customer, journey.wait_for("the invoice", lambda now: now["invoice"])


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Server-Sent Events as they come; comments and hints left out."""
    event: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "data" in event:
            yield {**event, "data": json.loads(event["data"])}
        if not line:
            event = {}
        elif name in ("id", "event", "data"):
            event[name] = value
