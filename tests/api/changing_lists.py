"""Rows that come and go while somebody reads a list: how each list gets one and loses it again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from tests.api.concurrent import Api, Json

Document = Callable[[int], Json]
FUTURE = datetime(2040, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """How a row comes, and how it goes. ``$1`` is its number, which grows; ``query`` is of the list.

    ``in_front``: the newest is first; else it comes at the end.
    """

    add: str
    remove: str
    query: str = ""
    in_front: bool = False

    async def comes(self, api: Api, number: int) -> None:
        for statement in self.add.split(";"):
            await api.rows.execute(statement, number)

    async def goes(self, api: Api, number: int) -> None:
        for statement in self.remove.split(";"):
            await api.rows.execute(statement, number)


@dataclass(frozen=True)
class Kept:
    """The same for a collection of documents."""

    collection: str
    document: Document
    query: str = ""
    in_front: bool = False

    async def comes(self, api: Api, number: int) -> None:
        self._in(api, lambda found: found.insert_one({"_number": number, **self.document(number)}))

    async def goes(self, api: Api, number: int) -> None:
        self._in(api, lambda found: found.delete_many({"_number": number}))

    def _in(self, api: Api, do: Callable[[Any], object]) -> None:
        with MongoClient[Any](api.info["mongodb"]) as documents:
            do(documents.get_default_database()[self.collection])


def named(table: str, column: str = "name", more: str = "", values: str = "") -> Row:
    """A row that is known by a text."""
    add = f"INSERT INTO {table} ({column}{more}) SELECT 'zzz row ' || $1::bigint{values}"
    return Row(add, f"DELETE FROM {table} WHERE {column} = 'zzz row ' || $1::bigint")


def _person(prefix: str, role: str) -> str:
    return (
        "INSERT INTO users (id, role_id, first_name, phone, email) SELECT"
        f" '{prefix}' || $1::bigint, id, 'Zed', '+919' || right($1::text, 9), 'zed' || $1 || '@example.com'"
        f" FROM roles WHERE name = '{role}'"
    )


_CUSTOMER = _person("CST", "customer")
_GONE = "DELETE FROM users WHERE right(id, -3) = $1::bigint::text"


def _saved(table: str) -> Row:
    """All are saved in one moment: the order is that of the customers."""
    add = f"INSERT INTO {table} (customer_id, service_id, created_at) VALUES ('CST' || $1::bigint, 45, '2040-01-01')"
    return Row(f"{_CUSTOMER}; {add}", _GONE)


_SERVICE = named(
    "services",
    "title",
    ", description, category_id, time_hrs, difficulty",
    ", '', (SELECT min(id) FROM service_categories), 1, 1",
)
_SLOT = named("timeslots", more=", start_time, end_time", values=", '23:00', '23:59'")
_MECHANIC = "INSERT INTO mechanics (user_id, dob) VALUES ('MEC' || $1::bigint, '1990-01-01')"
_REVIEW = "INSERT INTO service_reviews (service_id, customer_id, rating) VALUES (45, 'CST' || $1::bigint, 5)"
_SCOPE = "'READ:ZZ_' || translate($1::bigint::text, '0123456789', 'ABCDEFGHIJ')"
_PERMISSION = Row(f"INSERT INTO permissions (name) SELECT {_SCOPE}", f"DELETE FROM permissions WHERE name = {_SCOPE}")
_SESSION = "'zz' || $1::bigint"
_OF = "WHERE right(customer_id, -3) = $1::bigint::text"

COMING_AND_GOING: dict[str, list[Row | Kept]] = {
    "GET /auth/sessions": [
        Row(
            f"INSERT INTO sessions (id, user_id, began_at) VALUES ({_SESSION}, 'ADM000001',"
            " timestamptz '2040-01-01' + $1::bigint * interval '1 second');"
            " INSERT INTO refresh_tokens (jti, token, user_id, family, access_jti, access_expires_at, expires_at)"
            f" VALUES ({_SESSION}, 'zz', 'ADM000001', {_SESSION}, {_SESSION}, now(), now() + interval '1 hour')",
            f"DELETE FROM refresh_tokens WHERE jti = {_SESSION}; DELETE FROM sessions WHERE id = {_SESSION}",
            in_front=True,
        )
    ],
    "GET /rbac/roles": [named("roles")],
    "GET /rbac/scopes": [_PERMISSION],
    "GET /customers/cart": [_saved("carts")],
    "GET /customers/favourite": [_saved("favourites")],
    "GET /mechanics/assignment_type": [named("assignment_types")],
    "GET /mechanics/": [Row(f"{_person('MEC', 'mechanic')}; {_MECHANIC}", _GONE)],
    "GET /car/models": [
        named("cars", "model", ", year, manufacturer_id, fuel_type_id, car_class_id", ", 2020, 1, 1, 1"),
    ],
    "GET /car/class": [named("car_classes")],
    "GET /car/fuel": [named("fuel_types")],
    "GET /car/manufacturer": [named("manufacturers")],
    "GET /car/": [
        Row(
            f"{_CUSTOMER}; INSERT INTO customer_cars (customer_id, registration_number, car_id)"
            " VALUES ('CST' || $1::bigint, 'ZZ' || right($1::text, 8), 1)",
            f"DELETE FROM customer_cars {_OF}; {_GONE}",
        )
    ],
    "GET /address/area": [named("areas", more=", pincode", values=", '500001'")],
    "GET /address/": [
        Row(
            f"{_CUSTOMER}; INSERT INTO addresses (customer_id, label, line1, area_id)"
            " VALUES ('CST' || $1::bigint, 'Home', 'Lane 1', 1)",
            f"DELETE FROM addresses {_OF}; {_GONE}",
        )
    ],
    "GET /utils/status": [named("statuses")],
    "GET /utils/payment-method": [named("payment_methods")],
    "GET /utils/timeslot": [_SLOT],
    "GET /utils/closure": [
        Row(
            "INSERT INTO closures (first_date, last_date, reason)"
            " VALUES ('2040-01-01', '2040-01-01', $1::bigint::text)",
            "DELETE FROM closures WHERE reason = $1::bigint::text",
        )
    ],
    "GET /mechanics/absence": [
        Row(
            f"{_person('MEC', 'mechanic')}; {_MECHANIC};"
            " INSERT INTO mechanic_absences (mechanic_id, first_date, last_date)"
            " VALUES ('MEC' || $1::bigint, '2040-01-01', '2040-01-01')",
            _GONE,
        )
    ],
    "GET /services/review/{service_id}": [
        Row(f"{_CUSTOMER}; {_REVIEW}", f"DELETE FROM service_reviews {_OF}; {_GONE}", in_front=True)
    ],
    "GET /services/": [
        Row(_SERVICE.add, _SERVICE.remove, query)
        for query in ("", "sort=title", "sort=price&car_class_id=1", "sort=-price", "sort=-rating")
    ],
    "GET /services/category": [named("service_categories")],
    "GET /content/": [Kept("content", lambda number: {"content_id": f"zz_row_{number}", "data": "x"})],
    "GET /queries/": [
        Kept(
            "queries",
            lambda number: {"customer_email": "z@example.com", "query": str(number), "created_at": FUTURE},
            in_front=True,
        )
    ],
    "GET /customers/": [
        Row(_CUSTOMER, _GONE),
        Row(_CUSTOMER, _GONE, "order=newest", in_front=True),
        Row(_CUSTOMER, _GONE, "q=zed"),
    ],
    "GET /admins/": [Row(_person("ADM", "admin"), _GONE)],
}

UNCHANGED = {
    "GET /car/{car_id}/history",
    "GET /payment/takings",
    "GET /backup/list",
    "GET /utils/closure/{row_id}/bookings",
    "GET /mechanics/absence/{row_id}/bookings",
}
"""Lists whose rows come of work that takes minutes: only read, part by part."""
