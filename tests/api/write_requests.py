"""A request for every write that needs no booking, granted as often as it is made: hostile tests build on it."""

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import randrange
from typing import Self

import httpx

from adapters.auth.contact_links import ContactLinks
from adapters.auth.password_links import PasswordLinks
from kinds.vehicle_service.domain.visit import KIND
from settings import Secrets
from tests.addresses import new_address
from tests.api.concurrent import Api, Json
from tests.api.document import operation
from tests.api.people import PASSWORD, appointed, hired, unlike

NEW_PASSWORD = "Another-Secret-1"
CHANGE, CONFIRM = "POST /auth/password/change", "POST /auth/password/reset/confirm"
UNDO = "POST /auth/contact/undo"
SCOPES = "PUT /rbac/roles/{role_id}/scopes"
_CHANGED = """
    INSERT INTO contact_changes (id, user_id, phone, email, can_be_undone, changed_at, good_until)
    SELECT $1, id, phone, email, true, now(), now() + interval '5 minutes' FROM users WHERE id = $2
"""


@dataclass(frozen=True)
class WriteRequest:
    """Who asks, for which row, with which body."""

    card: Json | None
    body: Json
    row: Json = field(default_factory=dict)


@dataclass
class OwnRows:
    """Who asks, and the rows that nobody else looks at."""

    admin: Json = field(default_factory=dict)
    nina: Json = field(default_factory=dict)
    mechanic: Json = field(default_factory=dict)
    other_admin: Json = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    query: str = ""
    entry: str = ""


_DAYS = itertools.count()


class WriteRequests:
    """The requests on a running API."""

    def __init__(self, api: Api, own: OwnRows) -> None:
        self.api = api
        self.own = own
        self._made: list[str] = []

    @classmethod
    async def prepared(cls, api: Api) -> Self:
        own = OwnRows(api.card("A"), await api.newcomer(), await hired(api), await appointed(api))
        own.entry = f"entry-{uuid.uuid4().hex[:12]}"
        writes = cls(api, own)
        for path in _ROWS:
            own.rows[path] = (await writes.do(f"POST {path}")).json()["id"]
        own.query = (await writes.do("POST /queries/")).json()["id"]
        return writes

    async def do(self, name: str) -> httpx.Response:
        """Do it as it should be."""
        request = await self.request_for(name)
        answer = await self.ask(name, request, request.body)
        assert answer.is_success, f"{name}: {answer.text[:300]}"
        return answer

    async def ask(self, name: str, request: WriteRequest, body: Json) -> httpx.Response:
        """The request with some body, from an address of its own: none is asked too often."""
        known, somewhere = operation(name), new_address()
        headers = {"X-Forwarded-For": somewhere}
        answer = await self.api.ask(known.method, known.url(request.row), request.card, json=body, headers=headers)
        path = name.removeprefix("POST ")
        if answer.status_code == 201 and path in _ROWS:
            self._made.append(f"{path.rstrip('/')}/{answer.json()['id']}")
        return answer

    async def cleared(self) -> None:
        """Nothing of it is left in the lists that others read."""
        for path in reversed(self._made):
            card = self.own.nina if path.startswith("/address/") and "area" not in path else self.own.admin
            assert (await self.api.ask("DELETE", path, card)).is_success, path

    async def request_for(self, name: str) -> WriteRequest:
        """A fresh one."""
        if name == CHANGE:
            somebody = await self.api.newcomer()
            return WriteRequest(somebody, {"current_password": somebody["password"], "new_password": NEW_PASSWORD})
        if name == CONFIRM:
            return WriteRequest(None, {"token": self._link(), "new_password": NEW_PASSWORD})
        if name == UNDO:
            return WriteRequest(None, {"token": await self._way_back(), "new_password": NEW_PASSWORD})
        if name == SCOPES:
            roles = (await self.api.ask("GET", "/rbac/roles", self.own.admin)).json()
            mechanics = next(role for role in roles if role["name"] == "mechanic")
            return WriteRequest(self.own.admin, {"scopes": mechanics["scopes"]}, {"role_id": mechanics["id"]})
        return _requests(self.own)[name]

    async def _way_back(self) -> str:
        """The link that takes back a change which changed nothing."""
        change, secrets = uuid.uuid4().hex, Secrets(secret_key=self.api.info["auth"]["secret_key"])
        await self.api.rows.execute(_CHANGED, change, self.own.other_admin["id"])
        return ContactLinks(secrets).issue(KIND, change, datetime.now(UTC) + timedelta(minutes=5))

    def _link(self) -> str:
        now, secrets = datetime.now(UTC), Secrets(secret_key=self.api.info["auth"]["secret_key"])
        return PasswordLinks(secrets).issue(KIND, self.own.other_admin["id"], now, now + timedelta(minutes=5))


