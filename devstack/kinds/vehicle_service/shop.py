"""The demo people of a running stack, its catalogue, free cars and free slots."""

import threading
import uuid
from collections import deque
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from devstack.demo.calls import Calls, Json, Refused
from devstack.demo.externals import Mailbox, Provider
from devstack.kinds.vehicle_service.people import Admin, Customer, Mechanic

SHOP_TIMEZONE = ZoneInfo("Asia/Kolkata")
_AHEAD = 120
Vehicle = tuple[Customer, int]


class Shop:
    """The people that `stack.json` lists. Safe to share between threads, one booking each."""

    def __init__(
        self,
        info: Json,
        timeout: float = 60.0,
        spared: frozenset[int] = frozenset(),
        calls: Calls | None = None,
    ) -> None:
        """``calls``: another way to the API than to the one address of the stack."""
        self.info = info
        self._spared = spared
        self._calls = calls or Calls(info["api"], timeout)
        people = info["people"]
        self.admin = Admin(self._calls, people["admin"])
        self.mechanics = [Mechanic(self._calls, card) for card in people["mechanics"]]
        self.customers = [Customer(self._calls, card) for card in people["customers"]]
        self.provider = Provider(info["razorpay"]["base_url"])
        self.mailbox = Mailbox(info["mail"]["api"])
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, int]] = {}
        self._vehicles: deque[Vehicle] = deque()
        self._asked = 0
        self._turn = 0
        self._unfit: set[tuple[str, str, str]] = set()

    def close(self) -> None:
        for each in (self._calls, self.provider, self.mailbox):
            each.close()

    def assignment_type(self, job: str) -> int:
        return self._id_of("/mechanics/assignment_type", "name", job)

    def payment_method(self, name: str) -> int:
        return self._id_of("/utils/payment-method", "name", name)

    def service(self, title: str) -> int:
        return self._id_of("/services/", "title", title)

    def vehicle(self) -> Vehicle:
        """The next car of somebody; once all were offered, a new one: an interrupted demo can leave cars busy."""
        with self._lock:
            if not self._asked:
                cars_of_customers = [(customer, self._free_cars(customer)) for customer in self.customers]
                depth = max(len(cars) for _, cars in cars_of_customers)
                for row in range(depth):
                    self._vehicles.extend(
                        (owner, cars[row]["id"]) for owner, cars in cars_of_customers if row < len(cars)
                    )
            self._asked += 1
            if self._asked % (len(self._vehicles) * 3) == 0:
                self._vehicles.appendleft(self.bought())
            self._vehicles.rotate(-1)
            return self._vehicles[-1]

    def times(self, working_days: int = 1, after: str | None = None) -> Json:
        """Dates and slots that are free; later than the date `after`."""
        first = datetime.now(SHOP_TIMEZONE).date() if after is None else datetime.fromisoformat(after).date()
        for ahead in range(1, _AHEAD):
            day = (first + timedelta(days=ahead)).isoformat()
            if slot := self._free(day):
                for later in range(working_days, working_days + _AHEAD):
                    back = (first + timedelta(days=ahead + later)).isoformat()
                    if drop := self._free(back):
                        return {
                            "pickup_date": day,
                            "pickup_timeslot_id": slot,
                            "drop_date": back,
                            "drop_timeslot_id": drop,
                        }
        raise Refused("looking for a free slot", 409, {"code": "SlotTaken", "detail": f"none in {_AHEAD} days"})

    def assign(self, booking: Json, job: str) -> Mechanic:
        """Give the job to the next mechanic who is qualified for it, found out by asking."""
        number = self.assignment_type(job)
        work = ",".join(str(line["service_id"]) for line in booking["services"]) if job == "service" else ""
        for mechanic in self._mechanics():
            if (mechanic.id, job, work) in self._unfit:
                continue
            try:
                self.admin.assign(booking["id"], mechanic.id, number)
            except Refused as no:
                if no.code != "NotQualified":
                    raise
                self._unfit.add((mechanic.id, job, work))
            else:
                return mechanic
        raise Refused(f"assigning {job}", 409, {"code": "NotQualified", "detail": "no mechanic can do it"})

    def _mechanics(self) -> list[Mechanic]:
        with self._lock:
            self._turn += 1
            start = self._turn % len(self.mechanics)
        return self.mechanics[start:] + self.mechanics[:start]

    def _free(self, day: str) -> int | None:
        rows = [row for row in self.admin.get("/utils/timeslot", date=day) if row["free"] > 0]
        with self._lock:
            self._turn += 1
            return int(rows[self._turn % len(rows)]["id"]) if rows else None

    def _id_of(self, path: str, field: str, value: str) -> int:
        with self._lock:
            if path not in self._known:
                rows: list[Any] = self.admin.get(path, limit=100)
                self._known[path] = {str(row[field]).casefold(): row["id"] for row in rows}
        if (found := self._known[path].get(value.casefold())) is None:
            raise Refused(f"GET {path}", 404, {"code": "NotFound", "detail": f"there is no {value!r} in it"})
        return found

    def _free_cars(self, owner: Customer) -> list[Json]:
        return [car for car in owner.cars() if car["id"] not in self._spared]

    def bought(self) -> Vehicle:
        """A car that was never booked."""
        owner = self.customers[self._asked % len(self.customers)]
        like = owner.cars()[0]
        plate = f"MH12{uuid.uuid4().hex[:6].upper()}"
        return owner, owner.add_car(plate, like["car_model_id"])["id"]
