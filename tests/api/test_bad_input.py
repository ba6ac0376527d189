"""Whatever comes in, on whatever route: a clear 4xx in the shape of errors, and nothing written.

Here each route is asked every sixth of what is wrong, and the next route the next; in ``make test-long`` each is asked
all of it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import httpx
import pytest

from tests.api import malformed
from tests.api.access_table import fitting
from tests.api.concurrent import Api, is_refusal
from tests.api.document import NOWHERE, Operation, operations
from tests.api.malformed import Malformed
from tests.api.visits import Visits
from tests.of_every import of_every

Roles = Callable[[Operation], str]
Asked = Callable[[Operation], Iterable[Malformed]]
ALL = operations()
NEEDS_NOTHING = {"POST /backup/create"}
"""Granted without a body; what may stand in one is tried in test_backups."""
WITH_BODY = [each for each in ALL if each.takes_json and str(each) not in NEEDS_NOTHING]
WITH_ADDRESS = [each for each in ALL if each.parameters("path") or each.parameters("query")]
WITH_HEADERS = [each for each in ALL if each.parameters("header")]
TOGETHER = 10
"""Routes that are asked before the rows are looked at: to look costs as much as to ask one of them."""


ALREADY: dict[str, dict[str, Any]] = {
    "POST /car/class": {"name": "hatchback"},
    "POST /car/fuel": {"name": "petrol"},
    "POST /car/manufacturer": {"name": "hyundai"},
    "POST /car/models": {"model": "I20", "manufacturer_id": 2, "fuel_type_id": 1, "year": 2022},
    "POST /address/area": {"name": "shivajinagar", "pincode": "411005"},
    "POST /utils/status": {"name": "Booked"},
    "POST /utils/payment-method": {"name": "Online"},
    "POST /utils/timeslot": {"name": "morning", "start_time": "08:00", "end_time": "12:00"},
    "POST /services/category": {"name": "brakes"},
    "POST /utils/closure": {"first_date": "2020-02-02"},
    "POST /mechanics/absence": {"first_date": "2020-02-02"},
    "POST /services/": {"title": "brake pads, FRONT"},
}
"""What exists, in other spellings: a body that fits must not add anything."""


class Ground:
    """A booking whose estimate waits for its customer, and the people who may touch it."""

    def __init__(self, visits: Visits) -> None:
        owner, booking = visits.estimated()
        mechanic = booking["assignments"][0]["mechanic"]["id"]
        cards = {"A": visits.shop.admin.card, "C": owner.card}
        cards["M"] = next(each.card for each in visits.shop.mechanics if each.id == mechanic)
        self.cards = cards
        service = booking["services"][0]["service_id"]
        self.known = {
            "booking_id": booking["id"],
            "progress_id": booking["progress"][0]["id"] if booking["progress"] else NOWHERE,
            "mechanic_id": mechanic,
            "assignment_type_id": visits.shop.assignment_type("service"),
            "vehicle_id": owner.cars()[0]["id"],
            "car_id": owner.cars()[0]["id"],
            "address_id": owner.get("/address/")[0]["id"],
            "service_id": service,
            "service_ids[]": service,
            "payment_method_id": visits.shop.payment_method("online"),
            "scopes[]": "READ:BOOKINGS",
            "price_quote": {str(service): "1650.00"},
            "phone": "7000000001",
            "email": "nobody@example.com",
            "password": "Secret-123",
            "name": "Nobody",
            "dob": "1990-01-01",
            "customer_id": owner.id,
            "admin_id": visits.shop.admin.id,
            "type_id": visits.shop.assignment_type("service"),
            "pincode": "411999",
            "start_time": "01:00",
            "end_time": "02:00",
            "year": 2020,
            "current_password": "Wrong-password-1",
            "new_password": "Secret-456",
            "token": "no.such.link",
            "customer_email": "nobody@example.com",
            "content_id": "home_banner",
            "registration_number": "MH12ZZ0001",
            "razorpay_payment_id": "pay_AAAAAAAAAAAAAA",
            "razorpay_order_id": "order_AAAAAAAAAAAAAA",
        }


@pytest.fixture(scope="module")
async def ground(api: Api, visits: Visits) -> Ground:
    found = Ground(visits)
    for card in found.cards.values():
        await api.token(card)
    await api.settled()
    return found


TAKEN_AS_IT_IS = ("/webhook", "/content/", "/queries/", "/reset/request")
"""Where whatever has the right shape is taken, also from nobody and about nothing."""


@of_every([each for each in WITH_BODY if not each.path.endswith(TAKEN_AS_IT_IS)])
async def test_what_is_malformed_below_has_the_right_shape_before(operation: Operation, api: Api, ground: Ground):
    taken = {"phone": "9841385379", "name": "pickup", "registration_number": "TN01AB1234", "area_id": 2**31 - 1}
    nowhere = {"booking_id": NOWHERE, "vehicle_id": NOWHERE, "service_id": NOWHERE}
    body = operation.sample({**ground.known, **taken, **nowhere, **ALREADY.get(str(operation), {})})
    answer = await api.ask(operation.method, operation.url(), ground.cards.get(fitting(str(operation))[0]), json=body)
    assert is_refusal(answer, 400, 404, 409) == ""


async def refused(api: Api, operation: Operation, card: Any, requests: Iterable[Malformed]) -> list[str]:
    """What was not refused as it should be, of all these."""
    wanted = list(requests)
    answers = await api.all(
        api.ask(
            operation.method,
            each.url,
            card,
            content=each.content() if callable(each.content) else each.content,
            headers=each.headers,
        )
        for each in wanted
    )
    told = list(zip(wanted, answers, map(is_refusal, answers), strict=True))
    wrong = [f"{operation} with {each}: {verdict}" for each, _, verdict in told if verdict]
    alone = [part for each, answer, verdict in told if not verdict for part in each.unnamed(named(answer))]
    return wrong + (await refused(api, operation, card, alone) if alone else [])


def named(answer: httpx.Response) -> set[str]:
    """The fields that a refusal says are wrong."""
    return {error["field"] for error in answer.json().get("errors", [])}


async def nothing_comes_of(api: Api, ground: Ground, operations: Iterable[Operation], roles: Roles, ask: Asked) -> None:
    """Each is refused, for each of these roles of a route, and no row is written."""

    async def ask_all() -> None:
        for operation in operations:
            for role in roles(operation):
                wrong = await refused(api, operation, ground.cards.get(role), ask(operation))
                assert wrong == [], f"{len(wrong)} as {role}"

    assert await api.writes(ask_all) == set()


def everybody(operation: Operation) -> str:
    return fitting(str(operation))


def the_most(operation: Operation) -> str:
    return fitting(str(operation))[0]


def the_least(operation: Operation) -> str:
    """Who may just so: a body is judged by its model before anybody's role counts."""
    return fitting(str(operation))[-1]


