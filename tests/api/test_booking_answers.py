"""A booking at every stage, for everybody who may see it: what the document says, and no field besides."""

from collections.abc import Iterator
from typing import Any

from devstack.demo.calls import until
from devstack.demo.people import Mechanic
from tests.api.asking import Api
from tests.api.visits import WASH, Visits

Json = dict[str, Any]
MONEY = ["/payment/", "/payment/refunds"]
LISTS = {
    "C": ["/bookings/customer", *MONEY],
    "M": ["/bookings/mechanic/assignments"],
    "A": ["/bookings/", "/bookings/admin/dashboard", *MONEY],
}


class Story:
    """A visit from the door to the invoice, and then given up; with the people in it."""

    def __init__(self, visits: Visits) -> None:
        self.garage, self.admin = visits.garage, visits.garage.admin
        self.owner, booking = visits.booked(notes="Need quick turnaround")
        self.number = booking["id"]
        self.mechanic: Mechanic | None = None

    def stages(self) -> Iterator[str]:
        """One deed after the other; the status that each leads to."""
        number, admin = self.number, self.admin
        yield "booked"
        self._hand("pickup")
        yield "pickup"
        report = self.mechanic.report(number, "collected at the door")
        yield "received"
        admin.validate_report(report["id"])
        self._hand("analysis")
        yield "analysis"
        requested = self.now()["services"][0]["service_id"]
        self.mechanic.analyse(number, {requested: "1650.00"}, {self.garage.service(WASH): "400.00"}, "worn")
        yield "analysed"
        admin.validate_analysis(number)
        order = self.owner.confirm(number, [requested], self.garage.payment_method("online"))
        yield "analysed"
        self.garage.provider.pay(order["order_id"])
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
        self.mechanic = self.garage.assign(self.now(), job)


async def test_a_booking_is_told_as_documented_at_every_stage_to_everybody(api: Api, visits: Visits):
    story = Story(visits)
    for status in story.stages():
        for letter, person in {"C": story.owner, "M": story.mechanic, "A": story.admin}.items():
            if person is None:
                continue  # nobody has a job yet
            card = person.card
            seen = (await api.ask("GET", f"/bookings/{story.number}", card)).json()
            assert (seen["id"], seen["status"]) == (story.number, status)
            for path in [f"/bookings/{story.number}/timeline", *LISTS[letter]]:
                assert (await api.ask("GET", path, card)).status_code == 200
    for paper in ("invoice", "invoice.pdf", "cancellation"):
        assert (await api.ask("GET", f"/bookings/{story.number}/{paper}", story.owner.card)).status_code in (200, 404)
    note = story.now()["credit_notes"][0]
    assert (await api.ask("GET", note["url"], story.owner.card)).headers["content-type"] == "application/pdf"
