"""Every request and answer that the product's documents print, carried over letter by letter."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """What is asked and what is answered. ``facts``: fields whose value is as printed; the others are of its kind."""

    method: str
    path: str
    answer: Json
    form: str = ""
    body: Json = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    status: int = 200


LOGIN = Sample(
    "POST",
    "/auth/login",
    form="username=9841385379&password=Password@123",
    answer={"access_token": "eyJhbGciOiJIUzI1NiIs...", "token_type": "bearer"},
    facts=("token_type",),
)
LOGIN_BY_CURL = Sample(
    "POST",
    "/api/v1/auth/login",
    form="username=9841385379&password=your_password",
    answer={"access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...", "token_type": "bearer"},
    facts=("token_type",),
)
REFRESH = Sample(
    "POST",
    "/auth/refresh",
    answer={"access_token": "new_access_token", "token_type": "bearer"},
    facts=("token_type",),
)
LOGOUT = Sample("POST", "/auth/logout", answer={"message": "Successfully logged out"}, facts=("message",))
NEW_ADMIN = Sample(
    "POST",
    "/admins/",
    body={"first_name": "Akhil", "last_name": "Joseph", "email": "akhil@revcare.in", "phone": "9000000001"},
    answer={"id": "ADM000012", "first_name": "Akhil", "last_name": "Joseph", "email": "akhil@revcare.in"},
    facts=("first_name", "last_name", "email"),
    status=201,
)
GST = Sample(
    "PUT",
    "/gst/?percent=18",
    answer={"percent": "18%", "updated_by": "ADM000001", "updated_at": "ISODate"},
    facts=("updated_by",),
)
BOOKING = Sample(
    "POST",
    "/bookings/",
    body={
        "customer_id": "CST000210",
        "vehicle_id": 88,
        "pickup_type": "doorstep",
        "timeslot_id": 12,
        "services": [{"service_id": 45, "quantity": 1}, {"service_id": 52, "quantity": 1}],
        "notes": "Need quick turnaround",
    },
    answer={"id": 1, "customer": {}, "car": {}, "status": "booked"},
    facts=("status",),
    status=201,
)
OWN_BOOKINGS = Sample("GET", "/api/v1/bookings/customer", answer={})
PROGRESS = Sample(
    "POST",
    "/bookings/mechanic/progress",
    body={"booking_id": 1021, "service_id": 45, "status_id": 7, "notes": "Engine diagnostics completed"},
    answer={
        "id": 501,
        "booking_id": 1021,
        "status": "in-progress",
        "updated_by": "MEC000034",
        "timestamp": "2025-11-13T08:41:24Z",
    },
    facts=("status", "updated_by"),
    status=201,
)
FORBIDDEN = Sample(
    "POST",
    "/bookings/",
    body=BOOKING.body,
    answer={"status": 403, "message": "Forbidden", "detail": "WRITE:BOOKINGS scope required"},
    facts=("status", "message", "detail"),
    status=403,
)
QUERY: Json = {
    "customer_email": "customer@example.com",
    "query": "Query text",
    "response": "Admin response",
    "responded_by": "ADM000001",
    "created_at": "ISODate",
    "responded_at": "ISODate",
}
CONTENT: Json = {
    "content_id": "home_banner",
    "data": "https://cdn.example.com/banner.png",
    "updated_by": "ADM000001",
    "updated_at": "ISODate",
}
STATUSES = (400, 401, 403, 404, 409, 422)
"""What errors are printed to mean; the 500 of the same table is never answered."""
ROLE_IDS = {1: "admin", 2: "mechanic", 3: "customer"}
