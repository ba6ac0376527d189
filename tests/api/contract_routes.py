"""The routes of the contract, written down once: what a frontend was promised.

Names of path parameters and slashes at the end do not count.
"""

_CRUD = ("GET {0}", "POST {0}", "PUT {0}/{{}}", "DELETE {0}/{{}}")


def _kept(*paths: str) -> set[str]:
    """Rows that are listed, added, changed and removed."""
    return {route.format(path) for path in paths for route in _CRUD}


PEOPLE = {
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/logout",
    "GET /auth/me",
    "POST /auth/password/change",
    "POST /auth/password/reset/request",
    "POST /auth/password/reset/confirm",
    "GET /rbac/roles",
    "GET /rbac/scopes",
    "PUT /rbac/roles/{}/scopes",
    *_kept("/customers", "/mechanics", "/admins", "/mechanics/assignment_type"),
    "GET /customers/{}",
    "GET /mechanics/{}",
    "GET /admins/{}",
    "GET /customers/cart",
    "POST /customers/cart/{}",
    "DELETE /customers/cart/{}",
    "GET /customers/favourite",
    "POST /customers/favourite/{}",
    "DELETE /customers/favourite/{}",
}
CATALOGUE = {
    *_kept("/car/models", "/car/class", "/car/fuel", "/car/manufacturer", "/car"),
    "GET /car/{}",
    "GET /car/{}/history",
    *_kept("/address", "/address/area"),
    *_kept("/utils/status", "/utils/timeslot", "/utils/payment-method"),
    "POST /utils/images",
    "GET /uploads/{}",
    *_kept("/services", "/services/category"),
    "GET /services/{}",
    "GET /services/review/{}",
    "POST /services/review",
    "PUT /services/review/{}",
    "DELETE /services/review/{}",
}
BOOKINGS = {
    "POST /bookings",
    "GET /bookings",
    "GET /bookings/customer",
    "GET /bookings/{}",
    "GET /bookings/{}/timeline",
    "GET /bookings/{}/events",
    "PUT /bookings/{}/confirm-services",
    "GET /bookings/{}/cancellation",
    "PUT /bookings/{}/cancel",
    "PUT /bookings/{}/reschedule",
    "GET /bookings/{}/invoice",
    "GET /bookings/{}/invoice.pdf",
    "GET /bookings/{}/credit-notes/{}.pdf",
    "GET /bookings/admin/dashboard",
    "POST /bookings/admin/assign",
    "PUT /bookings/admin/progress/{}",
    "POST /bookings/admin/progress/{}/validate",
    "PUT /bookings/admin/analysis/{}",
    "POST /bookings/admin/analysis/{}/validate",
    "GET /bookings/mechanic/assignments",
    "POST /bookings/mechanic/analysis",
    "POST /bookings/mechanic/progress",
}
MONEY = {
    "POST /payment/verify",
    "POST /payment/webhook",
    "POST /payment/cash-on-delivery/{}",
    "POST /payment/verify-cod",
    "GET /payment",
    "GET /payment/{}",
    "GET /payment/refunds",
    "POST /payment/refunds/{}/retry",
}
OFFICE = {
    "GET /content",
    "GET /content/{}",
    "PUT /content",
    "GET /gst",
    "PUT /gst",
    "POST /queries",
    "GET /queries",
    "PUT /queries/{}/respond",
    "GET /notification/notifications/logs",
    "GET /notification/logs",
    "POST /notification/{}/resend",
    "POST /backup/create",
    "GET /backup/list",
    "POST /backup/restore",
    "DELETE /backup/delete/{}",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
}
CONTRACT = PEOPLE | CATALOGUE | BOOKINGS | MONEY | OFFICE

