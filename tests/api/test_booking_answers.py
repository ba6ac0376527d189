"""A booking at every stage, for everybody who may see it: what the document says, and no field besides."""

from tests.api.asking import Api
from tests.api.story import Story
from tests.api.visits import Visits

MONEY = ["/payment/", "/payment/refunds"]
LISTS = {
    "C": ["/bookings/customer", *MONEY],
    "M": ["/bookings/mechanic/assignments"],
    "A": ["/bookings/", "/bookings/admin/dashboard", *MONEY],
}


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