def together(operations: Sequence[Operation]) -> list[tuple[Operation, ...]]:
    return [tuple(operations[at : at + TOGETHER]) for at in range(0, len(operations), TOGETHER)]


@of_every(together(WITH_BODY))
async def test_a_body_that_is_none_is_refused_and_nothing_is_written(
    routes: tuple[Operation, ...], api: Api, ground: Ground
):
    def some_bodies(operation: Operation) -> Iterable[Malformed]:
        return malformed.some_of(operation, malformed.bodies(operation, ground.known))

    await nothing_comes_of(api, ground, routes, the_least, some_bodies)


@of_every(together(WITH_BODY))
async def test_a_field_that_is_wrong_is_refused_and_nothing_is_written(
    routes: tuple[Operation, ...], api: Api, ground: Ground
):
    def some_fields(operation: Operation) -> Iterable[Malformed]:
        return malformed.fields_together(operation, ground.known, some=True)

    await nothing_comes_of(api, ground, routes, the_least, some_fields)


@pytest.mark.long
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
async def test_all_of_it_one_by_one_for_everybody_who_may(api: Api, ground: Ground, operation: Operation):
    for make in (malformed.bodies, malformed.fields):
        await nothing_comes_of(api, ground, [operation], everybody, partial(make, known=ground.known))


