"""Fields that nobody asked for: a body decides about its own fields and about nothing else."""

import re
from typing import Any

import pytest
from pymongo import MongoClient

from tests.api.concurrent import Api
from tests.api.document import operation, operations
from tests.api.hostile import TRACES, with_extras
from tests.api.hostile_visits import HostileVisits, essence
from tests.api.write_requests import NAMES, WriteRequest, WriteRequests

SPECIAL = {
    "PUT /content/": "every name in it is a field of its own (test_content)",
    "POST /payment/webhook": "kept as it is, a hint to look at the provider (test_payments)",
    "POST /backup/create": "one field of three values, and it costs a backup (test_backups)",
    "POST /bookings/admin/attention/{booking_id}": "a note, where something went wrong (test_money_returned)",
    "POST /auth/second-factor": "answers with another secret each time (test_second_factor)",
    "POST /auth/second-factor/confirm": "a code is good once (test_second_factor)",
    "POST /auth/second-factor/verify": "a code is good once (test_second_factor)",
    "POST /auth/second-factor/recovery-codes": "a code is good once (test_second_factor)",
    "POST /auth/second-factor/disable": "a code is good once (test_second_factor)",
    "POST /services/review": "needs a delivered booking, below",
    "PUT /services/review/{service_id}": "needs a delivered booking, below",
}
WRITES = [str(each) for each in operations() if each.takes_json]
_MAY_DIFFER = {"id", "created_at", "updated_at", "responded_at", "first_date", "last_date", "opens"}
_ALIASES = {"class", "fuel_name", "reg_number", "car_id"}


def own_fields(name: str) -> set[str]:
    return {*(operation(name).body or {}).get("properties", {}), *_ALIASES}


def alike(value: Any, request: WriteRequest, key: str = "") -> Any:
    """An answer without what must differ between two requests of a kind: ids, moments, words of one's own."""
    if isinstance(value, dict):
        return {name: alike(item, request, name) for name, item in value.items() if name not in _MAY_DIFFER}
    if isinstance(value, list):
        return [alike(item, request, key) for item in value]
    mine = re.findall(r"[\w@.]{8,}", str(request.body))
    return "mine" if isinstance(value, str) and any(word in value for word in mine) else value


def test_every_body_is_tried_here_or_somebody_says_why_not(hostile: HostileVisits):
    tried = {*NAMES, *hostile.routes, *SPECIAL}
    assert set(WRITES) == tried


@pytest.mark.parametrize("name", sorted({*NAMES} - SPECIAL.keys()))
async def test_a_field_that_is_not_the_bodys_own_changes_nothing(writes: WriteRequests, name: str):
    own, done = own_fields(name), []
    for change in (lambda body: body, lambda body: with_extras(body, own)):
        request = await writes.request_for(name)
        answer = await writes.ask(name, request, change(request.body))
        assert answer.is_success, answer.text[:300]
        done.append(alike(answer.json(), request))
        assert [trace for trace in TRACES if trace in answer.text] == []
    assert done[0] == done[1]


def test_a_visit_with_sly_bodies_is_like_one_with_honest_bodies(hostile: HostileVisits):
    """Prices, states, who did what and how far it came; of the visit that was given up the fee with its GST."""
    for honest, sly in zip(hostile.honest, hostile.sly, strict=True):
        assert essence(sly) == essence(honest)
        assert [trace for trace in TRACES if trace in str(sly)] == []
    assert [visit["totals"]["total"] for visit in hostile.sly] == ["1947.00", "118.00"]


async def test_a_review_is_its_writers_whatever_it_says(api: Api, hostile: HostileVisits):
    card, service = hostile.owners[0].card, hostile.honest[0]["services"][0]["service_id"]
    body = {"service_id": service, "rating": 4, "review": "fine"}
    made = await api.ask("POST", "/services/review", card, json=with_extras(body, {"service_id", "customer_id"}))
    assert made.status_code == 201, made.text
    sly = with_extras({"rating": 3}, {"rating"}) | {"service_id": 1, "customer_id": api.card("C")["id"]}
    changed = await api.ask("PUT", f"/services/review/{service}", card, json=sly)
    expected = {**body, "customer_id": card["id"], "images": []}
    for answer, rating in ((made, 4), (changed, 3)):
        told = {name: value for name, value in answer.json().items() if name not in ("created_at", "reviewer")}
        assert told == {**expected, "rating": rating}
        assert [trace for trace in TRACES if trace in answer.text] == []
    assert (await api.ask("DELETE", f"/services/review/{service}", card)).status_code == 200


async def test_nothing_of_it_reached_a_table_or_a_collection(api: Api, writes: WriteRequests, hostile: HostileVisits):
    tables = await api.rows.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
    found = {
        name: await api.rows.fetchval(f'SELECT min(t::text) FROM "{name}" AS t WHERE t::text ~ $1', _any_trace())
        for (name,) in tables
    }
    assert {name: row for name, row in found.items() if row is not None} == {}
    roles = "SELECT u.id, r.name FROM users AS u JOIN roles AS r ON r.id = u.role_id"
    assert await api.rows.fetch(f"{roles} WHERE upper(left(r.name, 1)) <> left(u.id, 1)") == []
    with MongoClient(api.info["mongodb"]) as documents:
        database = documents.get_default_database()
        kept = str([list(database[name].find()) for name in database.list_collection_names()])
    assert [trace for trace in TRACES if trace in kept] == []


def _any_trace() -> str:
    return "|".join(re.escape(trace) for trace in TRACES)
