"""Whose rows: who may know of a row by its id, for every id that a route takes. Scopes and roles come before it."""

from collections.abc import Iterator
from dataclasses import dataclass

from kinds.vehicle_service.domain.roles import SCOPES, Role
from tests.api.document import Operation

PLAYERS = ("nobody", "owner", "stranger", "hand", "colleague", "admin")
"""Without a token; the customer whose rows are asked for; another customer; the mechanic who has the job; another
mechanic; an admin.
"""
ROLES = {
    "owner": Role.CUSTOMER,
    "stranger": Role.CUSTOMER,
    "hand": Role.MECHANIC,
    "colleague": Role.MECHANIC,
    "admin": Role.ADMIN,
}


@dataclass(frozen=True)
class Rule:
    """Who may know of it; the others are refused with this code."""

    seen_by: frozenset[str]
    code: str


def _missing(*players: str) -> Rule:
    """For the others it is not there, in the same words as a row that is not there."""
    return Rule(frozenset(players), "NotFound")


def _forbidden(*players: str) -> Rule:
    """The others are refused without a look."""
    return Rule(frozenset(players), "NotYours")


BOOKING = _missing("owner", "hand", "admin")
MONEY = _missing("owner", "admin")
PROPERTY = _missing("owner", "admin")
CUSTOMER = _forbidden("owner", "admin")

RULES: dict[str, Rule] = {
    "booking_id": BOOKING,
    "progress_id": BOOKING,
    "payment_id": MONEY,
    "refund_id": MONEY,
    "car_id": PROPERTY,
    "vehicle_id": PROPERTY,
    "address_id": PROPERTY,
    "pickup_address_id": PROPERTY,
    "drop_address_id": PROPERTY,
    "customer_id": CUSTOMER,
    "mechanic_id": _forbidden("hand", "admin"),
}
EVERYBODYS: dict[str, str] = {
    "service_id": "the catalogue is open, a cart and a review are the caller's own",
    "service_ids": "lines of the booking that is judged already",
    "completed_service_ids": "lines of the booking that is judged already",
    "car_model_id": "a master",
    "car_class_id": "a master",
    "fuel_type_id": "a master",
    "fuel_type_ids": "reference_rows",
    "manufacturer_id": "a master",
    "area_id": "a master",
    "category_id": "a master",
    "service_categories": "reference_rows",
    "row_id": "a master",
    "type_id": "a master",
    "assignment_type_id": "a master",
    "payment_method_id": "a master",
    "pickup_timeslot_id": "a master",
    "drop_timeslot_id": "a master",
    "status_id": "a master",
    "content_id": "texts are open",
    "number": "documents of the booking, whose id is checked already",
    "name": "pictures are open to who knows the name",
    "razorpay_payment_id": "the signature is the proof",
    "razorpay_order_id": "the signature is the proof",
    "admin_id": "admins are one another's equals, and nobody else has the scope",
    "role_id": "roles are the admins'",
    "query_id": "answering is the admins'",
    "notification_id": "mails are the admins'",
    "backup_name": "backups are the admins'",
    "session_id": "it is looked for among the caller's own",
    "postgresql_backup": "backups are the admins'",
    "mongodb_backup": "backups are the admins'",
}
"""Ids that have no owner, and why."""
ELSEWHERE: dict[tuple[str, str], Rule] = {
    ("GET /mechanics/{mechanic_id}", "mechanic_id"): _forbidden("owner", "stranger", "hand", "admin"),
    ("POST /bookings/admin/assign", "mechanic_id"): _forbidden("admin"),
    ("GET /mechanics/absence", "mechanic_id"): _forbidden("admin"),
    ("POST /mechanics/absence", "mechanic_id"): _forbidden("admin"),
}
"""Routes on which an id is judged otherwise: customers see a mechanic's name and photo, admins assign anybody."""


def names_of_ids(operation: Operation, where: str) -> Iterator[str]:
    """The ids in its path, query or body."""
    if where != "body":
        names = [parameter["name"] for parameter in operation.parameters(where)]
        yield from (name for name in names if where == "path" or _is_an_id(name))
        return
    for way, _ in operation.fields():
        if isinstance(way[-1], str) and _is_an_id(way[-1]):
            yield way[-1]


