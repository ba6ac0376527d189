"""Every route as nobody, both parties of a booking, another seeker, another provider, and an admin: the table of rights
holds. A route of the document without a line in the table fails, and so does a line without a route."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from devstack.demo.calls import until
from devstack.stack import Stack
from kinds.local_services.domain.roles import SCOPES, Role
from tests.api.document import NOWHERE, Operation
from tests.api.test_access import SMALLEST_PNG
from tests.kinds.local_services.access_table import ACCESS, LISTS, OTHER_LISTS, PLAYERS, ROLE
from tests.kinds.local_services.api.documented import operations
from tests.kinds.local_services.market import PASSWORD, PREFIX, Market, Person, soon, wish
from tests.kinds.local_services.people.documented import documented
from tests.without_ids import without_ids

pytestmark = pytest.mark.timeout(240)
OPERATIONS = operations()
SECURED = [each for each in OPERATIONS if each.secured]
ROLES = {"S": Role.SEEKER, "P": Role.PROVIDER, "A": Role.ADMIN}
STATUSES = {"Unauthenticated": 401, "ScopeRequired": 403, "RoleRequired": 403, "NotFound": 404}
NOT_JSON = {"content": b"{", "headers": {"Content-Type": "application/json"}}
PICTURE = {"files": {"file": SMALLEST_PNG}}
WISHES: dict[str, dict[str, Any]] = {
    "PATCH /services/listings/{listing_id}": {"json": {"title": "Mine now"}},
    "POST /services/listings/{listing_id}/media": PICTURE,
    "PATCH /bookings/{booking_id}/status": {"json": {"status": "CANCELLED"}},
    "POST /bookings/{booking_id}/timeline": {"json": {"event_type": "note"}},
    "POST /bookings/{booking_id}/offers": {"json": {"total_price": "100.00"}},
    "POST /bookings/{booking_id}/dispute": {"json": {"reason": "other", "description": "It was not done at all"}},
    "POST /reviews/{review_id}/flag": {"json": {"reason": "rude"}},
    "POST /messages/threads/{thread_id}/messages": {"json": {"content": "Hello"}},
    "POST /messages/threads/{thread_id}/read": {"json": {"last_id": 1}},
}
"""What somebody who must be refused asks for in earnest, where a body is looked at before the row."""
EACH_ROLE = "-RPA"
"""Who asks every route: the others are of the same roles, and ask those that have a row in their path."""
ENDS = ("POST /auth/logout", "DELETE /users/me")
"""What ends the login or the account of whoever may do it."""
ENDLESS = "GET /bookings/{booking_id}/events"


class Town:
    """The players, rows of the seeker and provider among them, and what must not change."""

    def __init__(self, market: Market) -> None:
        self.market = market
        owner, provider = (
            market.seeker(email=f"{uuid.uuid4().hex[:12]}@example.com"),
            market.provider(first_name="Ravi"),
        )
        self.players = {"R": owner, "P": provider, "s": market.seeker(), "p": market.provider(), "A": market.admin}
        market.account(provider)
        listing = market.listing(provider)
        number = market.work(owner, provider, listing, soon())
        provider.moves(number, "COMPLETED")
        owner.moves(number, "COMPLETED")
        review = owner.does("POST", "/reviews/", 201, json={"booking_id": number, "rating": 5})
        thread = owner.does("POST", "/messages/threads", 201, json={"receiver_id": provider.id, "content": "Thank you"})
        self.device = {"token": f"token-of-{owner.id}", "platform": "ios"}
        device = owner.does("POST", "/notifications/device-tokens", 201, json=self.device)
        until("the papers", lambda: len(market.admin.now(number)["documents"]) == 2)
        until("the share", lambda: (provider.now(number)["payout"] or {}).get("state") == "released")
        mails = {"recipient": owner.user["email"]}
        until("a mail", lambda: market.admin.does("GET", "/notification/logs", params=mails))
        until("a notification", lambda: owner.does("GET", "/notifications/"))
        picture = provider.does("POST", f"/services/listings/{listing}/media", 201, **PICTURE)
        provider.does("PATCH", f"/services/listings/{listing}", json={"is_active": False})
        self.rows: dict[str, Any] = {
            "booking_id": number,
            "payment_id": owner.does("GET", "/payment/")[0]["id"],
            "listing_id": listing,
            "medium_id": picture["id"],
            "name": picture["media_url"].rpartition("/")[2],
            "row_id": market.category,
            "offer_id": 1,
            "review_id": review["id"],
            "thread_id": thread["id"],
            "notification_id": owner.does("GET", "/notifications/")[0]["id"],
            "device_id": device["id"],
            "session_id": owner.does("GET", "/auth/sessions")[0]["id"],
            "user_id": owner.id,
            "admin_id": market.admin.id,
            "provider_id": provider.id,
            "phone": owner.user["phone"],
        }

    def what_is_there(self) -> list[Any]:
        """All that strangers try to change."""
        owner, provider, rows = self.players["R"], self.players["P"], self.rows
        booking = owner.now(rows["booking_id"])
        thread = owner.does("GET", f"/messages/threads/{rows['thread_id']}")
        devices = owner.does("GET", "/notifications/device-tokens")
        listing = provider.does("GET", f"/services/listings/{rows['listing_id']}")
        return [booking, booking["timeline"], thread["messages"], devices, listing, owner.does("GET", "/users/me")]

    def ask(self, operation: Operation, player: str, values: dict[str, Any], **content: Any) -> httpx.Response:
        path = operation.url(values).removeprefix(PREFIX)
        http = self.market.outside if not operation.path.startswith(PREFIX) else self.market.http
        headers = dict(content.pop("headers", {}))
        if player != "-":
            headers["Authorization"] = f"Bearer {self._login(operation, player).token}"
        answer = http.request(operation.method, path, headers=headers, **content)
        documented().must_hold(operation.method, operation.url(values), answer)
        return answer

    def _login(self, operation: Operation, player: str) -> Person:
        """The player; where a login or an account ends, somebody new of the same role."""
        if str(operation) not in ENDS:
            return self.players[player]
        if player == "A":
            phone = str(7_100_000_000 + int(self.rows["booking_id"]) * 10 + ENDS.index(str(operation)))
            new = {"first_name": "Bela", "phone": phone, "password": PASSWORD}
            self.market.admin.does("POST", "/admins/", 201, json=new)
            return self.market.logs_in(phone)
        return self.market.seeker() if ROLE[player] == "S" else self.market.provider()


@pytest.fixture(scope="module")
def town(stack: Stack) -> Iterator[Town]:
    market = Market(stack.info)
    yield Town(market)
    market.close()


def refusal(operation: Operation, player: str) -> str:
    """The code that the table has for a player; empty if they get in."""
    line = ACCESS[str(operation)]
    if player == "-" and "-" not in line.roles:
        return "Unauthenticated"
    if player != "-" and line.scope and line.scope not in SCOPES[ROLES[ROLE[player]]]:
        return "ScopeRequired"
    if player != "-" and ROLE[player] not in line.roles:
        return "RoleRequired"
    return "" if line.seen_by is None or player in line.seen_by else "NotFound"


def test_every_route_has_a_line_in_the_table_and_every_line_a_route():
    assert {str(each) for each in OPERATIONS} == ACCESS.keys()
    declared = {str(each): (each.spec.get("x-scopes") or [""])[0] for each in OPERATIONS}
    assert {name: line.scope for name, line in ACCESS.items()} == declared
    roles = {str(each): {ROLES[letter] for letter in ACCESS[str(each)].roles.strip("-")} for each in SECURED}
    assert {str(each): set(each.spec["x-roles"]) for each in SECURED} == roles


@pytest.mark.parametrize("player", PLAYERS)
def test_everybody_gets_as_far_as_the_table_says_and_no_further(town: Town, player: str):
    asked = (
        OPERATIONS if player in EACH_ROLE else [each for each in OPERATIONS if ACCESS[str(each)].seen_by is not None]
    )
    before = town.what_is_there()
    with ThreadPoolExecutor(8) as threads:
        wrong = [told for told in threads.map(lambda each: _judged(town, each, player), asked) if told]
    assert wrong == []
    assert town.what_is_there() == before


def _judged(town: Town, operation: Operation, player: str) -> str:
    """What is wrong with the answer that a player gets, in words; who may write asks for nothing that could be."""
    code = refusal(operation, player)
    reads = operation.method == "GET" and str(operation) != ENDLESS
    wish = WISHES.get(str(operation), {}) if code else {} if reads else _nothing(operation)
    answer = town.ask(operation, player, town.rows if code or reads else {}, **wish)
    told = f"{operation} as {player}: {answer.status_code} {answer.text[:160]}"
    if code == "NotFound" and player not in "RPA":
        nowhere = town.ask(operation, player, {}, **wish)
        known = (*town.rows.values(), NOWHERE, f"USR{NOWHERE}")
        said = [without_ids(each.json()["detail"], known) for each in (answer, nowhere)]
        if said[0] != said[1] or answer.status_code != nowhere.status_code:
            return f"{told}, but of what is not there: {nowhere.text}"
    if code:
        fits = (answer.status_code, answer.json()["code"]) == (STATUSES[code], code)
        return "" if fits else f"{told}, not {code}"
    if answer.status_code >= 500 or (answer.status_code in (401, 403) and "-" not in ACCESS[str(operation)].roles):
        return told
    sees = reads and ACCESS[str(operation)].seen_by is not None
    return f"{told}, not 200" if sees and answer.status_code != 200 else ""


def _nothing(operation: Operation) -> dict[str, Any]:
    return NOT_JSON if operation.body is not None else {}


def test_every_list_has_an_owner_of_its_rows_or_a_reason_for_having_none():
    answers = {str(each): (each, each.spec["responses"].get("200", {}).get("content", {})) for each in OPERATIONS}
    lists = {
        name
        for name, (each, content) in answers.items()
        if each.resolved(content.get("application/json", {}).get("schema", {})).get("type") == "array"
    }
    assert lists == LISTS.keys() | OTHER_LISTS.keys()
    assert not LISTS.keys() & OTHER_LISTS.keys()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_shows_a_row_to_whom_it_is_for_and_to_nobody_else(town: Town, name: str):
    operation, listed = next(each for each in OPERATIONS if str(each) == name), LISTS[name]
    params = {"limit": 100, **{key: said.format(**town.rows) for key, said in listed.query.items()}}
    for player in PLAYERS:
        answer = town.ask(operation, player, {}, params=params)
        if refusal(operation, player) or (player == "-" and name == "GET /services/listings"):
            assert answer.status_code in (401, 403), f"{player}: {answer.text}"
            continue
        assert answer.status_code == 200, f"{player}: {answer.text}"
        shown = town.rows[listed.row] in [row[listed.field] for row in answer.json()]
        assert shown is (player in listed.readers), f"{player}: {answer.text[:300]}"


def test_ids_of_others_in_a_body_are_refused_and_make_nothing(town: Town):
    owner, provider, stranger = (town.players[each] for each in "RPs")
    number = town.rows["booking_id"]
    before = town.what_is_there()
    asked = [
        (stranger, "/reviews/", {"booking_id": number, "rating": 1}, (404, "NotFound")),
        (stranger, "/messages/threads", {"receiver_id": owner.id, "booking_id": number}, (404, "NotFound")),
        (stranger, "/messages/threads", {"receiver_id": owner.id}, (403, "NotYours")),
        (stranger, "/messages/threads", {"receiver_id": town.market.admin.id}, (404, "NotFound")),
        (stranger, "/bookings/", {**wish(number, soon()), "requester_id": owner.id}, (403, "NotYours")),
    ]
    for person, path, body, refused in asked:
        answer = person.ask("POST", path, json=body)
        assert (answer.status_code, answer.json()["code"]) == refused, answer.text
    offered = {"category_id": town.market.category, "title": "Deep clean", "pricing_unit": "QUOTE"}
    own = town.players["p"].does("POST", "/services/listings", 201, json={**offered, "provider_id": provider.id})
    assert own["provider_id"] == town.players["p"].id
    assert stranger.ask("GET", f"/users/{town.market.admin.id}").status_code == 404
    assert town.what_is_there() == before
