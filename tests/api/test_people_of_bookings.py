"""The people of a booking: called and reached as they are known now, and kept by their ids only."""

import asyncio
import base64
import re
import uuid
from typing import Any

import pytest
from temporalio.client import Client

from adapters.temporal.client import DATA_CONVERTER
from devstack.kinds.vehicle_service.journey import Journey
from devstack.kinds.vehicle_service.people import Mechanic
from kinds.vehicle_service.domain.visit import KIND
from tests.adapters.printed import pages
from tests.api.concurrent import Api, Json, until
from tests.api.mailbox import Mailbox
from tests.api.people import hired, unlike
from tests.api.visits import Visits
from workflows.booking.messages import booking_workflow_id


class Customer:
    """Somebody new with a car, and the booking of a pickup."""

    def __init__(self, api: Api, visits: Visits, card: Json) -> None:
        self.api, self.card = api, card
        self.journey = Journey("people", visits.shop)
        person = self.journey.customer = visits.customer(card)
        model = visits.shop.customers[0].cars()[0]["car_model_id"]
        car = person.add_car(f"KA06{uuid.uuid4().hex[:6].upper()}", model)["id"]
        home = {"label": "Home", "line1": "12 Beach Road", "area_id": 1}
        self.journey.booking = person.post("/bookings/", visits.wish(car, pickup_address=home))

    async def corrects(self, **details: Any) -> None:
        details["current_password"] = self.card["password"]
        answer = await self.api.ask("PUT", f"/customers/{self.card['id']}", self.card, json=details)
        assert answer.status_code == 200, answer.text

    @property
    def invoice(self) -> Json:
        return self.journey.customer.get(f"/bookings/{self.journey.id}/invoice")


@pytest.fixture
async def nina(api: Api, visits: Visits) -> Customer:
    return Customer(api, visits, await api.newcomer())


async def test_corrected_contact_details_reach_an_open_booking(nina: Customer, api: Api, mailbox: Mailbox):
    journey, admin = nina.journey, nina.journey.shop.admin
    journey.send_for_the_car()
    mechanic: Mechanic = journey._pickup
    new, called = unlike(), {"id": nina.card["id"], "name": "Nina Corrected"}
    await nina.corrects(name="Nina Corrected", **new)
    reached = {**called, "phone": f"+91{new['phone']}"}
    assert mechanic.booking(journey.id)["customer"] == reached
    assert admin.booking(journey.id)["customer"] == reached
    rows = (await api.ask("GET", f"/bookings/?customer_id={nina.card['id']}", api.card("A"))).json()
    assert [row["customer"] for row in rows] == [reached]
    jobs = mechanic.get("/bookings/mechanic/assignments", active=True, limit=100)
    assert [job["customer"] for job in jobs if job["id"] == journey.id] == [called]
    assert {entry["by"]["name"] for entry in journey.customer.timeline(journey.id)} >= {"Nina Corrected"}
    report = mechanic.report(journey.id, "Collected, no scratches.")
    admin.validate_report(report["id"])
    journey.analyse()
    assert await mailbox.wait(new["email"], "estimate-ready")
    assert await mailbox.to(nina.card["email"], "vehicle-received") == []
    journey.pay_online()
    journey.wait_for("the invoice", lambda now: now["invoice"])
    assert nina.invoice["recipient"]["name"] == "Nina Corrected"
    assert await mailbox.wait(new["email"], "invoice")


async def test_an_issued_document_keeps_the_name_and_so_does_what_takes_it_back(nina: Customer):
    journey = nina.journey
    journey.fetch_the_car()
    journey.analyse()
    journey.pay_online()
    journey.wait_for("the invoice", lambda now: now["invoice"])
    printed = nina.invoice
    await nina.corrects(name="Nina Corrected")
    assert nina.invoice == printed
    assert printed["recipient"]["name"] == "Nina New"
    journey.cancel("sold the car")
    journey.wait_for("the credit note", lambda now: now["credit_notes"])
    assert journey.booking["customer"]["name"] == "Nina Corrected"
    (page,) = pages(journey.customer.file(journey.booking["credit_notes"][0]["url"]))
    assert "Nina New" in page
    assert "Corrected" not in page