def rule_of(operation: Operation, name: str) -> Rule | None:
    """How an id is judged on a route; None if it has no owner."""
    return ELSEWHERE.get((str(operation), name), RULES.get(name))


def access_refusal(operation: Operation, player: str) -> str:
    """The code that a player is refused with before anything is looked at; empty if they come in."""
    if player == "nobody":
        return "Unauthenticated" if operation.secured else ""
    role = ROLES[player]
    if not SCOPES[role].issuperset(operation.spec["x-scopes"]):
        return "ScopeRequired"
    if operation.secured and role not in operation.spec["x-roles"]:
        return "RoleRequired"
    return ""


def _is_an_id(name: str) -> bool:
    return name.endswith(("_id", "_ids", "_categories", "_backup"))


@dataclass(frozen=True)
class Listed:
    """By which field a list's rows are the owner's or not, what that field has then, and who gets such rows."""

    field: str
    value: str
    to: frozenset[str]


def _listed(field: str, value: str, *players: str) -> Listed:
    return Listed(field, value, frozenset(players))


OWNED_LISTS: dict[str, Listed] = {
    "GET /auth/sessions": _listed("id", "session_id", "owner"),
    "GET /customers/": _listed("id", "customer_id", "owner", "admin"),
    "GET /customers/cart": _listed("customer_id", "customer_id", "owner", "admin"),
    "GET /customers/favourite": _listed("customer_id", "customer_id", "owner", "admin"),
    "GET /car/": _listed("id", "car_id", "owner", "admin"),
    "GET /address/": _listed("id", "address_id", "owner", "admin"),
    "GET /queries/": _listed("id", "query_id", "owner", "admin"),
    "GET /bookings/": _listed("id", "booking_id", "admin"),
    "GET /bookings/customer": _listed("id", "booking_id", "owner"),  # an admin names the customer
    "GET /bookings/mechanic/assignments": _listed("id", "booking_id", "hand"),
    "GET /payment/": _listed("id", "payment_id", "owner", "admin"),
    "GET /payment/ledger": _listed("booking_id", "booking_id", "owner", "admin"),
    "GET /payment/refunds": _listed("id", "refund_id", "owner", "admin"),
    "GET /notification/logs": _listed("booking_id", "booking_id", "admin"),
    "GET /notification/notifications/logs": _listed("booking_id", "booking_id", "admin"),
    "GET /mechanics/": _listed("id", "mechanic_id", "owner", "stranger", "hand", "admin"),
    "GET /admins/": _listed("id", "admin_id", "admin"),
}
OTHER_LISTS: dict[str, str] = {
    "GET /bookings/{booking_id}/timeline": "the booking in the path is judged",
    "GET /car/{car_id}/history": "the car in the path is judged",
    "GET /services/review/{service_id}": "open, and says who wrote a review to its writer and admins alone",
    "GET /payment/takings": "sums of the shop",
    "GET /payment/reconciliations": "the shop's books",
    "GET /backup/list": "the shop's",
    "GET /pauses": "the same for everybody",
    "GET /rbac/roles": "the same for everybody",
    "GET /rbac/scopes": "the same for everybody",
    "GET /mechanics/assignment_type": "a master",
    "GET /utils/status": "a master",
    "GET /utils/payment-method": "a master",
    "GET /utils/timeslot": "a master",
    "GET /utils/closure": "the shop's calendar",
    "GET /utils/closure/{row_id}/bookings": "an admin alone comes in",
    "GET /mechanics/absence": "an admin alone comes in",
    "GET /mechanics/absence/{row_id}/bookings": "an admin alone comes in",
    "GET /car/models": "a master",
    "GET /car/class": "a master",
    "GET /car/fuel": "a master",
    "GET /car/manufacturer": "a master",
    "GET /address/area": "a master",
    "GET /services/": "the catalogue",
    "GET /services/category": "the catalogue",
    "GET /content/": "texts are open",
}
"""Lists whose rows are nobody's or everybody's, and why."""