@of_every(together(WITH_ADDRESS))
async def test_a_path_or_query_that_is_wrong_is_refused(routes: tuple[Operation, ...], api: Api, ground: Ground):
    def some_addresses(operation: Operation) -> Iterable[Malformed]:
        yield from malformed.some_of(operation, malformed.paths(operation, ground.known))
        yield from malformed.some_of(operation, malformed.queries_together(operation, ground.known))

    percent = (await api.ask("GET", "/gst/")).json()
    await nothing_comes_of(api, ground, routes, the_most, some_addresses)
    assert (await api.ask("GET", "/gst/")).json() == percent


@pytest.mark.long
@pytest.mark.parametrize("operation", WITH_ADDRESS, ids=str)
async def test_all_that_can_be_wrong_in_a_path_or_query_is_refused(api: Api, ground: Ground, operation: Operation):
    for make in (malformed.paths, malformed.queries):
        await nothing_comes_of(api, ground, [operation], the_most, partial(make, known=ground.known))


def test_what_one_route_is_spared_another_one_is_asked():
    def values(requests: Iterable[Malformed]) -> set[str]:
        """What is wrong, without where."""
        alone = (part for each in requests for part in (each.parts.values() or [each]))
        return {re.split(r" = |[?/][^=]*=| ", each.what, maxsplit=1)[-1] for each in alone}

    for make, routes in ((malformed.bodies, WITH_BODY), (malformed.paths, ALL), (malformed.queries_together, ALL)):
        everything = {str(each): list(make(each, {})) for each in routes}
        some = [request for each in routes for request in malformed.some_of(each, everything[str(each)])]
        every = [request for requests in everything.values() for request in requests]
        assert values(some) == values(every)
        assert len(some) * 3 < len(every)
    some, every = [
        [request for each in WITH_BODY for request in malformed.fields_together(each, {}, some=part)]
        for part in (True, False)
    ]
    assert {each[:50] for each in values(some)} == {each[:50] for each in values(every)}
    assert len(some) * 2 < len(every)


@pytest.mark.long
def test_what_is_asked_together_is_all_that_can_be_asked_alone():
    ways = ((malformed.fields, malformed.fields_together), (malformed.queries, malformed.queries_together))
    for operation in ALL:
        for one_by_one, together in ways:
            asked = [part for each in together(operation, {}) for part in (each.parts.values() or [each])]
            assert {_sent(each) for each in asked} == {_sent(each) for each in one_by_one(operation, {})}, operation


def _sent(request: Malformed) -> tuple[str, Any]:
    return request.url, request.content


@of_every(together(WITH_HEADERS))
async def test_a_header_that_is_wrong_is_refused(routes: tuple[Operation, ...], api: Api, ground: Ground):
    await nothing_comes_of(api, ground, routes, everybody, malformed.headers)


async def test_a_login_that_is_no_form_or_too_long_is_refused(api: Api):
    right = {"username": "9841385379", "password": "x"}
    malformed_forms = [
        {},
        {"username": "9841385379"},
        {**right, "username": ""},
        {**right, "username": "9" * 100_000},
        {**right, "password": "x" * 100_000},
    ]
    answers = await api.all(api.ask("POST", "/auth/login", data=form) for form in malformed_forms)
    assert [is_refusal(answer, 413, 422) for answer in answers] == [""] * len(malformed_forms)
    others = await api.all(
        [
            api.ask("POST", "/auth/login", json=right),
            api.ask("POST", "/auth/login", content=b"\x00\xff", headers={"Content-Type": "text/plain"}),
            api.ask("POST", "/auth/login", content=b"--x", headers={"Content-Type": "multipart/form-data"}),
            api.ask("POST", "/auth/login", content=b"username=%00&password=%ED%A0%80", headers=_FORM),
        ]
    )
    assert [is_refusal(answer) for answer in others] == [""] * len(others)


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
