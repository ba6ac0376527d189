"""The books: a ledger that only grows, takings, and reconciliations that find what was planted."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest
from temporalio.client import WorkflowHistory

import settings as configuration
from devstack.demo.calls import until
from domain.billing.ledger import DifferenceKind
from operations.__main__ import run
from tests.api.concurrent import Api, Json
from tests.api.visits import Visits
from tests.workflows.servers import connected
from workflows.booking.messages import PAYMENTS_QUEUE
from workflows.reconciliation import ReconciliationInput, ReconciliationWorkflow

PLANTED = "pay_planted00001"
QUICK = ReconciliationInput(reach=timedelta(days=1), patience=timedelta(milliseconds=100))
"""Each day that it reaches back is another step of the comparison, and all that happens here is of today."""


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


@dataclass(frozen=True)
class Compared:
    """What a comparison found of that which was planted, and the one after it, when what can be taken back was."""

    elsewhere: str
    """A payment that only the provider knows."""
    otherwise: tuple[int, str]
    """A booking and its payment that the ledger knows otherwise, beside one that only the ledger knows."""
    ahead: int
    """A booking whose row is ahead of its workflow."""
    found: list[Any]
    kept: Json
    """The comparison as the admin sees it."""
    fees: list[Json]
    """Of the booking that was paid."""
    history: WorkflowHistory
    checked: dict[str, int]
    later: list[Any]
    later_fees: list[Json]


@pytest.fixture(scope="module")
async def compared(api: Api, visits: Visits, paid) -> Compared:
    """A comparison looks at everything, three seconds of the processor: two are enough for all that they tell."""
    admin, number = visits.shop.admin, paid[1]["id"]

    def fees() -> list[Json]:
        return list(admin.get("/payment/ledger", booking_id=number, kind="fee"))

    elsewhere = await _paid_elsewhere(api)
    owner, booking = visits.ordered()
    visits.shop.provider.pay(booking["order_id"])
    # The last move for now: the next one would put the ledger right again.
    until("the invoice", lambda: owner.booking(booking["id"])["invoice"])
    reference = owner.booking(booking["id"])["payments"][0]["payment_id"]
    planted = [("capture", PLANTED, 100), ("capture", reference, 1)]
    for kind, what, amount in planted:
        await _post(api, booking["id"], kind, what, amount)
    _, ahead = visits.booked()
    await api.rows.execute("UPDATE bookings SET version = version + 1 WHERE id = $1", ahead["id"])
    begun = await comparison(api)
    result = await begun.result()
    (kept,) = admin.get("/payment/reconciliations", limit=1)
    first_fees = fees()
    await api.rows.execute("UPDATE bookings SET version = version - 1 WHERE id = $1", ahead["id"])
    for kind, what, amount in planted:
        await _post(api, booking["id"], kind, what, -amount)
    later = await reconciled(api)
    return Compared(
        elsewhere=elsewhere,
        otherwise=(booking["id"], reference),
        ahead=ahead["id"],
        found=list(result.differences),
        kept=kept,
        fees=first_fees,
        history=await begun.fetch_history(),
        checked=result.checked,
        later=later,
        later_fees=fees(),
    )


def test_a_booking_whose_money_went_its_way_shows_no_difference(compared: Compared, paid):
    _, booking = paid
    assert [each for each in compared.found if each.booking_id == booking["id"]] == []


def test_a_comparison_hands_on_what_differs_and_nothing_that_agrees(compared: Compared, paid):
    """However many movements there are, they stay where they are compared."""
    assert min(compared.checked.values()) > 0
    payments = [row["payment_id"] for row in paid[1]["payments"]]
    said = [event.SerializeToString() for event in compared.history.events]
    assert [each for each in payments if any(each.encode() in event for event in said)] == []


def test_what_the_provider_keeps_of_a_payment_is_booked_from_its_statement_and_shown_to_admins_only(
    compared: Compared, paid
):
    owner, booking = paid
    [payment] = [each for each in booking["payments"] if each["payment_id"]]
    assert [(fee["reference"], fee["amount"]) for fee in compared.fees] == [(payment["payment_id"], "-45.95")]
    assert len(compared.later_fees) == 1
    assert owner.get("/payment/ledger", booking_id=booking["id"], kind="fee") == []
    assert "fee" not in {entry["kind"] for entry in owner.get("/payment/ledger", booking_id=booking["id"])}


def test_money_that_only_the_provider_knows_is_found(compared: Compared):
    assert of(compared.found, compared.elsewhere) == [DifferenceKind.NOT_IN_LEDGER]


def test_what_only_the_ledger_knows_or_knows_otherwise_is_found_and_kept_for_the_admin(compared: Compared):
    number, reference = compared.otherwise
    assert of(compared.found, PLANTED) == [DifferenceKind.NOT_AT_PROVIDER]
    assert of(compared.found, reference) == [DifferenceKind.OTHER_AMOUNT]
    assert of(compared.found, f"booking-{number}") == [DifferenceKind.LEDGER_AND_BOOKING]
    assert compared.kept["found"] == len(compared.found)
    assert {PLANTED, reference} <= {each["reference"] for each in compared.kept["differences"]}
    assert [each for each in compared.later if each.booking_id == number] == []


def test_a_row_that_is_ahead_of_its_workflow_is_found(compared: Compared):
    found = [each for each in compared.found if each.booking_id == compared.ahead]
    assert [str(each.kind) for each in found] == [DifferenceKind.ROW_AND_WORKFLOW]


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
    code = run(["reconcile", "--days", "1", "--patience", "0.1"])
    configuration.load.cache_clear()
    said = capsys.readouterr()
    assert said.out.startswith("reconciliation ")
    differences = said.out.splitlines()[1:]
    assert code == (1 if differences else 0), said.err
    assert all("  booking " in line for line in differences)


async def _paid_elsewhere(api: Api) -> str:
    provider = api.info["razorpay"]
    order = {"amount": 54321, "currency": "INR", "receipt": "somebody else's"}
    async with httpx.AsyncClient(base_url=provider["base_url"], trust_env=False) as http:
        keys = (provider["key_id"], provider["key_secret"])
        made = (await http.post("/v1/orders", json=order, auth=keys)).json()
        paid = await http.post(f"/sandbox/orders/{made['id']}/pay", json={"outcome": "success", "capture": True})
    return str(paid.json()["payment"]["id"])


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
