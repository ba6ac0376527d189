"""Every route x nobody, the owner, another customer, the mechanic with the job, another mechanic, an admin.

What is expected follows from the scopes of the roles, from what each route declares, and from the table of owners.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from kinds.vehicle_service.domain.roles import Role
from tests.addresses import new_address
from tests.api.access_table import ACCESS, OPEN, fitting
from tests.api.booking_builder import BookingBuilder
from tests.api.concurrent import Api, bearer, is_refusal
from tests.api.document import NOWHERE, Operation, operations
from tests.api.ownership import (
    EVERYBODYS,
    OTHER_LISTS,
    OWNED_LISTS,
    PLAYERS,
    ROLES,
    RULES,
    Rule,
    access_refusal,
    names_of_ids,
    rule_of,
)
from tests.api.people import hired
from tests.api.test_lists import links
from tests.api.visits import BRAKES, Visits
from tests.of_every import of_every
from tests.without_ids import without_ids

Json = dict[str, Any]
ALL = operations()
STATUSES = {"Unauthenticated": 401, "ScopeRequired": 403, "RoleRequired": 403, "NotYours": 403, "NotFound": 404}
NOT_JSON = {"content": b"{", "headers": {"Content-Type": "application/json"}}
BY_NAME = {("GET /bookings/mechanic/assignments", "admin"): "an admin names the mechanic"}
"""Who may use a route in one way only, and is refused otherwise as if it were for another role."""
ENDLESS = "GET /bookings/{booking_id}/events"
ALIKE = {"stranger", "colleague"}
"""Who is told apart from another one of their role by an id that is somebody's, and by nothing else."""
OPEN_BOOK = {"GET /mechanics/": "everybody sees a mechanic's name and photo"}
KNOWN = {"booking_id", "payment_id", "car_id", "customer_id", "mechanic_id", "admin_id", "service_id", "number"}


class People:
    """The people, and the rows that are the owner's."""

    def __init__(self, builder: BookingBuilder, stranger: Json, colleague: Json) -> None:
        assert builder.mechanic is not None
        booking = builder.owner.booking(builder.number)
        self.cards = {
            "nobody": None,
            "owner": builder.owner.card,
            "stranger": stranger,
            "hand": builder.mechanic.card,
            "colleague": colleague,
            "admin": builder.admin.card,
        }
        self.rows = {
            "booking_id": builder.number,
            "progress_id": booking["progress"][0]["id"],
            "payment_id": booking["payments"][0]["id"],
            "refund_id": booking["refunds"][0]["id"],
            "number": booking["credit_notes"][0]["number"],
            "car_id": booking["vehicle"]["id"],
            "vehicle_id": booking["vehicle"]["id"],
            "customer_id": builder.owner.id,
            "mechanic_id": builder.mechanic.id,
            "admin_id": builder.admin.id,
            "service_id": builder.shop.service(BRAKES),
        }
        address = booking["pickup"]["address"]["id"]
        self.rows |= dict.fromkeys(("address_id", "pickup_address_id", "drop_address_id"), address)
        self.reference_rows = {
            "payment_method_id": builder.shop.payment_method("online"),
            "assignment_type_id": builder.shop.assignment_type("drop"),
        }


@pytest.fixture(scope="module")
async def people(api: Api, visits: Visits) -> People:
    builder = await asyncio.to_thread(BookingBuilder.complete, visits)
    found = People(builder, visits.stranger(builder.owner).card, await hired(api))
    for card in found.cards.values():
        if card:
            await api.token(card)
    return found


@of_every(ALL)
async def test_everybody_gets_as_far_as_they_may(operation: Operation, api: Api, people: People):
    alike = set() if any(_rules_of_the_path(operation)) else ALIKE
    for player in (each for each in PLAYERS if each not in alike):
        code = access_refusal(operation, player) or _by_the_path(operation, player)
        answer = await _ask(api, people, operation, player, code)
        told = f"{player}: {answer.status_code} {answer.text[:200]}"
        if code:
            assert is_refusal(answer, STATUSES[code]) == "", told
            assert answer.json()["code"] == code, told
        else:
            _is_through(operation, player, answer, told)
        if code == "ScopeRequired":
            assert answer.json()["detail"] in {f"{scope} scope required" for scope in operation.spec["x-scopes"]}
        if code == "NotFound":
            nowhere = await _ask(api, people, operation, player, code, about=_nothing(operation, "admin", people))
            assert _unnamed(answer, people) == _unnamed(nowhere, people), told


def _rules_of_the_path(operation: Operation) -> list[Rule]:
    rules = [rule_of(operation, name) for name in names_of_ids(operation, "path")]
    return [rule for rule in rules if rule]


def _by_the_path(operation: Operation, player: str) -> str:
    return next((rule.code for rule in _rules_of_the_path(operation) if player not in rule.seen_by), "")


