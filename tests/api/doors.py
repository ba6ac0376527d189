"""Who may use which route, written down once more by hand."""

from domain.people import SCOPES, Role

ROLES = {"A": Role.ADMIN, "M": Role.MECHANIC, "C": Role.CUSTOMER}

OPEN = frozenset(
    {
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /customers/",
        "GET /car/models",
        "GET /car/class",
        "GET /car/fuel",
        "GET /car/manufacturer",
        "GET /address/area",
        "GET /utils/timeslot",
        "GET /services/",
        "GET /services/category",
        "GET /services/{service_id}",
        "GET /services/review/{service_id}",
        "GET /uploads/{name}",
        "GET /gst/",
        "GET /content/",
        "GET /content/{content_id}",
        "POST /queries/",
        "POST /auth/password/reset/request",
        "POST /auth/password/reset/confirm",
        "POST /payment/verify",
        "POST /payment/webhook",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }
)

# route: the scope, and the roles it is for
DOORS = {
    "POST /auth/logout": ("", "AMC"),
    "GET /auth/me": ("", "AMC"),
    "GET /customers/cart": ("READ:CART", "AMC"),
    "POST /customers/cart/{service_id}": ("WRITE:CART", "AC"),
    "DELETE /customers/cart/{service_id}": ("DELETE:CART", "AC"),
    "GET /customers/favourite": ("READ:FAVOURITES", "AMC"),
    "POST /customers/favourite/{service_id}": ("WRITE:FAVOURITES", "AC"),
    "DELETE /customers/favourite/{service_id}": ("DELETE:FAVOURITES", "AC"),
    "GET /rbac/roles": ("READ:RBAC", "AMC"),
    "GET /rbac/scopes": ("READ:RBAC", "AMC"),
    "PUT /rbac/roles/{role_id}/scopes": ("UPDATE:RBAC", "A"),
    "GET /customers/": ("READ:CUSTOMERS", "AMC"),
    "GET /customers/{customer_id}": ("READ:CUSTOMERS", "AMC"),
    "PUT /customers/{customer_id}": ("UPDATE:CUSTOMERS", "AC"),
    "DELETE /customers/{customer_id}": ("DELETE:CUSTOMERS", "AC"),
    "GET /mechanics/assignment_type": ("READ:UTILS", "AMC"),
    "POST /mechanics/assignment_type": ("WRITE:UTILS", "A"),
    "PUT /mechanics/assignment_type/{type_id}": ("UPDATE:UTILS", "A"),
    "DELETE /mechanics/assignment_type/{type_id}": ("DELETE:UTILS", "A"),
    "GET /mechanics/": ("READ:MECHANICS", "AMC"),
    "POST /mechanics/": ("WRITE:MECHANICS", "A"),
    "GET /mechanics/{mechanic_id}": ("READ:MECHANICS", "AMC"),
    "PUT /mechanics/{mechanic_id}": ("UPDATE:MECHANICS", "AM"),
    "DELETE /mechanics/{mechanic_id}": ("DELETE:MECHANICS", "A"),
    "GET /admins/": ("READ:ADMINS", "A"),
    "POST /admins/": ("WRITE:ADMINS", "A"),
    "GET /admins/{admin_id}": ("READ:ADMINS", "A"),
    "PUT /admins/{admin_id}": ("UPDATE:ADMINS", "A"),
    "DELETE /admins/{admin_id}": ("DELETE:ADMINS", "A"),
    "GET /car/": ("READ:CUSTOMER_CARS", "AMC"),
    "POST /car/": ("WRITE:CUSTOMER_CARS", "AC"),
    "GET /car/{car_id}": ("READ:CUSTOMER_CARS", "AMC"),
    "PUT /car/{car_id}": ("UPDATE:CUSTOMER_CARS", "AC"),
    "DELETE /car/{car_id}": ("DELETE:CUSTOMER_CARS", "AC"),
    "GET /car/{car_id}/history": ("READ:CUSTOMER_CARS", "AMC"),
    "GET /address/": ("READ:ADDRESSES", "AMC"),
    "POST /address/": ("WRITE:ADDRESSES", "AC"),
    "PUT /address/{address_id}": ("UPDATE:ADDRESSES", "AC"),
    "DELETE /address/{address_id}": ("DELETE:ADDRESSES", "AC"),
    "GET /utils/status": ("READ:UTILS", "AMC"),
    "GET /utils/payment-method": ("READ:UTILS", "AMC"),
    "POST /utils/images": ("", "AMC"),
    "POST /services/": ("WRITE:SERVICES", "A"),
    "PUT /services/{service_id}": ("UPDATE:SERVICES", "A"),
    "DELETE /services/{service_id}": ("DELETE:SERVICES", "A"),
    "POST /services/review": ("WRITE:SERVICE_REVIEWS", "AC"),
    "PUT /services/review/{service_id}": ("UPDATE:SERVICE_REVIEWS", "AC"),
    "DELETE /services/review/{service_id}": ("DELETE:SERVICE_REVIEWS", "AC"),
    "PUT /gst/": ("UPDATE:GST", "A"),
    "PUT /content/": ("UPDATE:CONTENT", "A"),
    "GET /queries/": ("READ:QUERIES", "AC"),
    "PUT /queries/{query_id}/respond": ("UPDATE:QUERIES", "A"),
    "POST /auth/password/change": ("", "AMC"),
    "GET /notification/logs": ("READ:NOTIFICATION_LOG", "A"),
    "GET /notification/notifications/logs": ("READ:NOTIFICATION_LOG", "A"),
    "POST /notification/{notification_id}/resend": ("WRITE:NOTIFICATION_LOG", "A"),
    "GET /bookings/admin/dashboard": ("READ:BOOKINGS", "A"),
    "POST /bookings/admin/assign": ("WRITE:BOOKING_ASSIGNMENT", "A"),
    "PUT /bookings/admin/progress/{progress_id}": ("UPDATE:BOOKING_PROGRESS", "A"),
    "POST /bookings/admin/progress/{progress_id}/validate": ("UPDATE:BOOKING_PROGRESS", "A"),
    "PUT /bookings/admin/analysis/{booking_id}": ("UPDATE:BOOKING_ANALYSIS", "A"),
    "POST /bookings/admin/analysis/{booking_id}/validate": ("UPDATE:BOOKING_ANALYSIS", "A"),
    "GET /bookings/mechanic/assignments": ("READ:BOOKING_ASSIGNMENT", "M"),
    "POST /bookings/mechanic/analysis": ("WRITE:BOOKING_ANALYSIS", "AM"),
    "POST /bookings/mechanic/progress": ("WRITE:BOOKING_PROGRESS", "AM"),
    "POST /bookings/": ("WRITE:BOOKINGS", "AC"),
    "GET /bookings/": ("READ:BOOKINGS", "A"),
    "GET /bookings/customer": ("READ:BOOKINGS", "AMC"),
    "GET /bookings/{booking_id}": ("READ:BOOKINGS", "AMC"),
    "GET /bookings/{booking_id}/timeline": ("READ:BOOKINGS", "AMC"),
    "GET /bookings/{booking_id}/events": ("READ:BOOKINGS", "AMC"),
    "PUT /bookings/{booking_id}/confirm-services": ("UPDATE:BOOKINGS", "AC"),
    "GET /bookings/{booking_id}/cancellation": ("READ:BOOKINGS", "AC"),
    "PUT /bookings/{booking_id}/cancel": ("UPDATE:BOOKINGS", "AC"),
    "PUT /bookings/{booking_id}/reschedule": ("UPDATE:BOOKINGS", "AC"),
    "GET /bookings/{booking_id}/invoice": ("READ:BOOKINGS", "AC"),
    "GET /bookings/{booking_id}/invoice.pdf": ("READ:BOOKINGS", "AC"),
    "GET /bookings/{booking_id}/credit-notes/{number}.pdf": ("READ:BOOKINGS", "AC"),
    "GET /payment/": ("READ:PAYMENTS", "AMC"),
    "GET /payment/ledger": ("READ:PAYMENTS", "AMC"),
    "GET /payment/takings": ("READ:PAYMENTS", "A"),
    "GET /payment/reconciliations": ("READ:PAYMENTS", "A"),
    "POST /payment/reconciliations": ("WRITE:PAYMENTS", "A"),
    "GET /payment/refunds": ("READ:REFUNDS", "AC"),
    "GET /payment/{payment_id}": ("READ:PAYMENTS", "AMC"),
    "POST /payment/cash-on-delivery/{booking_id}": ("WRITE:PAYMENTS", "AMC"),
    "POST /bookings/admin/attention/{booking_id}": ("UPDATE:PAYMENTS", "A"),
    "POST /payment/verify-cod": ("WRITE:PAYMENTS", "AM"),
    "POST /payment/refunds/{refund_id}/retry": ("WRITE:REFUNDS", "A"),
    "POST /backup/create": ("WRITE:BACKUP", "A"),
    "GET /backup/list": ("READ:BACKUP", "A"),
    "POST /backup/restore": ("WRITE:BACKUP", "A"),
    "DELETE /backup/delete/{backup_name}": ("DELETE:BACKUP", "A"),
    "GET /backup/{backup_name}": ("READ:BACKUP", "A"),
}

