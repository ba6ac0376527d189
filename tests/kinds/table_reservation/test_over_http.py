"""An API process for each kind beside the workers of both: money, mails and people stay apart."""

import asyncio
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from pymongo import MongoClient

from adapters.auth.passwords import Passwords
from adapters.postgres.numbering import continue_people
from api.app import create_app
from devstack.demo.calls import until
from devstack.demo.externals import Provider
from devstack.stack import Stack
from settings import Settings
from tests.adapters.printed import pages
from tests.api.conftest import surroundings
from tests.api_beside import api_beside
from tests.kinds.table_reservation.domain.kind import TABLE_RESERVATION
from tests.kinds.table_reservation.test_api import without_open_registration

__all__ = ["surroundings"]

PASSWORD = "Secret-123"
GUEST, FRIEND, HOST, ADMIN = "TBL000001", "TBL000002", "TBL000009", "ADM900001"
ROLES = {GUEST: "customer", FRIEND: "customer", HOST: "host", ADMIN: "admin"}
PREFIX = "/api/v1"
_TABLES = itertools.count(1)

pytestmark = pytest.mark.timeout(240)


async def people(info: dict[str, Any]) -> None:
    """Two guests, a host and an admin, in the schema of the tables."""
    passwords = Passwords("quick")
    hashed = await passwords.hash(PASSWORD)
    passwords.close()
    rows = await asyncpg.connect(info["postgres"], server_settings={"search_path": "tables, public"})
    for number, (person, role) in enumerate(ROLES.items()):
        await rows.execute(
            "INSERT INTO users (id, role_id, first_name, phone, email, password_hash)"
            " VALUES ($1, (SELECT id FROM roles WHERE name = $2), $3, $4, $5, $6)",
            *(person, role, role.title(), _phone(number), f"{person.lower()}@example.com", hashed),
        )
    await rows.execute(str(continue_people(TABLE_RESERVATION.role("customer"))))
    await rows.close()


def _phone(number: int) -> str:
    return f"+91700000010{number}"


class Tables:
    """The API of the tables, as its people call it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url + PREFIX, timeout=30, trust_env=False)
        self._tokens: dict[str, str] = {}

    def token(self, person: str) -> dict[str, str]:
        if person not in self._tokens:
            answer = self.log_in(f" {person}@Example.com")
            assert answer.status_code == 200, answer.text
            self._tokens[person] = answer.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[person]}"}

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.http.post("/auth/login", data={"username": name, "password": password})

    def ask(self, method: str, path: str, person: str, **content: Any) -> httpx.Response:
        return self.http.request(method, path, headers=self.token(person), **content)

    def reserve(self, **given: Any) -> dict[str, Any]:
        answer = self.ask("POST", "/bookings/", GUEST, json=wish(**given))
        assert answer.status_code == 201, answer.text
        return answer.json()

    def now(self, number: int, person: str = GUEST) -> dict[str, Any]:
        return self.ask("GET", f"/bookings/{number}", person).json()


def wish(**given: Any) -> dict[str, Any]:
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
    return {"house": "north", "table": next(_TABLES), "host": HOST, "deposit": "500.00", **times, **given}


@pytest.fixture(scope="module")
def tables(both_kinds: Stack) -> Iterator[Tables]:
    """A second API; the stack's own serves the vehicles."""
    asyncio.run(people(both_kinds.info))
    with api_beside(both_kinds, {"REVCARE_KIND": "table-reservation"}) as url:
        tables = Tables(url)
        yield tables
        tables.http.close()


@pytest.fixture
def provider(both_kinds: Stack) -> Iterator[Provider]:
    provider = Provider(both_kinds.info["razorpay"]["base_url"])
    yield provider
    provider.close()


