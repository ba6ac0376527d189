"""Two visits to the shop by somebody hostile: every word in them is an attack, every body may have more in it."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.people import Customer, Mechanic
from devstack.kinds.vehicle_service.shop import Shop
from tests.api.concurrent import PREFIX, Json
from tests.api.document import operations
from tests.api.hostile import WORDS, with_extras
from tests.api.visits import BRAKES

ALL = " ".join(word for name, word in WORDS.items() if name != "another header")
NAME = f"Mallory {WORDS['markup']}{WORDS['templates']}{{nb}}"
LINE = WORDS["a formula"] + WORDS["markup"]
_ALIASES = {"class", "notes", "description", "car_id", "address_id", "timeslot_id", "service_ids"}
_PASSING = {"at", "by", "car_ids", "customer", "invoice", "credit_notes", "mechanic", "order_id", "registration_number",
            "date", "starts_at", "address", "timeslot", "checkout", "note", "reason", "cancellation"}  # fmt: skip


class HostileShop:
    """A shop of its own; with ``sly`` set, whatever is sent as JSON has hostile fields besides its own."""

    def __init__(self, info: Json, picture: str) -> None:
        self.shop = Shop(info)
        self.picture = picture
        self.sly = False
        self.routes: set[str] = set()
        self._calls = self.shop._calls
        self._send, self._calls.send = self._calls.send, self._sending  # type: ignore[method-assign]

    def close(self) -> None:
        self.shop.close()

    def _sending(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        if self.sly and isinstance(content.get("json"), dict):
            name, own = _route(method, path)
            self.routes.add(name)
            content["json"] = with_extras(content["json"], own)
        return self._send(method, path, headers=headers, **content)

    def somebody(self) -> tuple[Customer, int]:
        """A customer with a hostile name, and their car."""
        number = uuid.uuid4().int % 10**9
        body = {
            "name": NAME,
            "phone": f"7{number:09}",
            "email": f"mallory{number}@example.com",
            "password": "Evil-1234",
        }
        made = self._calls.json("POST", f"{PREFIX}/customers/", json=body)
        owner = Customer(self._calls, {**made, **body})
        like = self.shop.customers[0].cars()[0]["car_model_id"]
        return owner, owner.add_car(f"KA05{uuid.uuid4().hex[:6].upper()}", like)["id"]

    def paid_in_cash(self, owner: Customer, vehicle: int) -> Json:
        """Fetched, analysed with corrections, repaired, paid in cash on delivery, closed."""
        shop, admin, times = self.shop, self.shop.admin, self.shop.times()
        place = {"label": LINE, "line1": LINE, "line2": LINE, "area_id": 1}
        services = [{"service_id": shop.service(BRAKES)}]
        wish = {"vehicle_id": vehicle, "services": services, "pickup_address": place, "notes": ALL, **times}
        booking = owner.post("/bookings/", wish)
        number, service = booking["id"], services[0]["service_id"]
        owner.reschedule(number, **shop.times(after=booking["pickup"]["date"]))
        report = self._report(shop.assign(booking, "pickup"), number)
        admin.put(f"/bookings/admin/progress/{report['id']}", {"notes": ALL, "images": [self.picture]})
        admin.validate_report(report["id"])
        self._analysed(booking)
        owner.confirm(number, [service], shop.payment_method("offline"))
        admin.validate_report(self._report(shop.assign(booking, "service"), number, service)["id"])
        driver = shop.assign(booking, "drop")
        driver.open_collection(number)
        driver.verify_cash(number, admin.booking(number)["totals"]["due"])
        self._report(driver, number)
        return until("the booking to close", lambda: _closed(admin.booking(number)))

    def paid_online_and_given_up(self, owner: Customer, vehicle: int) -> Json:
        """Brought, analysed, paid at the checkout, cancelled."""
        shop, admin = self.shop, self.shop.admin
        service = shop.service(BRAKES)
        firm = {"billed_as": LINE, "gstin": "27AAPFU0939F1ZV"}
        booking = owner.book(vehicle, [service], pickup_type="walk_in", notes=ALL, **firm, **shop.times())
        number = booking["id"]
        admin.report(number, ALL)
        self._analysed(booking)
        order = owner.confirm(number, [service], shop.payment_method("online"))["checkout"]
        owner.bring_callback(shop.provider.pay(order["order_id"]))
        until("the invoice", lambda: admin.booking(number)["invoice"])
        owner.cancel(number, ALL)
        admin.report(number, ALL)
        return until("the booking to close", lambda: _closed(admin.booking(number)))

    def _report(self, mechanic: Mechanic, number: int, *services: int) -> Json:
        body = {"booking_id": number, "notes": ALL, "completed_service_ids": list(services), "images": [self.picture]}
        report: Json = mechanic.post("/bookings/mechanic/progress", body)
        return report

    def _analysed(self, booking: Json) -> None:
        number, admin = booking["id"], self.shop.admin
        quotes = {booking["services"][0]["service_id"]: "1650.00"}
        self.shop.assign(booking, "analysis").analyse(number, quotes, {}, ALL)
        correction = {"description": ALL, "recommendation": ALL, "images": [self.picture]}
        admin.put(f"/bookings/admin/analysis/{number}", correction)
        admin.validate_analysis(number)


def essence(value: Any, key: str = "") -> Any:
    """What two visits of the same kind have in common: no ids, no moments, nobody's name, no order of moves."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in _PASSING and not name.endswith(("id", "_at"))}
        return {name: essence(item, name) for name, item in kept.items()}
    if key == "timeline":
        return sorted(entry["action"] for entry in value)
    if isinstance(value, list):
        return [essence(item, key) for item in value]
    return "..." if key in ("timestamp", "receipt", "number", "until", "updated_by") else value


