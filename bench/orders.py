"""Bookings whose online orders were paid with webhooks off: the benchmark sends the messages."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.shop import Shop

PADS, QUOTE = "Brake pads, front", "1650.00"
Json = dict[str, Any]
Paid = tuple[Customer, Json]


def paid_orders(garage: Shop, count: int) -> list[Paid]:
    """Owners and bookings, each with an order that its customer has just paid."""
    garage.provider.misbehave(webhooks=[{"match": "*", "drop": True}])
    waiting = [_waiting(garage, number) for number in range(count)]
    with ThreadPoolExecutor(4) as customers:
        list(customers.map(lambda each: garage.provider.pay(each[1]["order_id"]), waiting))
    return waiting


def _waiting(garage: Shop, number: int) -> Paid:
    """A walk-in with a validated estimate, confirmed online."""
    owner = garage.customers[number % len(garage.customers)]
    model = owner.cars()[0]["car_model_id"]
    car = owner.add_car(f"MH14{uuid.uuid4().hex[:6].upper()}", model)["id"]
    booking = owner.book(car, [garage.service(PADS)], pickup_type="walk_in", **garage.times())
    garage.admin.report(booking["id"], "received at the desk")
    service = booking["services"][0]["service_id"]
    garage.assign(booking, "analysis").analyse(booking["id"], {service: QUOTE}, {}, "worn")
    garage.admin.validate_analysis(booking["id"])
    return owner, owner.confirm(booking["id"], [service], garage.payment_method("online"))