BESIDES = {
    "GET /pauses": "what the shop has paused, before anybody tries",
    "GET /utils/closure": "days on which the shop is closed, or open for a part of the day",
    "POST /utils/closure": "a day is closed; the answer has the bookings that have to be moved",
    "DELETE /utils/closure/{}": "the shop is open after all",
    "GET /utils/closure/{}/bookings": "the bookings that still have to be moved",
    "GET /mechanics/absence": "days on which mechanics are away",
    "POST /mechanics/absence": "a mechanic is away; the answer has the bookings with a job of theirs then",
    "DELETE /mechanics/absence/{}": "the mechanic is there after all",
    "GET /mechanics/absence/{}/bookings": "the bookings whose job still is somebody's who is away",
    "POST /auth/contact/undo": "the old address takes a change of phone or mail address back with the link of its mail",
    "GET /auth/sessions": "where one is logged in",
    "DELETE /auth/sessions/{}": "one of these sessions is ended",
    "GET /auth/second-factor": "whether an admin has a second factor",
    "POST /auth/second-factor": "an admin gets a secret for an app",
    "POST /auth/second-factor/confirm": "a code of the app; the answer has recovery codes",
    "POST /auth/second-factor/verify": "a code again, before what would do much harm",
    "POST /auth/second-factor/recovery-codes": "recovery codes in place of those that are left",
    "POST /auth/second-factor/disable": "an admin takes the second factor off",
    "GET /backup/{}": "creating and restoring answer 202 with where to look: here",
    "GET /customers/{}/export": "everybody may have what is held of them",
    "POST /bookings/admin/attention/{}": "an admin has looked at a booking that asked for attention",
    "GET /payment/ledger": "every paisa in and out as rows of its own",
    "GET /payment/takings": "the admin's view of money, by day and month",
    "GET /payment/reconciliations": "what the nightly comparison of the books has found",
    "POST /payment/reconciliations": "the comparison now",
}
"""What no list of routes names and something else in the contract needs."""

PRINTED = {
    # quick reference of the README
    "POST /auth/login", "POST /auth/refresh", "POST /auth/logout",
    "GET /customers", "POST /customers", "PUT /customers/{}", "DELETE /customers/{}",
    "POST /customers/cart/{}", "DELETE /customers/cart/{}",
    "POST /customers/favourite/{}", "DELETE /customers/favourite/{}",
    "POST /bookings", "GET /bookings/customer", "GET /bookings/{}", "PUT /bookings/{}/confirm-services",
    "PUT /bookings/{}/cancel", "GET /bookings/admin/dashboard", "POST /bookings/admin/assign",
    "POST /bookings/mechanic/progress", "POST /bookings/mechanic/analysis",
    "GET /services", "POST /services", "PUT /services/{}", "DELETE /services/{}",
    "GET /services/category", "GET /services/review/{}", "POST /services/review",
    "GET /car/models", "GET /car", "POST /car", "PUT /car/{}", "DELETE /car/{}",
    "POST /payment/verify", "POST /payment/cash-on-delivery/{}", "POST /payment/verify-cod",
    "GET /admins", "POST /admins", "PUT /admins/{}", "DELETE /admins/{}",
    "GET /mechanics", "POST /mechanics", "PUT /mechanics/{}", "DELETE /mechanics/{}",
    "GET /content/{}", "PUT /content", "PUT /gst", "POST /queries", "GET /queries", "PUT /queries/{}/respond",
    "POST /backup/create", "GET /backup/list", "POST /backup/restore", "DELETE /backup/delete/{}",
    # API documentation, what it adds
    "GET /admins/{}", "POST /services/category", "PUT /services/category/{}", "DELETE /services/category/{}",
    "PUT /services/review/{}", "PUT /bookings/admin/progress/{}", "POST /bookings/admin/progress/{}/validate",
    "PUT /bookings/admin/analysis/{}", "POST /bookings/admin/analysis/{}/validate",
    "GET /notification/notifications/logs", "GET /bookings/mechanic/assignments",
    "GET /mechanics/assignment_type", "POST /mechanics/assignment_type",
    "PUT /mechanics/assignment_type/{}", "DELETE /mechanics/assignment_type/{}",
    "GET /address", "POST /address", "PUT /address/{}", "DELETE /address/{}",
    "GET /address/area", "POST /address/area", "PUT /address/area/{}", "DELETE /address/area/{}",
    "GET /car/class", "GET /car/fuel", "GET /car/manufacturer",
    "GET /utils/status", "POST /utils/status", "GET /utils/timeslot",
}  # fmt: skip
"""Every path that is printed in the product's documents (its README, API documentation and architecture)."""