async def _ask(
    api: Api, people: People, operation: Operation, player: str, code: str, about: Json | None = None
) -> httpx.Response:
    """Who must be refused asks in earnest, and so do readers; who may write does so about nothing, and no JSON."""
    card, content = people.cards[player], NOT_JSON
    values = about or (people.rows if code or operation.method == "GET" else _nothing(operation, player, people))
    if code or operation.method == "GET":
        fits = operation.sample({**people.reference_rows, "booking_id": NOWHERE}) if operation.takes_json else None
        content = {"json": fits} if operation.takes_json else {}
    if operation.path.endswith("/logout") and card:  # which would end the session of everybody after it
        return await api.ask(operation.method, operation.url(), headers=bearer(await api.log_in(card)))
    if operation.path.endswith("/export") and card and player != "admin":
        content = {**content, "headers": {"X-Current-Password": card["password"]}}
    if str(operation) == ENDLESS and not code:
        values = _nothing(operation, player, people)
    return await api.ask(operation.method, operation.url(values), card, **content)


def _is_through(operation: Operation, player: str, answer: httpx.Response, told: str) -> None:
    assert answer.status_code < 500, told
    if (str(operation), player) in BY_NAME:
        assert answer.json()["code"] == "RoleRequired", told
    elif operation.secured:
        assert answer.status_code not in (401, 403), told
        known = {*names_of_ids(operation, "path")} <= KNOWN and str(operation) != ENDLESS
        assert answer.status_code == 200 or operation.method != "GET" or not known, told


def _nothing(operation: Operation, player: str, people: People) -> Json:
    """Ids of no row; but people's ids are judged without a look, so it is their own."""
    wanted = list(names_of_ids(operation, "path"))
    if player != "admin" and {"customer_id", "mechanic_id"} & {*wanted}:
        return people.rows
    people = {"customer_id": "CST999999", "mechanic_id": "MEC999999", "admin_id": "ADM999999"}
    return {name: people.get(name, NOWHERE) for name in wanted}


def _unnamed(answer: httpx.Response, people: People) -> Json:
    """The refusal without the ids that were asked for."""
    body: Json = answer.json()
    return {**body, "detail": without_ids(body["detail"], (*people.rows.values(), NOWHERE, "CST999999"))}


WITH_IDS = [
    (operation, name, player)
    for operation in ALL
    if operation.takes_json
    for name in sorted({*names_of_ids(operation, "body")})
    if (rule := rule_of(operation, name))
    for player in PLAYERS[1:]
    if player not in rule.seen_by and not access_refusal(operation, player) and not _by_the_path(operation, player)
]


@pytest.mark.parametrize(("operation", "name", "player"), WITH_IDS, ids=str)
async def test_an_id_of_somebody_elses_within_a_body_is_judged_as_one_in_the_path(
    api: Api, people: People, operation: Operation, name: str, player: str
):
    rule = rule_of(operation, name)
    assert rule is not None
    own = await _own(api, people, player)
    known = {
        **people.reference_rows,
        **own,
        "service_id": people.rows["service_id"],
        "registration_number": "MH12ZZ0003",
    }
    answers = []
    for value in (people.rows[name], "CST999999" if name == "customer_id" else NOWHERE):
        body = operation.with_fields(known, {(name,): value})
        answers.append(await api.ask(operation.method, operation.url(own), people.cards[player], json=body))
    for answer in answers:
        assert is_refusal(answer, STATUSES[rule.code]) == "", answer.text
        assert answer.json()["code"] == rule.code
    theirs, nobodys = (_unnamed(answer, people) for answer in answers)
    assert theirs == nobodys


async def _own(api: Api, people: People, player: str) -> Json:
    """What a body needs besides, all of it the player's own."""
    if player != "stranger":
        return {"booking_id": NOWHERE}
    card = people.cards[player]
    cars, addresses = [(await api.ask("GET", path, card)).json() for path in ("/car/", "/address/")]
    return {"vehicle_id": cars[0]["id"], "address_id": addresses[0]["id"], "area_id": addresses[0]["area_id"]}


NARROWED = [
    (operation, name) for operation in ALL for name in sorted({*names_of_ids(operation, "query")} & RULES.keys())
]


@of_every(NARROWED)
async def test_a_list_narrowed_to_somebody_elses_rows_shows_none_of_them(
    narrowed: tuple[Operation, str], api: Api, people: People
):
    operation, name = narrowed
    for player in PLAYERS[1:]:
        if player in RULES[name].seen_by or access_refusal(operation, player):
            continue
        value, content = people.rows[name], {"json": operation.sample({})} if operation.takes_json else {}
        url, asked = operation.url(people.rows), {"params": {name: value}, **content}
        answer = await api.ask(operation.method, url, people.cards[player], **asked)
        told = f"{player}: {answer.status_code} {answer.text[:300]}"
        if answer.status_code != 200:
            assert is_refusal(answer, 403) == "", told
            assert answer.json()["code"] in ("NotYours", "RoleRequired"), told
        elif str(operation) not in OPEN_BOOK:
            assert str(value) not in re.findall(r"\w+", answer.text), told


