"""A visit that has everything in it: a pickup, an estimate, a payment, an invoice, a refund and a credit note."""

from collections.abc import Iterator
from typing import Any

from devstack.demo.calls import until
from devstack.kinds.vehicle_service.people import Mechanic
from tests.api.visits import WASH, Visits

Json = dict[str, Any]


class BookingBuilder:
    """A booking from its pickup to the invoice, then cancelled; with the people in it."""

    def __init__(self, visits: Visits) -> None:
        self.shop, self.admin = visits.shop, visits.shop.admin
        self.owner, booking = visits.booked(notes="Need quick turnaround")
        self.number = booking["id"]
        self.mechanic: Mechanic | None = None

    @classmethod
    def complete(cls, visits: Visits) -> "BookingBuilder":
        """The whole of it; somebody is about to bring the car back."""
        builder = cls(visits)
        assert list(builder.stages())[-1] == "cancelled"
        return builder

    def stages(self) -> Iterator[str]:
        """One step after the other; the status that each leads to."""
        number, admin = self.number, self.admin
        yield "booked"
        self._hand("pickup")
        yield "pickup"
        report = self.mechanic.report(number, "collected at the address")
        yield "received"
        admin.validate_report(report["id"])
        self._hand("analysis")
        yield "analysis"
        requested = self.now()["services"][0]["service_id"]
        self.mechanic.analyse(number, {requested: "1650.00"}, {self.shop.service(WASH): "400.00"}, "worn")
        yield "analysed"
        admin.validate_analysis(number)
        order = self.owner.confirm(number, [requested], self.shop.payment_method("online"))
        yield "analysed"
        self.shop.provider.pay(order["order_id"])
        until("the invoice", lambda: self.now()["invoice"])
        yield "in-progress"
        self.owner.cancel(number, "changed my mind")
        until("the credit note", lambda: self.now()["credit_notes"])
        yield "cancelled"
        self._hand("drop")
        yield "cancelled"

    def now(self) -> Json:
        return self.owner.booking(self.number)

    def _hand(self, job: str) -> None:
        self.mechanic = self.shop.assign(self.now(), job)
