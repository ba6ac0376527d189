"""A booking at every stage, for everybody who may see it: what the document says, and no field besides."""

from tests.api.booking_builder import BookingBuilder
from tests.api.concurrent import Api
from tests.api.visits import Visits

MONEY = ["/payment/", "/payment/refunds"]
LISTS = {
    "C": ["/bookings/customer", *MONEY],
    "M": ["/bookings/mechanic/assignments"],
    "A": ["/bookings/", "/bookings/admin/dashboard", *MONEY],
}


async def test_a_booking_is_told_as_documented_at_every_stage_to_everybody(api: Api, visits: Visits):
    builder = BookingBuilder(visits)
    for status in builder.stages():
        for role, person in {"C": builder.owner, "M": builder.mechanic, "A": builder.admin}.items():
            if person is None:
                continue  # nobody has a job yet
            card = person.card
            seen = (await api.ask("GET", f"/bookings/{builder.number}", card)).json()
            assert (seen["id"], seen["status"]) == (builder.number, status)
            for path in [f"/bookings/{builder.number}/timeline", *LISTS[role]]:
                assert (await api.ask("GET", path, card)).status_code == 200
    for path in ("invoice", "invoice.pdf", "cancellation"):
        assert (await api.ask("GET", f"/bookings/{builder.number}/{path}", builder.owner.card)).status_code in (
            200,
            404,
        )
    note = builder.now()["credit_notes"][0]
    assert (await api.ask("GET", note["url"], builder.owner.card)).headers["content-type"] == "application/pdf"
