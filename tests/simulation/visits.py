"""One booking of a simulation: its people choose by chance among what they may do, and sometimes what they may not."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import httpx

from devstack.demo.calls import Json, Refused
from devstack.kinds.vehicle_service.people import Customer, Mechanic, Staff
from devstack.kinds.vehicle_service.shop import Shop
from domain.limits import REFUND_RETRIES
from tests.simulation.provider import SimulatedProvider
from tests.simulation.record import Record

NOTE = "made by the simulation"
"""In the notes of every booking here; the release in the middle has its other rule for these alone."""
SERVICES = ("Wash and vacuum", "Brake fluid change", "Wiper blades", "Cabin filter", "Wheel alignment")
JOBS = {
    "booked": "pickup",
    "pickup": "pickup",
    "received": "analysis",
    "analysis": "analysis",
    "in-progress": "service",
    "completed": "drop",
    "out-for-delivery": "drop",
    "cancelled": "drop",
}
SERVER_FAULT = 500
_FULL_SLOTS = 5
_PAUSE = 0.2
_RETRIES_IN_THE_WILD_TIME = REFUND_RETRIES.most // 2
"""Half of those that a booking grants within an hour, and a simulation is over by then. Who has used all of them up on
a refund that the bank held back has none for the next attempt, which may wait a quarter of an hour for one."""
_BETWEEN_RETRIES = 8.0
"""Seconds in which an admin sees whether a retry has helped, in a calm hour: the other half is for the whole of it."""

Act = Callable[[], object]
Choice = tuple[float, str, Act]


class SimulatedVisit:
    """A booking and everybody around it. ``chance`` decides; in a ``calm`` hour nobody does anything foolish."""

    def __init__(self, shop: Shop, provider: SimulatedProvider, record: Record, chance: random.Random) -> None:
        self._shop, self._provider, self._record, self._chance = shop, provider, record, chance
        self._customer: Customer = shop.customers[0]
        self._seen: Json = {}
        self._granted = False
        self._retries, self._retried_at, self._refused = 0, 0.0, "nothing"
        self.id = 0
        self.calm = False

    def book(self) -> bool:
        """Somebody books with a car of their own; False when no slot was free."""
        wanted = self._chance.sample(SERVICES, self._chance.choice((1, 2, 2, 3)))
        walk_in = self._chance.random() < 0.15
        more: Json = {"pickup_type": "walk_in"} if walk_in else {}
        services = [self._shop.service(title) for title in wanted]
        owner = self._customer = self._chance.choice(self._shop.customers)
        vehicle = self._car_of(owner)
        for _ in range(_FULL_SLOTS):
            try:
                made = owner.book(vehicle, services, **self._shop.times(), notes=NOTE, **more)
            except Refused as no:
                self._answered("book", no)
                continue
            self.id = int(made["id"])
            self._note(f"booked by {owner.id} with car {vehicle}: {', '.join(wanted)}{', walk-in' * walk_in}")
            return True
        return False

    def _car_of(self, owner: Customer) -> int:
        """A new car; of one whose answer was cut off it is said that it is there already: another does as well."""
        plate = f"KA{uuid.uuid4().hex[:8].upper()}"
        try:
            return int(owner.add_car(plate, owner.cars()[0]["car_model_id"])["id"])
        except Refused as no:
            if no.code != "Duplicate":
                raise
        return self._car_of(owner)

    def step(self) -> bool:
        """Let something happen to it; False when it is over, or when nobody wants anything of it.

        In the end it is over when it also knows what the banks have failed: somebody may have to act again then.
        """
        now = self._seen = self._shop.admin.booking(self.id)
        self._provider.learn(now)
        self._granted = False
        if now["waiting_for"] is None and (self.calm or self._chance.random() < 0.8):
            return self.calm and self._provider.has_news(now)
        choices = [choice for choice in self._choices(now) if choice[0] > 0]
        if choices:
            _, what, act = self._chance.choices(choices, [weight for weight, _, _ in choices])[0]
            self._granted = self._act(now, what, act)
        return self.calm or bool(choices)

    def end(self, patience: float) -> str | None:
        """Everybody does what is left to do; in words, what it still waits for after so many seconds.

        Acts are not counted: while a webhook is on its way or a bank takes its time, many are tried in vain. Retries of
        refunds are, by the booking; half of them were saved for now, so a refund without an end is the product's fault.
        """
        self.calm, until = True, time.monotonic() + patience
        while self.step():
            if time.monotonic() > until:
                seen = self._seen
                refunds = [(each["id"], each["status"], each["refund_id"], each["amount"]) for each in seen["refunds"]]
                waits = f"{seen['status']} in version {seen['version']}, waits for {seen['waiting_for']}"
                return f"{waits}; refunds {refunds}, {self._retries} retries, last refused: {self._refused}"
            if not self._granted:
                time.sleep(_PAUSE)
        return None

    def _act(self, now: Json, what: str, act: Act) -> bool:
        """Whether it was granted."""
        try:
            act()
        except Refused as no:
            self._answered(what, no)
        except httpx.TransportError as cut:  # the provider hung up on somebody in its dashboard
            self._note(f"{what}: {type(cut).__name__}")
        else:
            self._note(f"{what} (in {now['status']}, version {now['version']})")
            return True
        return False

    def _choices(self, now: Json) -> Iterator[Choice]:
        yield from self._peoples(now, set(now["allowed_actions"]))
        yield from self._provider.choices(now, self._chance, calm=self.calm)

    def _peoples(self, now: Json, may: set[str]) -> Iterator[Choice]:
        admin, wild = self._shop.admin, 0.0 if self.calm else 1.0
        active = next((each for each in now["assignments"] if each["active"]), None)
        report = next((each for each in reversed(now["progress"]) if not each["validated"]), None)
        due = Decimal(now["totals"]["due"])
        if "assign" in may:
            yield 0.3 * wild if active else 6, f"assign {JOBS[now['status']]}", lambda: self._assign(now)
        if "submit-progress" in may:
            yield 6, "report", lambda: self._at_work(active).report(self.id, "done so far", self._finished(now))
        if may & {"receive", "hand-over"}:
            yield 6, "the admin reports", lambda: admin.report(self.id, "in the shop")
        if "validate-progress" in may and report:
            yield 8, "validate the report", lambda: admin.validate_report(report["id"])
            yield 0.5 * wild, "send the report back", lambda: self._send_back(report["id"])
        if "submit-analysis" in may:
            yield 6, "submit the analysis", lambda: self._analyse(now, active)
        if "validate-analysis" in may:
            yield 6, "validate the analysis", lambda: admin.validate_analysis(self.id)
            yield 0.5 * wild, "send the analysis back", lambda: admin.send_back_analysis(self.id, "too dear")
        if "confirm-services" in may:
            chosen = 0.3 if now["checkout"] or now["payment"]["method"] else 4
            yield chosen, "choose online", lambda: self._choose(now, "online")
            yield chosen / 2, "choose cash", lambda: self._choose(now, "offline")
        if may & {"open-collection", "choose-cash"} and now["status"] in ("out-for-delivery", "cancelled"):
            yield 3, "open the collection", lambda: self._collector(active).post(f"/payment/cash-on-delivery/{self.id}")
        if "verify-cod" in may and due:
            yield 6, f"collect {due}", lambda: self._collector(active).verify_cash(self.id, str(due))
            yield 0.5 * wild, "not paid on site", lambda: self._refuse(active, due)
        if "reschedule" in may:
            yield 0.3 * wild, "reschedule", lambda: self._customer.reschedule(self.id, **self._shop.times())
        if "cancel" in may:
            yield 0.5 * wild, "cancel", lambda: self._customer.cancel(self.id, "changed my mind")
        if now["attention"]:
            yield 0.5, "clear the attention", lambda: admin.post(f"/bookings/admin/attention/{self.id}", {})
        for refund in now["refunds"]:
            if refund["status"] in ("pending", "failed") and self._may_retry():
                yield 0.4, f"retry refund {refund['id']}", lambda each=refund["id"]: self._retry(each)

    def _assign(self, now: Json) -> object:
        job = JOBS[now["status"]]
        return self._shop.assign(now, job)

    def _at_work(self, active: Json | None) -> Staff:
        """Whoever has the job; else the admin, who may not always."""
        return self._mechanic(active) or self._shop.admin

    _collector = _at_work

    def _mechanic(self, active: Json | None) -> Mechanic | None:
        number = active["mechanic"]["id"] if active else ""
        return next((each for each in self._shop.mechanics if each.id == number), None)

    def _finished(self, now: Json) -> tuple[int, ...]:
        """What the mechanic has done: one line, or all that are left."""
        if now["status"] != "in-progress":
            return ()
        left = [line["service_id"] for line in now["services"] if line["state"] not in ("declined", "done")]
        return tuple(left if self._chance.random() < 0.5 else left[:1])

    def _analyse(self, now: Json, active: Json | None) -> object:
        quotes = {line["service_id"]: f"{Decimal(line['estimate']) + 150:.2f}" for line in now["services"]}
        mechanic = self._mechanic(active)
        return mechanic and mechanic.analyse(self.id, quotes, {}, "worn, nothing dangerous")

    def _choose(self, now: Json, method: str) -> object:
        quoted = [line["service_id"] for line in now["services"] if line["estimate"] is not None]
        wanted = quoted if self._chance.random() < 0.8 else quoted[:1]
        return self._customer.confirm(self.id, wanted, self._shop.payment_method(method))

    def _send_back(self, report: int) -> object:
        body = {"approved": False, "reason": "photos are missing"}
        return self._shop.admin.post(f"/bookings/admin/progress/{report}/validate", body)

    def _refuse(self, active: Json | None, due: Decimal) -> object:
        body = {"booking_id": self.id, "amount": str(due), "refused": True}
        return self._collector(active).post("/payment/verify-cod", body)

    def _may_retry(self) -> bool:
        if self.calm:
            return time.monotonic() - self._retried_at > _BETWEEN_RETRIES
        return self._retries < _RETRIES_IN_THE_WILD_TIME

    def _retry(self, refund: int) -> object:
        self._retries += 1
        granted = self._shop.admin.post(f"/payment/refunds/{refund}/retry")
        self._retried_at = time.monotonic()
        return granted

    def _answered(self, what: str, no: Refused) -> None:
        self._refused = f"{what}, {no.code}"
        if no.status == SERVER_FAULT:
            self._record.fault(f"booking {self.id}", f"{what}: {no}")
        else:
            self._note(f"{what}: refused, {no.code}")

    def _note(self, what: str) -> None:
        self._record.note(f"booking {self.id}", what)
