"""The API of a second kind: its own commands and shapes, and the engine's routes in them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest

from api.app import create_app
from api.kind import KindApi
from domain.people import RoleSpec
from settings import Settings
from tests.kinds.table_reservation.api import API
from tests.kinds.table_reservation.domain.booking import TableBooking

OWN = {"hand-over", "pay-deposit", "seat", "bill", "cancel"}


def without_open_registration() -> KindApi[TableBooking]:
    """A club: the same kind, where admins say who becomes a guest."""
    roles = tuple(replace(role, open_registration=False) for role in API.kind.roles)
    return replace(API, storage=replace(API.storage, kind=replace(API.kind, roles=roles)))


@asynccontextmanager
async def served(api: KindApi[TableBooking]) -> AsyncIterator[httpx.AsyncClient]:
    """The application without its stores."""
    settings = Settings()
    app = create_app(api, settings=settings)
    app.state.resources = SimpleNamespace(settings=settings)
    app.state.authenticator = None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tables") as client:
        yield client


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with served(API) as client:
        yield client


async def test_the_document_has_the_kinds_commands_and_the_engines_routes_in_its_shapes(client):
    document = (await client.get("/openapi.json")).json()
    paths = document["paths"]
    assert {path.rpartition("/")[2] for path in paths if "put" in paths[path] and "/bookings/" in path} == OWN
    assert {"/api/v1/bookings/", "/api/v1/bookings/{booking_id}/events", "/api/v1/payment/webhook"} <= paths.keys()
    assert not [path for path in paths if "/car" in path or "mechanic" in path]
    row = paths["/api/v1/bookings/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert row == {"type": "array", "items": {"$ref": "#/components/schemas/TableRow"}}
    assert "VehicleOfBooking" not in document["components"]["schemas"]
    names = [parameter["name"] for parameter in paths["/api/v1/bookings/"]["get"]["parameters"]]
    assert names == ["customer_id", "participant", "order", "limit", "offset", "after", "status", "house"]


async def test_the_document_lists_the_roles_of_the_kind(client):
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert paths["/api/v1/bookings/{booking_id}/seat"]["put"]["x-roles"] == ["admin", "host"]
    assert paths["/api/v1/bookings/{booking_id}/cancel"]["put"]["x-roles"] == ["admin", "host", "customer"]


async def test_every_route_is_for_somebody(client):
    paths = (await client.get("/openapi.json")).json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    asked = [operation for operation in operations if operation["x-scopes"]]
    assert len(asked) > 30
    assert [each["operationId"] for each in asked if not each["x-roles"]] == []


async def test_the_document_tells_the_refusals_of_the_engine_and_none_of_another_kind(client):
    document = (await client.get("/openapi.json")).json()
    told = document["components"]["responses"]["Conflict"]["description"]
    assert "SlotTaken" in told
    assert "VehicleBusy" not in told


async def test_a_route_of_the_engine_that_the_kind_leaves_out_is_neither_there_nor_told_of():
    left_out = frozenset({"GET /bookings/customer", "DELETE /customers/{customer_id}", "POST /auth/login"})
    async with served(replace(API, leaves_out=left_out)) as bare:
        paths = (await bare.get("/openapi.json")).json()["paths"]
        assert (await bare.post("/api/v1/auth/login")).json()["code"] == "NoSuchRoute"
    assert "/api/v1/bookings/customer" not in paths
    assert "delete" not in paths.get("/api/v1/customers/{customer_id}", {})
    assert {"/api/v1/bookings/", "/api/v1/auth/refresh"} <= paths.keys()


async def test_nobody_comes_in_without_a_token_and_pages_are_only_those_of_the_engine(client):
    assert (await client.put("/api/v1/bookings/7/seat")).status_code == 401
    assert (await client.get("/api/v1/car/models")).json()["code"] == "NoSuchRoute"
    assert ((await client.get("/password")).status_code, (await client.get("/")).status_code) == (200, 404)


async def test_where_registration_is_not_open_a_stranger_is_refused_and_the_document_says_who_may():
    async with served(without_open_registration()) as club:
        person = {"first_name": "Nora", "email": "nora@example.com", "phone": "7000000198", "password": "Secret-123"}
        refused = await club.post("/api/v1/customers/", json=person)
        assert (refused.status_code, refused.json()["code"]) == (401, "Unauthenticated")
        told = (await club.get("/openapi.json")).json()["paths"]["/api/v1/customers/"]["post"]
    assert (told["summary"], told["x-roles"], told["x-scopes"]) == ("Add a customer", ["admin"], ["WRITE:CUSTOMERS"])


def test_nobody_registers_as_an_admin():
    with pytest.raises(ValueError, match="nobody registers as an admin"):
        RoleSpec("admin", "ADM", frozenset(), open_registration=True)