LISTS = [each for each in ALL if str(each) in OWNED_LISTS | OTHER_LISTS]


@pytest.fixture(scope="module")
async def owned(api: Api, people: People) -> AsyncIterator[Json]:
    """The owner's rows, with something in every list that a booking leaves empty."""
    owner, service = people.cards["owner"], people.rows["service_id"]
    for place in ("cart", "favourite"):
        answer = await api.ask("POST", f"/customers/{place}/{service}", owner)
        assert answer.status_code in (201, 409), answer.text  # one of the demo's people may have it there already
    card = await api.token(owner)
    asked = {"customer_email": owner["email"], "query": "Do you mend dents?"}
    query = await api.ask("POST", "/queries/", headers={**card, "X-Forwarded-For": new_address()}, json=asked)
    (session, *_) = (await api.ask("GET", "/auth/sessions", owner)).json()
    yield {**people.rows, "query_id": query.json()["id"], "session_id": session["id"]}
    for place in ("cart", "favourite"):
        await api.ask("DELETE", f"/customers/{place}/{service}", owner)


def test_every_list_has_an_owner_of_its_rows_or_a_reason_for_having_none():
    answers = {str(each): each.spec["responses"].get("200", {}).get("content", {}) for each in ALL}
    schemas = {name: content.get("application/json", {}).get("schema", {}) for name, content in answers.items()}
    lists = {str(each) for each in ALL if each.resolved(schemas[str(each)]).get("type") == "array"}
    assert lists == OWNED_LISTS.keys() | OTHER_LISTS.keys()
    assert not OWNED_LISTS.keys() & OTHER_LISTS.keys()


@of_every(LISTS)
async def test_a_list_is_for_its_roles_and_shows_nobody_rows_of_another_person(
    operation: Operation, api: Api, people: People, owned: Json, days_off: dict[str, int]
):
    """Every list as everybody, to its end; an admin, who may see all of it, until the owner's row has come."""
    name, listed = str(operation), OWNED_LISTS.get(str(operation))

    def shows_it(rows: list[Json]) -> bool:
        return listed is not None and owned[listed.value] in [row[listed.field] for row in rows]

    for player, card in people.cards.items():
        enough = (lambda rows: not listed or shows_it(rows)) if player == "admin" else None
        status, rows = await _listing(api, operation.url({**owned, "row_id": days_off.get(name)}), card, enough)
        assert status == _status_of_list(operation, player), player
        if status != 200:
            continue
        if listed:
            assert shows_it(rows) is (player in listed.to), f"{player}: {rows[:3]}"
        if player != "admin" and name != "GET /bookings/mechanic/assignments":
            own = {card["id"]} if card and ROLES[player] == Role.CUSTOMER else set()
            assert set(_customers(rows)) <= own, player


def _status_of_list(operation: Operation, player: str) -> int:
    name = str(operation)
    if player == "nobody" or name in OPEN:
        return 200 if name in OPEN else 401
    if ROLES[player][0].upper() not in fitting(name) or (name, player) in BY_NAME:
        return 403
    return STATUSES.get(_by_the_path(operation, player), 200)


async def _listing(
    api: Api, url: str, card: Json | None, enough: Callable[[list[Json]], bool] | None
) -> tuple[int, list[Json]]:
    """The status, and the rows if there are any to see: all of them, or until there are enough."""
    rows: list[Json] = []
    answer = await api.ask("GET", url, card, params={"limit": 100})
    while answer.status_code == 200:
        rows += answer.json()
        following = links(answer.headers.get("link", "")).get("next")
        if not following or (enough and enough(rows)):
            break
        answer = await api.ask("GET", following, card)
    return answer.status_code, rows


def _customers(value: Any) -> Iterator[str]:
    """The customers that are named in it."""
    if isinstance(value, list):
        for each in value:
            yield from _customers(each)
    if isinstance(value, dict):
        if value.get("customer_id"):
            yield value["customer_id"]
        if (customer := value.get("customer")) and "id" in customer:
            yield customer["id"]
        yield from _customers(list(value.values()))


def test_every_id_that_a_route_takes_has_an_owner_or_a_reason_for_having_none():
    taken = {name for each in ALL for where in ("path", "query", "body") for name in names_of_ids(each, where)}
    assert sorted(taken - RULES.keys() - EVERYBODYS.keys()) == []
    assert not RULES.keys() & EVERYBODYS.keys()
    assert all(EVERYBODYS.values())


def test_what_routes_declare_is_what_the_access_table_says():
    declared = {
        str(each): (" ".join(each.spec["x-scopes"]), {role[0].upper() for role in each.spec["x-roles"]})
        for each in ALL
        if each.secured
    }
    explained = {route: ROLES[player][0].upper() for route, player in BY_NAME}
    written = {route: (scope, {*roles, *explained.get(route, "")}) for route, (scope, roles) in ACCESS.items()}
    assert declared == written
