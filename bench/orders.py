"""Bookings whose online orders were paid with webhooks off: the benchmark sends the messages."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.shop import Shop

PADS, QUOTE = "Brake pads, front", "1650.00"
Json = dict[str, Any]
Paid = tuple[Customer, Json]


def paid_orders(shop: Shop, count: int) -> list[Paid]:
    """Owners and bookings, each with an order that its customer has just paid."""
    shop.provider.misbehave(webhooks=[{"match": "*", "drop": True}])
    waiting = [waiting_order(shop, number) for number in range(count)]
    with ThreadPoolExecutor(4) as customers:
        list(customers.map(lambda each: shop.provider.pay(each[1]["order_id"]), waiting))
    return waiting


def waiting_order(shop: Shop, number: int) -> Paid:
    """A walk-in with a validated estimate, confirmed online."""
    owner = shop.customers[number % len(shop.customers)]
    model = owner.cars()[0]["car_model_id"]
    car = owner.add_car(f"MH14{uuid.uuid4().hex[:6].upper()}", model)["id"]
    booking = owner.book(car, [shop.service(PADS)], pickup_type="walk_in", **shop.times())
    shop.admin.report(booking["id"], "received in the shop")
    service = booking["services"][0]["service_id"]
    shop.assign(booking, "analysis").analyse(booking["id"], {service: QUOTE}, {}, "worn")
    shop.admin.validate_analysis(booking["id"])
    return owner, owner.confirm(booking["id"], [service], shop.payment_method("online"))
