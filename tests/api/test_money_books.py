"""The books: a ledger that only grows, takings, and reconciliations that find what was planted."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

import settings as configuration
from devstack.demo.calls import until
from domain.billing.ledger import DifferenceKind
from operations.__main__ import run
from tests.api.concurrent import Api
from tests.api.visits import Visits
from tests.workflows.servers import connected
from workflows.booking.messages import PAYMENTS_QUEUE
from workflows.reconciliation import ReconciliationInput, ReconciliationWorkflow

QUICK = ReconciliationInput(patience=timedelta(milliseconds=100))


@pytest.fixture(scope="module")
def paid(visits: Visits) -> tuple[Any, dict]:
    """A booking that was paid online."""
    owner, booking = visits.ordered()
    visits.shop.provider.pay(booking["order_id"])
    until("the payment to arrive", lambda: owner.booking(booking["id"])["status"] == "in-progress")
    return owner, owner.booking(booking["id"])


async def comparison(api: Api) -> Any:
    """One that begins now."""
    client = await connected(api.info["temporal"])
    number = f"reconciliation-{uuid.uuid4()}"
    return await client.start_workflow(ReconciliationWorkflow.run, QUICK, id=number, task_queue=PAYMENTS_QUEUE)


async def reconciled(api: Api) -> list[Any]:
    """The differences of a comparison made now."""
    return list((await (await comparison(api)).result()).differences)


def of(differences: list[Any], reference: str) -> list[str]:
    return [str(each.kind) for each in differences if each.reference == reference]


def test_what_a_customer_paid_stands_in_their_ledger_and_in_nobody_elses(visits: Visits, paid):
    owner, booking = paid
    (entry,) = owner.get("/payment/ledger", booking_id=booking["id"])
    assert (entry["kind"], entry["amount"], entry["leg"]) == ("capture", "1947.00", "service")
    assert entry["reference"] == booking["payments"][0]["payment_id"]
    assert visits.stranger(owner).get("/payment/ledger", booking_id=booking["id"]) == []
    assert visits.shop.mechanics[0].get("/payment/ledger") == []


def test_the_takings_of_a_day_count_what_came_in_and_what_was_invoiced(visits: Visits, paid):
    before = visits.shop.admin.get("/payment/takings", by="month")[0]
    owner, booking = visits.ordered()
    visits.shop.provider.pay(booking["order_id"])
    until("the invoice", lambda: owner.booking(booking["id"])["invoice"])
    after = visits.shop.admin.get("/payment/takings", by="month")[0]
    assert Decimal(after["captured"]) - Decimal(before["captured"]) >= 1947
    assert Decimal(after["gst"]) - Decimal(before["gst"]) >= 297


async def test_the_days_of_payments_and_of_the_ledger_are_the_shops(api: Api, paid):
    """What is paid half past one at night on 1 April is of that day, though it is still March in UTC."""
    number, night = paid[1]["id"], "timestamptz '2020-03-31 20:00Z'"
    made = {"payments": ("created_at", "/payment/"), "ledger_entries": ("at", "/payment/ledger")}
    for table, (column, path) in made.items():
        then = await api.rows.fetchval(f"SELECT {column} FROM {table} WHERE booking_id = $1", number)
        await moved(api, f"UPDATE {table} SET {column} = {night} WHERE booking_id = $1", number)
        try:
            for day, found in (("2020-03-31", 0), ("2020-04-01", 1)):
                asked = {"booking_id": number, "from": day, "to": day} | (
                    {"kind": "capture"} if "ledger" in path else {}
                )
                assert len((await api.ask("GET", path, api.card("A"), params=asked)).json()) == found, (path, day)
        finally:
            await moved(api, f"UPDATE {table} SET {column} = $2 WHERE booking_id = $1", number, then)


async def moved(api: Api, statement: str, *given: Any) -> None:
    """Behind the back of the trigger that lets the ledger only grow."""
    async with api.rows.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(statement, *given)


async def test_the_ledger_cannot_be_changed_or_shortened(api: Api, paid):
    for statement in ("UPDATE ledger_entries SET amount = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await api.rows.execute(statement)


async def test_a_booking_whose_money_went_its_way_shows_no_difference(api: Api, paid):
    _, booking = paid
    found = await reconciled(api)
    assert [each for each in found if each.booking_id == booking["id"]] == []


async def test_a_comparison_hands_on_what_differs_and_nothing_that_agrees(api: Api, paid):
    """However many movements there are, they stay where they are compared."""
    begun = await comparison(api)
    result = await begun.result()
    assert min(result.checked.values()) > 0
    history = await begun.fetch_history()
    payments = [row["payment_id"] for row in paid[1]["payments"]]
    assert [
        each for each in payments if any(each.encode() in event.SerializeToString() for event in history.events)
    ] == []


async def test_what_the_provider_keeps_of_a_payment_is_booked_from_its_statement_and_shown_to_admins_only(
    api, visits, paid
):
    owner, booking = paid
    await reconciled(api)
    fees = visits.shop.admin.get("/payment/ledger", booking_id=booking["id"], kind="fee")
    [payment] = [each for each in booking["payments"] if each["payment_id"]]
    assert [(fee["reference"], fee["amount"]) for fee in fees] == [(payment["payment_id"], "-45.95")]
    await reconciled(api)
    assert len(visits.shop.admin.get("/payment/ledger", booking_id=booking["id"], kind="fee")) == 1
    assert owner.get("/payment/ledger", booking_id=booking["id"], kind="fee") == []
    assert "fee" not in {entry["kind"] for entry in owner.get("/payment/ledger", booking_id=booking["id"])}


async def test_money_that_only_the_provider_knows_is_found(api: Api):
    provider = api.info["razorpay"]
    order = {"amount": 54321, "currency": "INR", "receipt": "somebody else's"}
    async with httpx.AsyncClient(base_url=provider["base_url"], trust_env=False) as http:
        keys = (provider["key_id"], provider["key_secret"])
        made = (await http.post("/v1/orders", json=order, auth=keys)).json()
        paid = await http.post(f"/sandbox/orders/{made['id']}/pay", json={"outcome": "success", "capture": True})
    reference = paid.json()["payment"]["id"]
    assert of(await reconciled(api), reference) == [DifferenceKind.NOT_IN_LEDGER]


async def test_what_only_the_ledger_knows_or_knows_otherwise_is_found_and_kept_for_the_admin(api: Api, visits: Visits):
    owner, booking = visits.ordered()
    visits.shop.provider.pay(booking["order_id"])
    # The last move for now: the next one would put the ledger right again.
    until("the invoice", lambda: owner.booking(booking["id"])["invoice"])
    reference = owner.booking(booking["id"])["payments"][0]["payment_id"]
    planted = [("capture", "pay_planted00001", 100), ("capture", reference, 1)]
    for kind, what, amount in planted:
        await _post(api, booking["id"], kind, what, amount)
    found = await reconciled(api)
    assert of(found, "pay_planted00001") == [DifferenceKind.NOT_AT_PROVIDER]
    assert of(found, reference) == [DifferenceKind.OTHER_AMOUNT]
    assert of(found, f"booking-{booking['id']}") == [DifferenceKind.LEDGER_AND_BOOKING]
    (kept,) = visits.shop.admin.get("/payment/reconciliations", limit=1)
    assert kept["found"] == len(found)
    assert {"pay_planted00001", reference} <= {each["reference"] for each in kept["differences"]}
    for kind, what, amount in planted:
        await _post(api, booking["id"], kind, what, -amount)
    assert [each for each in await reconciled(api) if each.booking_id == booking["id"]] == []


async def test_a_row_that_is_ahead_of_its_workflow_is_found(api: Api, visits: Visits):
    _, booking = visits.booked()
    await api.rows.execute("UPDATE bookings SET version = version + 1 WHERE id = $1", booking["id"])
    found = [each for each in await reconciled(api) if each.booking_id == booking["id"]]
    assert [str(each.kind) for each in found] == [DifferenceKind.ROW_AND_WORKFLOW]
    await api.rows.execute("UPDATE bookings SET version = version - 1 WHERE id = $1", booking["id"])


async def test_an_admin_can_have_the_books_compared_at_once(api: Api):
    answer = await api.ask("POST", "/payment/reconciliations", api.card("A"))
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    refused = await api.ask("POST", "/payment/reconciliations", api.card("C"))
    assert (refused.status_code, refused.json()["code"]) == (403, "RoleRequired")


def test_an_operator_sees_in_the_terminal_what_does_not_agree(
    stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TEMPORAL_ADDRESS", stack.info["temporal"])
    configuration.load.cache_clear()
    code = run(["reconcile", "--patience", "0.1"])
    configuration.load.cache_clear()
    said = capsys.readouterr()
    assert said.out.startswith("reconciliation ")
    differences = said.out.splitlines()[1:]
    assert code == (1 if differences else 0), said.err
    assert all("  booking " in line for line in differences)


async def _post(api: Api, booking_id: int, kind: str, reference: str, amount: int) -> None:
    """An entry that no move of the booking made."""
    await api.rows.execute(
        "INSERT INTO ledger_entries (booking_id, version, kind, reference, leg, amount, at)"
        " VALUES ($1, 99, $2, $3, 'service', $4, now())",
        booking_id,
        kind,
        reference,
        amount,
    )