def test_a_table_is_reserved_paid_for_and_billed_by_the_engine(tables: Tables, provider: Provider):
    made = tables.reserve()
    number = made["id"]
    assert (made["kind"], made["status"], made["waiting_for"]["who"]) == ("table_reservation", "reserved", "customer")
    assert tables.ask("PUT", f"/bookings/{number}/pay-deposit", GUEST).status_code == 200
    (order,) = tables.ask("GET", "/payment/", GUEST, params={"booking_id": number}).json()
    provider.pay(order["order_id"])  # the webhook goes to the API of the vehicles
    until("the deposit", lambda: tables.now(number)["totals"]["due"] == "0.00")
    assert tables.ask("PUT", f"/bookings/{number}/seat", GUEST).status_code == 403
    assert tables.ask("PUT", f"/bookings/{number}/seat", HOST).json()["status"] == "seated"
    billed = tables.ask("PUT", f"/bookings/{number}/bill", HOST, json={"amount": "2000.00"}).json()
    totals = billed["totals"]
    assert (billed["status"], totals["total"], totals["paid"], totals["due"]) == ("left", "2100.00", "2100.00", "0.00")
    invoice = until("the meal's invoice", lambda: _of_the_meal(tables.ask("GET", f"/bookings/{number}/invoice", GUEST)))
    assert invoice["number"].startswith("TN-")
    assert (invoice["table"], invoice["house"], invoice["leg"]) == (str(made["table"]["number"]), "north", "meal")
    printed = tables.ask("GET", f"/bookings/{number}/invoice.pdf", GUEST)
    assert (printed.status_code, printed.headers["Content-Type"]) == (200, "application/pdf")
    (page,) = pages(printed.content)
    for words in (invoice["number"], "North House Private Limited", f"Number {invoice['table']}", "House north"):
        assert words in page
    until("the end", lambda: tables.now(number)["waiting_for"] is None)


def _of_the_meal(newest: httpx.Response) -> dict[str, Any] | None:
    return newest.json() if newest.status_code == 200 and newest.json()["leg"] == "meal" else None


def test_the_host_is_paid_a_share_once_the_provider_has_activated_the_account(
    both_kinds: Stack, tables: Tables, provider: Provider
):
    route = httpx.Client(base_url=both_kinds.info["razorpay"]["base_url"] + "/sandbox", trust_env=False)
    account = route.post("/accounts", json={"name": "Host", "activated": False}).json()["id"]
    number = tables.reserve(share=80)["id"]
    tables.ask("PUT", f"/bookings/{number}/pay-deposit", GUEST)
    (order,) = tables.ask("GET", "/payment/", GUEST, params={"booking_id": number}).json()
    provider.pay(order["order_id"])

    def payout(state: str) -> dict[str, Any] | None:
        rows = tables.ask("GET", "/payment/payouts", HOST, params={"booking_id": number}).json()
        return next((row for row in rows if row["state"] == state), None)

    waits = until("the payout that waits for an account", lambda: payout("pending"))
    assert (waits["amount"], waits["host_id"], waits["percent"], waits["transfer_id"]) == ("420.00", HOST, "80", None)
    asyncio.run(_is_paid_out_at(both_kinds.info["postgres"], HOST, account))
    route.patch(f"/accounts/{account}", json={"activated": True})
    held = until("the share", lambda: payout("held"))
    tables.ask("PUT", f"/bookings/{number}/seat", HOST)
    tables.ask("PUT", f"/bookings/{number}/bill", HOST, json={"amount": "300.01"})
    kept = until("what is left of it", lambda: payout("released"))
    assert (kept["amount"], kept["transfer_id"]) == ("252.01", held["transfer_id"])
    until("the end", lambda: tables.now(number)["waiting_for"] is None)
    (transfer,) = [each for each in route.get("/state").json()["transfers"] if each["recipient"] == account]
    assert (transfer["amount"], transfer["amount_reversed"], transfer["on_hold"]) == (42_000, 16_799, False)

    def moved(person: str) -> list[tuple[str, str]]:
        rows = tables.ask("GET", "/payment/ledger", person, params={"booking_id": number}).json()
        return sorted((row["kind"], row["amount"]) for row in rows if row["kind"] != "fee")

    assert moved(HOST) == [("reversal", "167.99"), ("transfer", "-420.00")]
    assert moved(GUEST) == [("capture", "525.00"), ("refund", "-209.99")]
    assert moved(ADMIN) == sorted([*moved(HOST), *moved(GUEST)])
    assert tables.ask("GET", "/payment/payouts", GUEST).status_code == 403
    for list_of in ("/payment/", "/payment/refunds"):
        seen = [tables.ask("GET", list_of, who, params={"booking_id": number}).json() for who in (GUEST, HOST, ADMIN)]
        assert [len(rows) for rows in seen] == [1, 0, 1]
    route.close()