@dataclass(frozen=True)
class HostileVisits:
    """What came of it: visits with honest bodies and the same with sly ones, and who went to fetch the pictures."""

    honest: list[Json]
    sly: list[Json]
    owners: list[Customer]
    routes: frozenset[str]
    fetched: list[str]


@contextmanager
def hostile_visits(info: Json) -> Iterator[HostileVisits]:
    """Everything at once, with a web server that notes who comes for a picture."""
    fetched: list[str] = []

    class Notes(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            fetched.append(self.rfile.readline().decode("latin-1"))
            self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Notes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shop = HostileShop(info, f"http://127.0.0.1:{server.server_port}/picture.png")
        try:
            visits, owners = _visits(shop)
            yield HostileVisits(visits[False], visits[True], owners, frozenset(shop.routes), fetched)
        finally:
            shop.close()
            server.shutdown()


def _visits(shop: HostileShop) -> tuple[dict[bool, list[Json]], list[Customer]]:
    """Two honest visits, then two sly ones."""
    visits: dict[bool, list[Json]] = {}
    owners: list[Customer] = []
    for shop.sly in (False, True):
        ways = (shop.paid_in_cash, shop.paid_online_and_given_up)
        people = [shop.somebody() for _ in ways]
        owners += [owner for owner, _ in people]
        visits[shop.sly] = [way(*somebody) for way, somebody in zip(ways, people, strict=True)]
    return visits, owners


def _closed(booking: Json) -> Json | None:
    return booking if booking["waiting_for"] is None else None


def _route(method: str, path: str) -> tuple[str, set[str]]:
    """The operation that a path leads to, and the names of its fields."""
    steps = path.split("/")
    for each in operations():
        pattern = each.path.split("/")
        fits = len(pattern) == len(steps) and all(
            wanted == step or wanted.startswith("{") for wanted, step in zip(pattern, steps, strict=True)
        )
        if each.method == method and fits and ("{" not in each.path or not _fixed(method, path)):
            return str(each), {*(each.body or {}).get("properties", {}), *_ALIASES}
    raise AssertionError(f"there is no {method} {path}")


def _fixed(method: str, path: str) -> bool:
    return any((each.method, each.path) == (method, path) for each in operations())