def _requests(own: OwnRows) -> dict[str, WriteRequest]:
    admin, nina, rows = own.admin, own.nina, own.rows
    word = f"Word {uuid.uuid4().hex[:12]}"
    name: Json = {"name": word}
    person = {**name, **unlike(), "password": PASSWORD}
    place = {"label": word, "line1": word, "line2": word, "area_id": 1}
    model = {"model": word, "manufacturer_id": 2, "fuel_type_id": 1, "car_class_id": 1, "year": 2024}
    slot = {**name, "start_time": "03:00", "end_time": "03:30", "capacity": 0}
    saved = {**name, "description": word}
    service = {
        "title": word,
        "description": word,
        "category_id": 11,
        "works": [word],
        "time_hrs": 1.5,
        "difficulty": 2,
        "price_chart": [{"car_class_id": 1, "price": "1400.00"}],
        "fuel_type_ids": [1],
    }
    plate = {"registration_number": f"KA{uuid.uuid4().hex[:8].upper()}", "car_model_id": 1}
    requests = {
        "POST /auth/password/reset/request": WriteRequest(None, {"email": unlike()["email"]}),
        "POST /customers/": WriteRequest(None, person),
        "PUT /customers/{customer_id}": WriteRequest(nina, name, {"customer_id": nina.get("id")}),
        "POST /mechanics/": WriteRequest(admin, {**person, "dob": "1990-05-17"}),
        "PUT /mechanics/{mechanic_id}": WriteRequest(own.mechanic, name, {"mechanic_id": own.mechanic.get("id")}),
        "POST /admins/": WriteRequest(admin, person),
        "PUT /admins/{admin_id}": WriteRequest(admin, name, {"admin_id": own.other_admin.get("id")}),
        "POST /car/": WriteRequest(nina, plate),
        "PUT /car/{car_id}": WriteRequest(nina, plate, {"car_id": rows.get("/car/")}),
        "POST /address/": WriteRequest(nina, place),
        "PUT /address/{address_id}": WriteRequest(nina, place, {"address_id": rows.get("/address/")}),
        "POST /services/": WriteRequest(admin, service),
        "PUT /services/{service_id}": WriteRequest(admin, service, {"service_id": rows.get("/services/")}),
        "POST /queries/": WriteRequest(nina, {"customer_email": nina.get("email"), "query": word}),
        "PUT /queries/{query_id}/respond": WriteRequest(admin, {"response": word}, {"query_id": own.query}),
        "PUT /content/": WriteRequest(admin, {own.entry: word}),
    }
    for path, body in {
        "/car/models": model,
        "/car/class": name,
        "/car/fuel": name,
        "/car/manufacturer": name,
        "/address/area": {**name, "pincode": "411999"},
        "/utils/status": name,
        "/utils/payment-method": name,
        "/utils/timeslot": slot,
        "/services/category": saved,
    }.items():
        requests[f"POST {path}"] = WriteRequest(admin, body)
        requests[f"PUT {path}/{{row_id}}"] = WriteRequest(admin, body, {"row_id": rows.get(path)})
    day = str(datetime.now(UTC).date() + timedelta(days=400 + next(_DAYS) % 300))
    hour = f"{randrange(24):02}:{randrange(60):02}"
    requests["POST /utils/closure"] = WriteRequest(admin, {"first_date": day, "last_date": day, "opens": hour})
    requests["POST /mechanics/absence"] = WriteRequest(
        admin, {"first_date": day, "last_date": day, "mechanic_id": own.mechanic.get("id")}
    )
    path = "/mechanics/assignment_type"
    requests[f"POST {path}"] = WriteRequest(admin, name)
    requests[f"PUT {path}/{{type_id}}"] = WriteRequest(admin, name, {"type_id": rows.get(path)})
    return requests


_ROWS = (
    "/car/models",
    "/car/class",
    "/car/fuel",
    "/car/manufacturer",
    "/address/area",
    "/utils/status",
    "/utils/payment-method",
    "/utils/timeslot",
    "/services/category",
    "/mechanics/assignment_type",
    "/services/",
    "/car/",
    "/address/",
    "/utils/closure",
    "/mechanics/absence",
)
"""Tables of which the writes has a row of its own."""

NAMES = (*_requests(OwnRows()), CHANGE, CONFIRM, UNDO, SCOPES)