async def test_neither_histories_nor_rows_of_a_booking_hold_whom_it_is_about(api: Api, visits: Visits):
    """Nor does anybody read it any more when the customer and the mechanic have left."""
    card = await api.newcomer()
    await api.ask("PUT", f"/customers/{card['id']}", card, json={"name": "Xanthippe Quillfeather"})
    moti = await hired(api, name="Zebulon Wrenchworth")
    nina = Customer(api, visits, card)
    journey, admin = nina.journey, nina.journey.shop.admin
    admin.assign(journey.id, moti["id"], journey.shop.assignment_type("pickup"))
    shown = journey.customer.booking(journey.id)["assignments"][0]["mechanic"]
    assert shown == {"id": moti["id"], "name": "Zebulon Wrenchworth", "photo": None}
    journey.cancel("sold the car")
    journey.end()
    personal = ("Xanthippe", "Quillfeather", card["phone"][-10:], card["email"], "Zebulon", moti["phone"][-10:])
    kept = [await _history(api, journey.id), await _rows(api, journey.id)]
    assert [word for word in personal for text in kept if word in text] == []
    assert card["id"] in kept[0]
    assert all(card["id"] in text for text in kept)

    async def mails_have_left() -> bool:
        return not await api.rows.fetchval("SELECT count(*) FROM outbox WHERE booking_id = $1", journey.id)

    await until(mails_have_left)
    for path in (f"/customers/{card['id']}", f"/mechanics/{moti['id']}"):
        assert (await api.ask("DELETE", path, api.card("A"))).status_code == 200
    seen = admin.booking(journey.id)
    assert seen["customer"] == {"id": card["id"], "name": "Former customer"}
    assert seen["assignments"][0]["mechanic"] == {"id": moti["id"], "name": "Former mechanic", "photo": None}
    assert seen["cancellation"]["by"] == {"role": "customer", "id": card["id"], "name": "Former customer"}
    assert seen["timeline"][0]["by"] == seen["cancellation"]["by"]
    read = f"{seen} {admin.timeline(journey.id)} {admin.get('/bookings/', customer_id=card['id'])}"
    kept = [read, await _history(api, journey.id), await _rows(api, journey.id)]
    assert [word for word in personal for text in kept if word in text] == []


async def test_an_invitation_is_kept_without_the_address_that_it_goes_to(api: Api, mailbox: Mailbox):
    person = {"name": "Xenia Invited", "dob": "1990-05-17", **unlike()}
    made = await api.ask("POST", "/mechanics/", api.card("A"), json=person)
    assert made.status_code == 201, made.text
    assert await mailbox.wait(person["email"], "set-password")
    client = await _temporal(api)
    workflows = [each async for each in client.list_workflows("WorkflowType = 'EmailWorkflow'")]
    histories = await asyncio.gather(*(_said(client, each.id) for each in workflows))
    (history,) = [each for each in histories if made.json()["id"] in each]
    assert "Xenia" not in history
    assert person["email"] not in history


async def _temporal(api: Api) -> Client:
    return await Client.connect(api.info["temporal"], data_converter=DATA_CONVERTER)


async def _history(api: Api, booking_id: int) -> str:
    return await _said(await _temporal(api), booking_workflow_id(KIND, booking_id))


async def _said(client: Client, workflow_id: str) -> str:
    """A history with what its payloads say."""
    history = (await client.get_workflow_handle(workflow_id).fetch_history()).to_json()
    payloads = re.findall(r'"data": ?"([A-Za-z0-9+/=]+)"', history)
    return history + " ".join(base64.b64decode(payload).decode("utf-8", "replace") for payload in payloads)


async def _rows(api: Api, booking_id: int) -> str:
    rows = [
        await api.rows.fetch(f"SELECT * FROM {table} WHERE {key} = $1", booking_id)
        for table, key in (("bookings", "id"), ("booking_events", "booking_id"), ("booking_assignments", "booking_id"))
    ]
    return str(rows)
