"""One booking from its first call to its end, step by step."""

from decimal import Decimal
from typing import Any

from devstack.demo.calls import Json, Refused
from devstack.demo.journey import BookingJourney
from devstack.kinds.vehicle_service.people import Customer
from devstack.kinds.vehicle_service.shop import Shop

_FULL_SLOTS = 20


class Journey(BookingJourney):
    """A visit: see there for `pace` and `timeout`."""

    def __init__(self, name: str, shop: Shop, *, pace: float = 0.0, timeout: float = 120.0) -> None:
        super().__init__(name, shop, pace=pace, timeout=timeout)
        self.shop = shop
        self.customer: Customer = shop.customers[0]
        self.quoted: dict[int, str] = {}

    def book(self, *titles: str, **more: Any) -> None:
        """The next customer with a free car books these services."""
        self._step("booking")
        services = [self.shop.service(title) for title in titles]
        full = 0
        while True:
            customer, vehicle = self.shop.vehicle()
            try:
                made = customer.book(vehicle, services, **{**self.shop.times(), **more})
            except Refused as no:
                full += no.code == "SlotTaken"
                if no.code not in ("VehicleBusy", "SlotTaken") or full > _FULL_SLOTS or self._late():
                    raise
                continue
            self.customer, self.booking = customer, made
            return

    def send_for_the_car(self) -> None:
        self._step("assigning the pickup")
        self._pickup = self.shop.assign(self.booking, "pickup")

    def fetch_the_car(self) -> None:
        """A mechanic collects it, the admin looks at the report."""
        self.send_for_the_car()
        self._step("reporting the pickup")
        report = self._pickup.report(self.id, "Collected, no scratches.")
        self._step("validating the pickup report")
        self.shop.admin.validate_report(report["id"])

    def receive_walk_in(self) -> None:
        self._step("receiving the car in the shop")
        self.shop.admin.report(self.id, "The customer brought the car, with the keys.")

    def analyse(self, *recommended: str) -> None:
        """A mechanic looks, quotes a little more than the estimate, recommends; the admin agrees."""
        self._step("assigning the analysis")
        mechanic = self.shop.assign(self.booking, "analysis")
        lines = self.now()["services"]
        quotes = {line["service_id"]: _a_bit_more(line["estimate"]) for line in lines}
        extra = {self.shop.service(title): "800.00" for title in recommended}
        self._step("submitting the analysis")
        mechanic.analyse(self.id, quotes, extra, "Looked at it from below: worn, nothing dangerous.")
        self._step("validating the analysis")
        self.shop.admin.validate_analysis(self.id)
        self.quoted = quotes | extra

    def choose(self, method: str, *declined: str) -> Json:
        """Line by line: everything that was quoted but the declined ones."""
        self._step(f"choosing the services, {method}")
        unwanted = {self.shop.service(title) for title in declined}
        wanted = [service_id for service_id in self.quoted if service_id not in unwanted]
        return self.customer.confirm(self.id, wanted, self.shop.payment_method(method))

    def pay_online(self, *declined: str, closes_the_tab: bool = False) -> None:
        """Pay at the checkout. With the tab closed no callback comes: the webhook or polling finds the payment."""
        order = self.choose("online", *declined)["checkout"]["order_id"]
        self._step("paying online")
        paid = self.shop.provider.pay(order)
        if not closes_the_tab:
            self.customer.bring_callback(paid)
        self.wait_for("the payment to be seen", lambda now: now["status"] == "in-progress")

    def agree_on_cash(self, *declined: str) -> None:
        self.choose("offline", *declined)

    def work(self, *titles: str) -> None:
        """Service by service: assigned where nobody is at work, done, validated. All, or only these."""
        for line in self.now()["services"]:
            if line["state"] == "declined" or (titles and line["title"] not in titles):
                continue
            worker = self._at_work()
            if worker is None:
                self._step("assigning the services")
                worker = self.shop.assign(self.booking, "service").id
            self._step(f"doing {line['title']}")
            mechanic = next(each for each in self.shop.mechanics if each.id == worker)
            report = mechanic.report(self.id, f"{line['title']}: done.", (line["service_id"],))
            self._step(f"validating {line['title']}")
            self.shop.admin.validate_report(report["id"])

    def bring_back(self) -> None:
        """A mechanic drives it home, and collects on site what is still due."""
        self._step("assigning the drop")
        mechanic = self.shop.assign(self.booking, "drop")
        due = self.now()["totals"]["due"]
        if Decimal(due):
            self._step("opening the collection on site")
            mechanic.open_collection(self.id)
            self._step(f"collecting {due}")
            mechanic.verify_cash(self.id, due)
        self._step("reporting the drop")
        mechanic.report(self.id, "Brought home, keys handed over.")

    def hand_over(self) -> None:
        """The customer pays what is due in the shop and takes the car."""
        due = self.now()["totals"]["due"]
        if Decimal(due):
            self._step(f"taking {due} in the shop")
            self.shop.admin.verify_cash(self.id, due)
        self._step("handing the car over")
        self.shop.admin.report(self.id, "Handed over in the shop.")

    def reschedule(self) -> None:
        self._step("rescheduling")
        self.customer.reschedule(self.id, **self.shop.times(after=self.booking["pickup"]["date"]))

    def cancel(self, reason: str) -> Json:
        """Ask for the fee, then cancel; returns the quote."""
        self._step("cancelling")
        price = self.customer.price_of_cancelling(self.id)
        self.customer.cancel(self.id, reason)
        return price

    def _at_work(self) -> str | None:
        for assignment in self.now()["assignments"]:
            if assignment["active"] and assignment["type"] == "service":
                return str(assignment["mechanic"]["id"])
        return None


def _a_bit_more(estimate: str) -> str:
    return f"{Decimal(estimate) + 150:.2f}"