async def _is_paid_out_at(postgres: str, person: str, account: str) -> None:
    rows = await asyncpg.connect(postgres)
    await rows.execute(
        "INSERT INTO payout_accounts (kind, person_id, account_id, status, checked_at)"
        " VALUES ('table_reservation', $1, $2, 'under_review', now())",
        *(person, account),
    )
    await rows.close()


def test_a_table_that_is_held_is_refused_until_it_is_given_back_and_both_are_told(both_kinds: Stack, tables: Tables):
    asked = wish(deposit="0.00")
    first = tables.ask("POST", "/bookings/", GUEST, json=asked).json()
    refused = tables.ask("POST", "/bookings/", FRIEND, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "SlotTaken")
    tables.ask("PUT", f"/bookings/{first['id']}/cancel", GUEST, json={"reason": "rain"})
    until("the table", lambda: tables.ask("POST", "/bookings/", FRIEND, json=asked).status_code == 201)
    for person, slug in ((GUEST, "table-cancelled"), (HOST, "table-free")):
        until(slug, lambda person=person, slug=slug: _mails(both_kinds, f"{person.lower()}@example.com", slug))


def _mails(both_kinds: Stack, address: str, slug: str) -> list[dict[str, Any]]:
    mails = httpx.get(f"{both_kinds.info['mail']['api']}/messages", params={"to": address}, trust_env=False).json()
    return [mail for mail in mails if mail["headers"]["X-RevCare-Notice"] == slug]


def test_an_admin_has_the_mail_to_the_house_sent_again_and_the_guest_gets_none(both_kinds: Stack, tables: Tables):
    number = tables.reserve(deposit="0.00")["id"]
    tables.ask("PUT", f"/bookings/{number}/cancel", HOST, json={"reason": "no staff"})
    house, guest = (f"{person.lower()}@example.com" for person in (HOST, GUEST))

    def received(address: str, slug: str) -> list[str]:
        mails = _mails(both_kinds, address, slug)
        return [mail["headers"]["Message-ID"] for mail in mails if f"<{number}." in mail["headers"]["Message-ID"]]

    (first,) = until("the mail to the house", lambda: received(house, "table-free"))
    until("the mail to the guest", lambda: received(guest, "table-cancelled"))
    logs = tables.ask("GET", "/notification/logs", ADMIN, params={"recipient": house}).json()
    (sent,) = [row for row in logs if row["booking_id"] == number]
    resent = tables.ask("POST", f"/notification/{sent['id']}/resend", ADMIN)
    assert (resent.status_code, resent.json()["recipient_email"]) == (202, house)
    until("the second mail", lambda: len(received(house, "table-free")) == 2)
    assert set(received(house, "table-free")) - {first} == {first.replace("@", "-resend-1@")}
    assert len(received(guest, "table-cancelled")) == 1
    assert not received(guest, "table-free")


def test_a_guest_registers_and_reserves(tables: Tables):
    new = {"first_name": "Nora", "email": "nora@example.com", "phone": "7000000199", "password": PASSWORD}
    made = tables.http.post("/customers/", json=new)
    assert (made.status_code, made.json()["role"], made.json()["id"][:3]) == (201, "customer", "TBL"), made.text
    token = {"Authorization": f"Bearer {tables.log_in('nora@example.com').json()['access_token']}"}
    reserved = tables.http.post("/bookings/", headers=token, json=wish(deposit="0.00"))
    assert (reserved.status_code, reserved.json()["customer"]["name"]) == (201, "Nora")
    (seen,) = tables.http.get("/customers/", headers=token).json()
    assert seen["id"] == made.json()["id"]


async def test_only_an_admin_makes_a_guest_where_registration_is_not_open(tables: Tables, surroundings: None):
    app = create_app(without_open_registration(), settings=Settings())
    new = {"first_name": "Vera", "email": "vera@example.com", "phone": "7000000198"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://club") as club,
    ):
        refused = await club.post(f"{PREFIX}/customers/", json=new, headers=tables.token(GUEST))
        assert (refused.status_code, refused.json()["code"]) == (403, "ScopeRequired")
        made = await club.post(f"{PREFIX}/customers/", json=new, headers=tables.token(ADMIN))
    assert (made.status_code, made.json()["role"], made.json()["id"][:3]) == (201, "customer", "TBL"), made.text