# Reference tables: POST, and PUT and DELETE of a row, for admins.
_MASTERS = {
    "/car/models": "CARS",
    "/car/class": "CARS",
    "/car/fuel": "CARS",
    "/car/manufacturer": "CARS",
    "/address/area": "AREAS",
    "/utils/status": "UTILS",
    "/utils/timeslot": "UTILS",
    "/utils/payment-method": "UTILS",
    "/services/category": "SERVICE_CATEGORIES",
}
for _path, _resource in _MASTERS.items():
    DOORS[f"POST {_path}"] = (f"WRITE:{_resource}", "A")
    DOORS[f"PUT {_path}/{{row_id}}"] = (f"UPDATE:{_resource}", "A")
    DOORS[f"DELETE {_path}/{{row_id}}"] = (f"DELETE:{_resource}", "A")


def fitting(name: str) -> str:
    """The letters of the roles that a route is for; one with nobody's token where it is open."""
    return "-" if name in OPEN else DOORS[name][1]


def refusal_for(name: str, letter: str) -> tuple[str, str] | None:
    """The code and the words that somebody of that role must get, or None where they may."""
    scope, letters = DOORS[name]
    if scope and scope not in SCOPES[ROLES[letter]]:
        return "ScopeRequired", f"{scope} scope required"
    return ("RoleRequired", "") if letter not in letters else None