def test_who_gave_a_reservation_away_no_longer_sees_it(tables: Tables):
    number = tables.reserve()["id"]
    assert tables.ask("GET", f"/bookings/{number}", FRIEND).status_code == 404
    headers, to = {**tables.token(GUEST), "Idempotency-Key": "given-away"}, {"guest_id": FRIEND}
    for _ in range(2):
        given = tables.http.put(f"/bookings/{number}/hand-over", headers=headers, json=to)
        assert (given.status_code, given.json()) == (200, {"id": number, "status": "reserved", "version": 2})
    other = tables.http.put(f"/bookings/{number}/hand-over", headers=headers, json={"guest_id": HOST})
    assert other.status_code == 404
    assert tables.ask("GET", f"/bookings/{number}", GUEST).status_code == 404
    assert tables.now(number, FRIEND)["customer"]["id"] == FRIEND


def test_a_person_of_one_kind_is_nobody_in_the_other_and_neither_sees_its_bookings(both_kinds: Stack, tables: Tables):
    number = tables.reserve()["id"]
    with httpx.Client(base_url=both_kinds.info["api"] + PREFIX, timeout=30, trust_env=False) as vehicles:
        assert vehicles.get("/auth/me", headers=tables.token(GUEST)).status_code == 401
        admin = both_kinds.info["people"]["admin"]
        form = {"username": admin["phone"], "password": admin["password"]}
        assert tables.http.post("/auth/login", data=form).status_code == 401
        token = {"Authorization": f"Bearer {vehicles.post('/auth/login', data=form).json()['access_token']}"}
        # The tables have somebody of this very number, and sign with the same key.
        assert tables.http.get("/auth/me", headers=token).status_code == 401
        assert vehicles.get(f"/bookings/{number}", headers=token).status_code == 404
        seen = {row["kind"] for row in vehicles.get("/bookings/", headers=token).json()}
        assert seen <= {"vehicle_service"}
    assert {row["kind"] for row in tables.ask("GET", "/bookings/", ADMIN).json()} == {"table_reservation"}


def test_people_of_this_kind_log_in_by_their_email_and_are_locked_by_it(tables: Tables):
    assert tables.ask("GET", "/auth/me", FRIEND).json()["user"]["id"] == FRIEND
    assert tables.log_in(_phone(list(ROLES).index(FRIEND))).json()["detail"] == "unknown email or wrong password"
    mine = f"{FRIEND.lower()}@example.com"
    assert [tables.log_in(mine, "Wrong-123").status_code for _ in range(6)] == [401] * 5 + [429]
    assert tables.log_in(mine.upper()).status_code == 429
    change = {"current_password": "Wrong-123", "new_password": "Secret-456"}
    inside = [tables.ask("POST", "/auth/password/change", FRIEND, json=change).status_code for _ in range(6)]
    assert inside == [400] * 5 + [429], "who is logged in is counted by themself"
    assert tables.log_in(f"{HOST.lower()}@example.com").status_code == 200


def test_the_documents_of_this_kind_have_a_database_of_their_own_with_its_indexes(tables: Tables, both_kinds: Stack):
    client: MongoClient[dict[str, Any]] = MongoClient(both_kinds.info["mongodb"])
    database = client["revcare_table_reservation"]
    until("the indexes", lambda: "content_id_1" in database["content"].index_information())
    assert database["content"].index_information()["content_id_1"]["unique"]
    client.close()


def test_the_body_of_a_reservation_is_short(tables: Tables):
    answer = tables.ask("POST", "/bookings/", GUEST, json=wish(note="n" * 11_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLarge")


def test_the_bill_of_any_reservation_is_shorter_still(tables: Tables):
    number = tables.reserve()["id"]
    answer = tables.ask("PUT", f"/bookings/{number}/bill", HOST, json={"amount": "1.00", "note": "n" * 1_100})
    assert (answer.status_code, answer.json()["code"]) == (413, "TooLarge")
